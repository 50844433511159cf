using Sluice.Orchestration;

namespace Sluice.Server.Transitions;

/// <summary>What becomes of a proposed state.</summary>
/// <param name="Status">The answer.</param>
/// <param name="Next">The state to write; null leaves the run as it is.</param>
/// <param name="Policy">The run's retry policy afterwards.</param>
/// <param name="Reason">Why, where it was not simply taken.</param>
/// <param name="DelaySeconds">How long to wait, with WAIT.</param>
internal sealed record Outcome(SetStateStatus Status, State? Next, FlowRunPolicy Policy, string? Reason = null, int? DelaySeconds = null);
