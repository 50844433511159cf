namespace Sluice.Orchestration;

/// <summary>A run whose lease is renewed.</summary>
/// <param name="FlowRunId">The run.</param>
/// <param name="Attempt">The claim for which it is renewed (the transition id of its PENDING state): a run that another one holds by now is ignored. Null renews whoever holds it.</param>
public readonly record struct RunLease(Guid FlowRunId, Guid? Attempt = null)
{
    /// <summary>A run, whoever holds it.</summary>
    /// <param name="flowRunId">The run.</param>
    public static implicit operator RunLease(Guid flowRunId) => new(flowRunId);
}
