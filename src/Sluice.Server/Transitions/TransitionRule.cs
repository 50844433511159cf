using Sluice.Orchestration;

namespace Sluice.Server.Transitions;

/// <summary>A row of the table of rules. A rule may object, or add to a state that no rule objects to.</summary>
/// <param name="Name">Prefect's name of it.</param>
/// <param name="From">From which types of state it applies; null is any, that of a run without a state included.</param>
/// <param name="To">To which types of state it applies; null is any.</param>
internal sealed record TransitionRule(string Name, StateType[]? From, StateType[]? To)
{
    /// <summary>Null where the rule does not object.</summary>
    public Func<Transition, Outcome?>? Judge { get; init; }

    /// <summary>What a state that is taken gets besides.</summary>
    public Func<Transition, StateDetails, StateDetails>? Complete { get; init; }

    /// <summary>What the taken state means for the run's policy.</summary>
    public Func<Transition, FlowRunPolicy, FlowRunPolicy>? Follow { get; init; }

    public bool Applies(Transition t) => (From is null || t.FromType is { } from && From.Contains(from)) && (To is null || To.Contains(t.To.Type));
}
