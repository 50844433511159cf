namespace Sluice.Orchestration;

/// <summary>Why a proposed state was not taken.</summary>
public sealed record OrchestrationDetails
{
    /// <summary><c>accept_details</c>, <c>reject_details</c>, <c>abort_details</c> or <c>wait_details</c>.</summary>
    public required string Type { get; init; }

    /// <summary>For people.</summary>
    public string? Reason { get; init; }

    /// <summary>How long to wait, with WAIT.</summary>
    public double? DelaySeconds { get; init; }
}
