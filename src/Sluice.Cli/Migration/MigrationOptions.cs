namespace Sluice.Cli.Migration;

/// <summary>What a migration copies and how.</summary>
internal sealed record MigrationOptions
{
    /// <summary>What is copied.</summary>
    public IReadOnlySet<MigrationKind> Kinds { get; init; } = MigrationKinds.Default;

    /// <summary>Whether the user named the kinds; blocks are mentioned only where they did not.</summary>
    public bool IsSelective { get; init; }

    /// <summary>Whether secrets of blocks are copied.</summary>
    public bool WithSecrets { get; init; }

    /// <summary>Whether deployments and schedules become active at the target as they are at the source.</summary>
    public bool Activate { get; init; }
}
