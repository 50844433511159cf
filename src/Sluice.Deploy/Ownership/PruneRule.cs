namespace Sluice.Deploy.Ownership;

/// <summary>What becomes of deployments that a publish created and the code no longer has: <c>SluicePrune</c>.</summary>
public enum PruneRule
{
    /// <summary>They are named, and stay as they are.</summary>
    Report,

    /// <summary>They are paused.</summary>
    Pause,

    /// <summary>They are deleted with the runs that wait; other runs stay as history.</summary>
    Delete,
}
