using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>What happens to one object.</summary>
internal enum MigrationAction
{
    Create,
    Update,
    Unchanged,

    /// <summary>The target cannot hold it; the notes say why.</summary>
    NotPortable,

    /// <summary>A person has to set it; the notes say how.</summary>
    ByHand,
}

/// <summary>One object of the source and what is to be done at the target.</summary>
/// <param name="Kind">As people name it: <c>deployment</c>, <c>queue</c>, …</param>
/// <param name="Name">Its name.</param>
/// <param name="Action">What is to be done.</param>
internal sealed record MigrationItem(string Kind, string Name, MigrationAction Action)
{
    /// <summary>The fields that differ, for an update.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>What is not carried over, and why.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Does it; null where there is nothing to do, or where it is <see cref="Apply"/>.</summary>
    public Func<CancellationToken, Task>? Write { get; init; }

    /// <summary>The deployment to be applied; several go at once where the target can.</summary>
    public DeploymentApply? Apply { get; init; }

    /// <summary>What the target had when <see cref="Apply"/> was planned; null where it is new.</summary>
    public Deployment? Live { get; init; }

    /// <summary>Whether it is a deployment that runs at the source and waits for <c>--activate</c> at the target.</summary>
    public bool Waits { get; init; }

    /// <summary>Why it failed, after it was tried.</summary>
    public string? Error { get; init; }

    /// <summary>Whether something is written.</summary>
    public bool IsWrite => Action is MigrationAction.Create or MigrationAction.Update;

    /// <summary>An object that is created where the target lacks it, updated where fields differ, and else left alone.</summary>
    public static MigrationItem Of(string kind, string name, bool exists, IReadOnlyList<string> fields, Func<CancellationToken, Task> write, IReadOnlyList<string>? notes = null) =>
        exists && fields.Count == 0
            ? new(kind, name, MigrationAction.Unchanged) { Notes = notes ?? [] }
            : new(kind, name, exists ? MigrationAction.Update : MigrationAction.Create) { Fields = exists ? fields : [], Write = write, Notes = notes ?? [] };
}
