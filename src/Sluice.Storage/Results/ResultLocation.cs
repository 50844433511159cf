using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Results;

/// <summary>
/// Where the result of a flow run lies: <c>results/SLUG/RUN-CLAIM.json</c> in the store of its package, beside the packages' folders so that rules for how long
/// they are kept can differ. Every claim of a run has a name of its own, and the run's state says which one counts: what a dead attempt still writes replaces nothing.
/// </summary>
/// <param name="Store">The store's URI, without secrets.</param>
/// <param name="Key">The object's key in it.</param>
public sealed partial record ResultLocation(Uri Store, string Key)
{
    /// <summary>The first segment of every result's key.</summary>
    public const string Folder = "results";

    /// <summary>The folder for results of a package's runs; null where results do not go beside it: webhooks keep packages and nothing else.</summary>
    internal static Uri? FolderOf(PackageReference package, PackageManifest manifest) =>
        !package.Location.Scheme.StartsWith("webhook", StringComparison.Ordinal) && PlaceOf(package, manifest) is { } folder && StoreUri.StoreOf(package.Location, folder) is { } store
            ? StoreUri.Append(store, $"{Folder}/{folder.Split('/')[0]}")
            : null;

    // A machine keeps what has the same digest once, with the manifest of the place that it came from first: of an environment's copy, or of another store.
    private static string PlaceOf(PackageReference package, PackageManifest manifest) =>
        StoreUri.StoreOf(package.Location, manifest.Folder) is null && Stamped().Match(Uri.UnescapeDataString(package.Location.AbsolutePath.TrimEnd('/'))) is { Success: true } own
            ? own.Groups[1].Value
            : manifest.Folder;

    [GeneratedRegex("/([a-z0-9-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{6}-00-00)$")]
    private static partial Regex Stamped();

    /// <summary>A new place for a run's result.</summary>
    /// <param name="folder"><see cref="CachedPackage.Results"/> of its package.</param>
    /// <param name="flowRunId">The run.</param>
    public static ResultLocation Next(Uri folder, Guid flowRunId) =>
        TryParse(StoreUri.Append(folder, $"{flowRunId:D}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.json").AbsoluteUri)
        ?? throw new ArgumentException($"'{folder}' is no folder of results.", nameof(folder));

    /// <summary>Reads the text that a run's state carries. The answer is null when it names no result in a store.</summary>
    public static ResultLocation? TryParse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? location) || location.AbsolutePath.Split('/') is not [.. var root, Folder, var slug, var name])
            return null;
        string key = string.Join('/', new[] { Folder, slug, name }.Select(Uri.UnescapeDataString));
        return StoreKey.Refuse(key) is null && StoreUri.StoreOf(location, key) is { } store ? new(store, key) : null;
    }

    /// <summary>The text, as <c>s3://bucket/prefix/results/weather-report/….json?region=eu-central-1</c>.</summary>
    public override string ToString() => StoreUri.Append(Store, Key).AbsoluteUri;
}
