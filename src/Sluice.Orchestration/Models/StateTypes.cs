namespace Sluice.Orchestration;

/// <summary>Facts about <see cref="StateType"/>.</summary>
public static class StateTypes
{
    /// <summary>True for COMPLETED, FAILED, CANCELLED and CRASHED.</summary>
    public static bool IsFinal(this StateType type) =>
        type is StateType.Completed or StateType.Failed or StateType.Cancelled or StateType.Crashed;
}
