using Sluice.Storage.Git;
using Sluice.Storage.Labels;

namespace Sluice.Deploy.Provenance;

/// <summary>Where a publish comes from: read from the git working tree, and from what CI systems say in variables where the tree does not tell.</summary>
public sealed record BuildFacts
{
    /// <summary>The commit; null outside any repository.</summary>
    public string? Commit { get; init; }

    /// <summary>The branch; of a pull request, its source.</summary>
    public string? Branch { get; init; }

    /// <summary>Who wrote the commit, as <c>Ada Example &lt;ada@example.org&gt;</c>; where git does not tell, who started the CI job.</summary>
    public string? Author { get; init; }

    /// <summary>Whether files differ from the commit; null where nobody knows.</summary>
    public bool? Dirty { get; init; }

    /// <summary>The repository's address, without any credentials.</summary>
    public string? Repository { get; init; }

    /// <summary>The project, as its path in the repository: <c>src/Weather/Weather.csproj</c>; null where none is known, as for a file's apply, and outside any repository.</summary>
    public string? Project { get; init; }

    /// <summary>The .NET SDK that built, as <c>10.0.100</c>.</summary>
    public string? Sdk { get; init; }

    /// <summary>The CI system, as <c>GitHub Actions</c>, else the machine's name.</summary>
    public required string Builder { get; init; }

    /// <summary>The page of the CI job; null elsewhere.</summary>
    public string? BuildUrl { get; init; }

    /// <summary>When, by the publisher's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Reads them. What cannot be told is null, and stops nothing.</summary>
    /// <param name="request">Says the project, the commit that the build knows, and the SDK.</param>
    /// <param name="environment">Gives variables and the time.</param>
    /// <param name="cancellationToken">Ends git.</param>
    public static async Task<BuildFacts> ReadAsync(DeployRequest request, DeployEnvironment environment, CancellationToken cancellationToken)
    {
        string? project = Said(request.EntryPointFile) ?? Said(request.Project);
        BuildFacts facts = await ReadAsync(Path.GetDirectoryName(project ?? request.Assembly), request.Commit, request.Sdk, environment.Variable, environment.Time, cancellationToken).ConfigureAwait(false);
        return project is not null && TreeFacts.RootOf(Path.GetDirectoryName(Path.GetFullPath(project))!) is { } root ? facts with { Project = Path.GetRelativePath(root, Path.GetFullPath(project)).Replace('\\', '/') } : facts;
    }

    /// <summary>Reads them for a folder.</summary>
    /// <param name="folder">A folder in the working tree; null for none.</param>
    /// <param name="commit">The commit that the build knows; null to ask git.</param>
    /// <param name="sdk">The SDK's version.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends git.</param>
    public static async Task<BuildFacts> ReadAsync(string? folder, string? commit, string? sdk, Func<string, string?> variable, TimeProvider time, CancellationToken cancellationToken)
    {
        TreeFacts? tree = folder is { Length: > 0 } ? await TreeFacts.ReadAsync(folder, cancellationToken).ConfigureAwait(false) : null;
        CiFacts? ci = CiFacts.Of(variable);
        return new()
        {
            Commit = Said(commit) ?? tree?.Commit ?? ci?.Commit,
            Branch = tree?.Branch ?? ci?.Branch,
            Author = tree?.Author ?? ci?.Author,
            Dirty = tree?.Dirty,
            Repository = tree?.Remote ?? ci?.Repository,
            Sdk = Said(sdk),
            Builder = ci?.System ?? HostName.Current(variable),
            BuildUrl = ci?.BuildUrl,
            Time = time.GetUtcNow(),
        };
    }

    private static string? Said(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
