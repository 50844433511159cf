using Sluice.Deploy.Provenance;
using Sluice.Storage.Trust;

namespace Sluice.Deploy.Ownership;

/// <summary>Which project something was published by, as far as git tells: two of one assembly name are one app to a server, and two here.</summary>
/// <param name="Repository">The repository's address; null where its tree has no remote.</param>
/// <param name="Project">The project's path in it.</param>
internal sealed record ProjectIdentity(string? Repository, string Project)
{
    /// <summary>That of a publish; null where nobody knows.</summary>
    public static ProjectIdentity? Of(BuildFacts? facts) => facts?.Project is { Length: > 0 } project ? new(facts.Repository, project) : null;

    /// <summary>Whether both are known, and two.</summary>
    public bool IsOther(ProjectIdentity? other) => other is not null && (Repository, other.Repository) switch
    {
        (null, null) => !IsSamePath(other),
        ({ } mine, { } its) => !IsSamePath(other) || !RepositoryAddress.IsSame(mine, its),
        // One of the two trees has no remote yet.
        _ => false,
    };

    /// <summary>For people.</summary>
    public override string ToString() => Repository is null ? Project : $"{Project} of {Repository}";

    private bool IsSamePath(ProjectIdentity other) => string.Equals(Project, other.Project, StringComparison.OrdinalIgnoreCase);
}
