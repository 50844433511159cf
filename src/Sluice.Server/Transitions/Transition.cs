using Sluice.Orchestration;

namespace Sluice.Server.Transitions;

/// <summary>A proposed change of state with all that the rules look at.</summary>
internal sealed record Transition
{
    /// <summary>The state that holds, or null for a run without one.</summary>
    public required State? From { get; init; }

    /// <summary>The proposed state, completed: id, name and time are set.</summary>
    public required State To { get; init; }

    /// <summary>The run.</summary>
    public required RunFacts Run { get; init; }

    /// <summary>Whether it is proposed by an attempt that does not hold the run any more.</summary>
    public bool IsOfLostAttempt { get; init; }

    /// <summary>Whether a worker of ours claims the run, which takes a lease with it.</summary>
    public bool IsClaim { get; init; }

    /// <summary>The clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Makes the ids of states that a rule puts in place of the proposed one.</summary>
    public required Func<Guid> NewId { get; init; }

    public StateType? FromType => From?.Type;
}

/// <summary>What the rules know of a run.</summary>
internal sealed record RunFacts
{
    public FlowRunPolicy Policy { get; init; } = new();

    public int RunCount { get; init; }

    public bool HasDeployment { get; init; }

    /// <summary>Whether its deployment was deleted.</summary>
    public bool LacksDeployment { get; init; }

    public bool IsSubflow { get; init; }

    /// <summary>The work queue or pool whose concurrency limit leaves no room for the claim.</summary>
    public string? FullAt { get; init; }

    public string? InfrastructurePid { get; init; }

    /// <summary>The concurrency limit of its deployment.</summary>
    public SlotFacts? Slots { get; init; }
}

/// <summary>A deployment's concurrency limit and how much of it is taken.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Taken">Slots that other runs of the deployment hold.</param>
/// <param name="CancelNew">Whether a run beyond the limit is cancelled, not enqueued.</param>
/// <param name="Held">Whether the run itself holds a slot.</param>
/// <param name="Grace">How long a claimed slot is held for a run that neither starts nor renews it.</param>
internal sealed record SlotFacts(int Limit, int Taken, bool CancelNew, bool Held, TimeSpan Grace)
{
    /// <summary>Prefect's grace where the deployment names none.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(300);

    public bool Free => Taken < Limit;
}
