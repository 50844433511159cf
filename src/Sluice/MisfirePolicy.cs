namespace Sluice;

/// <summary>What becomes of due times that passed while no scheduler looked. Applied by the embedded server; a Prefect server always does as <see cref="Skip"/> says.</summary>
public enum MisfirePolicy
{
    /// <summary>
    /// As Prefect does: due times without a run are passed over, and runs that were made ahead (at least three, and an hour's) run late, each of them.
    /// </summary>
    Skip,

    /// <summary>One run for all of them, at the last missed due time. Its context says how many it stands for and since when.</summary>
    RunOnce,

    /// <summary>A run for each of them, at most the latest <c>MaxMisfires</c>.</summary>
    RunAll,
}
