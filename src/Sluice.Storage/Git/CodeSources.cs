using Sluice.Storage.Blocks;
using Sluice.Storage.Git.Systems;
using Sluice.Storage.Options;

namespace Sluice.Storage.Git;

/// <summary>Opens a code source by its URI. One place knows the schemes.</summary>
public static class CodeSources
{
    private static readonly Dictionary<string, GitSystem> s_systems = new(StringComparer.Ordinal)
    {
        ["github"] = new GitHubSystem(),
        ["gitlab"] = new GitLabSystem(),
        ["bitbucket"] = new BitbucketSystem(),
        ["codecommit"] = new CodeCommitSystem(),
        ["git+https"] = new PlainGitSystem(),
        ["git+http"] = new PlainGitSystem(),
        ["git+ssh"] = new SshGitSystem(),
    };

    /// <summary>The options of each scheme, by the names that they have in a URI's query.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<StoreOption>> Options { get; } = s_systems.ToDictionary(system => system.Key, system => system.Value.Known, StringComparer.Ordinal);

    /// <summary>Whether a URI names source rather than a store of packages.</summary>
    public static bool Serves(Uri location) => location.IsAbsoluteUri
        && (s_systems.ContainsKey(location.Scheme) || (location.Scheme == BlockUri.Scheme && BlockKinds.Find(location.Host)?.Use == BlockUse.Source));

    /// <summary>Opens the source. Nothing is asked before the first call on it.</summary>
    /// <param name="location">The source's URI.</param>
    /// <param name="sources">Gives what <c>${NAME}</c> in the URI's options means, and the tokens that systems have by default; null for the environment alone.</param>
    /// <exception cref="StorageException">Of kind Invalid: a scheme nobody serves, or a URI that is malformed.</exception>
    public static ICodeSource Open(Uri location, StorageSources? sources = null) => location.IsAbsoluteUri && location.Scheme == BlockUri.Scheme
        ? new BlockCodeSource(location, sources ?? StorageSources.Environment)
        : Open(location, sources, TimeProvider.System, GitLimits.Default);

    internal static GitSource Open(Uri location, StorageSources? sources, TimeProvider time, GitLimits limits)
    {
        if (!location.IsAbsoluteUri || SystemOf(location) is not { } system)
        {
            throw new StorageException(StorageErrorKind.Invalid,
                $"No code source serves '{(location.IsAbsoluteUri ? StorageLocation.Shown(location) : StorageLocation.Shown(location.OriginalString))}'. Known schemes: {string.Join(", ", s_systems.Keys)}.");
        }
        return new GitSource(location, system, (sources ?? StorageSources.Environment).Secrets, time, limits);
    }

    /// <summary>Who serves a URI; null for nobody.</summary>
    internal static GitSystem? SystemOf(Uri location) => s_systems.GetValueOrDefault(location.Scheme);
}
