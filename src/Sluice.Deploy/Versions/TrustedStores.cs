using Sluice.Storage;

namespace Sluice.Deploy.Versions;

/// <summary>
/// Which places of pointers and records are opened. Both are what a server says, and whoever may write a deployment may write them: a store that the user names is opened with the
/// user's own options, another one only where its URI can take no secret of this machine anywhere.
/// </summary>
internal sealed class TrustedStores(IEnumerable<Uri>? named)
{
    private readonly Uri[] _named = [.. named ?? []];

    /// <summary>The store to open for one that a pointer names.</summary>
    /// <exception cref="StorageException">Of kind Invalid: nobody here names it, and it may take a secret somewhere.</exception>
    public Uri Of(Uri store) => Find(store) ?? throw Foreign(store, "A deployment says that its record lies in");

    /// <summary>As <see cref="Of"/>; null where it is not to be opened.</summary>
    public Uri? Find(Uri store) => _named.FirstOrDefault(one => Place(one) == Place(store)) ?? (IsHarmless(store) ? store : null);

    /// <summary>Checks the place of a package that a record names.</summary>
    /// <exception cref="StorageException">As <see cref="Of"/>.</exception>
    public void Check(Uri package)
    {
        if (!Looks(package))
            throw Foreign(package, "A record says that its package lies in");
    }

    /// <summary>Whether the place of a package that a server or a record names is opened.</summary>
    public bool Looks(Uri package)
    {
        // What is sent to a webhook beside its address is written in its options alone.
        bool isPlainHook = package.Scheme.StartsWith("webhook+", StringComparison.Ordinal) && !Refers(package) && package.UserInfo.Length == 0;
        return isPlainHook || IsHarmless(package) || _named.Any(one => one.Query == package.Query && $"{Place(package)}/".StartsWith($"{Place(one)}/", StringComparison.Ordinal));
    }

    private static bool IsHarmless(Uri store) => store.UserInfo.Length == 0 && !Refers(store) && store.Scheme switch
    {
        // A host would be a share, which Windows signs in to; so would two separators, however they are written.
        "file" => store.Host.Length == 0 && Uri.UnescapeDataString(store.AbsolutePath) is not ['/' or '\\', '/' or '\\', ..],
        // What signs its requests sends no secret, wherever they go.
        "s3" or "block" => true,
        "gs" or "az" or "rclone" => store.Query.Length == 0,
        _ => false,
    };

    private static bool Refers(Uri store) => Uri.UnescapeDataString(store.OriginalString).Contains("${", StringComparison.Ordinal);

    private static StorageException Foreign(Uri place, string who) => new(StorageErrorKind.Invalid,
        $"{who} {StorageLocation.Shown(place)}, whose options may take secrets of this machine there, and nobody here names that store: where it is yours, set {VersionRecords.StoresVariable} to its whole URI.");

    private static string Place(Uri store) => store.GetComponents(UriComponents.SchemeAndServer | UriComponents.UserInfo | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
}
