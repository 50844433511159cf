using System.Net;
using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary>What differs between systems: the form of their URIs, where they are, and how they sign in.</summary>
internal abstract class GitSystem
{
    /// <summary>Options of every system.</summary>
    protected static IReadOnlyList<StoreOption> Common { get; } =
    [
        new("path", "Path of the project, `.cs` file or folder in the repository, as src/App/App.csproj. Default: the published project's."),
        new("ref", "Branch, tag or full commit that a publish must be at. Default: any pushed commit."),
        new("include_git_objects", "Whether the worker keeps the folder .git, for builds that read it. Default: false.", Values: ["true", "false"]),
        new("float", "Whether each run takes the commit that ref, else the default branch, names when it starts. Default: false, the published commit.", Values: ["true", "false"]),
    ];

    /// <summary>The options by name.</summary>
    public abstract IReadOnlyList<StoreOption> Known { get; }

    /// <summary>Refuses a malformed URI.</summary>
    public abstract void Check(Uri location, StoreOptions options);

    /// <summary>Where the repository is and what signs in.</summary>
    public abstract ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken);

    /// <summary>The path in the repository that the URI's own path goes on with; null for none.</summary>
    public virtual string? PathBehindRepository(Uri location) => null;

    /// <summary>The URI's own path as far as it names the repository.</summary>
    public static string RepositoryPart(Uri location) =>
        location.Scheme == "github" ? "/" + location.AbsolutePath.Trim('/').Split('/')[0] : location.AbsolutePath.TrimEnd('/');

    /// <summary>Authority and path of the URI, unescaped.</summary>
    protected static string[] Segments(Uri location) =>
        [location.Host, .. location.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

    /// <summary>Refuses what no system's URI has: a user, who may come with a password, and a port.</summary>
    protected static void CheckAuthority(Uri location, string form)
    {
        if (location.UserInfo.Length > 0)
            throw Invalid($"The storage '{StoreOptions.Shown(WithoutUser(location))}' has a user before '@': a URI is no place for credentials. Write it as {form}.");
        if (!location.IsDefaultPort || location.Host.Length == 0)
            throw Malformed(location, form);
    }

    protected static StorageException Malformed(Uri location, string form) => Invalid($"The storage '{StoreOptions.Shown(location)}' names no repository: write it as {form}.");

    protected static StorageException Invalid(string message) => new(StorageErrorKind.Invalid, message);

    /// <summary>A secret option, else the secret that is its default.</summary>
    protected static async ValueTask<string?> SecretAsync(StoreOptions options, string option, string name, ISecretSource secrets, CancellationToken cancellationToken) =>
        await options.GetAsync(option, cancellationToken).ConfigureAwait(false) ?? await secrets.FindAsync(name, cancellationToken).ConfigureAwait(false);

    /// <summary>The address of an installation: https unless it says otherwise, and http for this machine alone.</summary>
    /// <param name="host">As <c>git.example</c>, <c>git.example:8443</c> or <c>https://git.example/prefix</c>; null for the system's own.</param>
    /// <param name="own">The system's own.</param>
    /// <param name="location">For messages.</param>
    protected static string Base(string? host, string own, Uri location)
    {
        string text = host ?? own;
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out Uri? address)
            || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Host.Length == 0)
            throw Invalid($"The option host of the storage {StoreOptions.Shown(location)} is no address: write it as git.example or https://git.example/prefix, without a user.");
        if (address.Scheme == "http" && !IsLoopback(address))
            throw Invalid($"The option host of the storage {StoreOptions.Shown(location)} is '{address.AbsoluteUri.TrimEnd('/')}', over which a token would travel in plain text: use https.");
        return address.AbsoluteUri.TrimEnd('/');
    }

    protected static bool IsLoopback(Uri address) => address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));

    protected static string Escape(IEnumerable<string> segments) => string.Join('/', segments.Select(Uri.EscapeDataString));

    private static Uri WithoutUser(Uri location) => new UriBuilder(location) { UserName = "", Password = "" }.Uri;
}
