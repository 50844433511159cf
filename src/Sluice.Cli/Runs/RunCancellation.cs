using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Asks for the end of a run.</summary>
internal static class RunCancellation
{
    /// <summary>The state the run is in now: Cancelling where something runs, Cancelled where nothing did. A run that has ended is an error.</summary>
    public static async Task<State?> RequestAsync(IOrchestrationApi api, FlowRun run, CancellationToken cancellationToken)
    {
        if (run.StateType?.IsFinal() == true)
            throw new CliException($"flow run '{run.Name}' has ended already: {run.StateName}");
        var cancelling = new StateCreate { Type = StateType.Cancelling, StateDetails = new() { TransitionId = Guid.NewGuid() } };
        OrchestrationResult result = await api.SetFlowRunStateAsync(run.Id, cancelling, default, cancellationToken);
        return result switch
        {
            { Status: SetStateStatus.Accept } => result.State,
            // A run that nobody has started goes to Cancelled at once, which travels as a rejection with that state.
            { Status: SetStateStatus.Reject, State: { Type: StateType.Cancelled or StateType.Cancelling } } => result.State,
            _ => throw new CliException($"flow run '{run.Name}' cannot be cancelled: {result.Details.Reason ?? result.State?.Name}"),
        };
    }
}
