namespace Sluice.Runtime;

/// <summary>Why a run is stopped before its end.</summary>
internal enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The server says that it is to be cancelled, or was.</summary>
    Cancelled,

    /// <summary>The server does not know it any more.</summary>
    Deleted,

    /// <summary>The server gave this attempt up, since it showed no sign of life: another one may be running.</summary>
    Lost,

    /// <summary>Its slot under the deployment's concurrency limit could not be kept: another run may have it.</summary>
    SlotLost,

    /// <summary>SIGINT: a person pressed Ctrl+C.</summary>
    Interrupted,

    /// <summary>SIGTERM: a worker or the system ends the process.</summary>
    Terminated,
}
