using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>What a schedule has beyond Prefect's: how its columns hold it, and what it may be.</summary>
internal static class ScheduleOptions
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 10_000;

    public static string Text(ScheduleMisfire? misfire) => misfire switch
    {
        ScheduleMisfire.RunOnce => "run_once",
        ScheduleMisfire.RunAll => "run_all",
        _ => "skip",
    };

    public static ScheduleMisfire Misfire(string text) => text switch
    {
        "run_once" => ScheduleMisfire.RunOnce,
        "run_all" => ScheduleMisfire.RunAll,
        _ => ScheduleMisfire.Skip,
    };

    public static string Text(ScheduleDst? dst) => dst == ScheduleDst.VixieLike ? "vixie_like" : "prefect_compatible";

    public static ScheduleDst Dst(string text) => text == "vixie_like" ? ScheduleDst.VixieLike : ScheduleDst.PrefectCompatible;

    /// <summary>How many missed due times are made up for: the given, else the live number; null where the policy has none.</summary>
    public static int? Limit(ScheduleMisfire? misfire, int? given, int? live, string at)
    {
        if (given is < 1 or > MaxLimit)
            throw Refuse.Invalid($"{at}.max_misfires", $"max_misfires must be from 1 to {MaxLimit}, found {given}.");
        return misfire == ScheduleMisfire.RunAll ? given ?? live ?? DefaultLimit : null;
    }
}
