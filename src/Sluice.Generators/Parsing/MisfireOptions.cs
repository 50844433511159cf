using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>Reads what the embedded server knows beyond Prefect's schedules: Misfire, MaxMisfires and Dst of an attribute. Values are those of Sluice's enums.</summary>
internal static class MisfireOptions
{
    public const int MaxLimit = 10_000;
    public const int DefaultLimit = 100;

    private const int RunAll = 2;
    private static readonly string[] s_policies = ["skip", "run_once", "run_all"];
    private static readonly string[] s_dst = ["prefect_compatible", "vixie_like"];

    /// <summary>As the manifest names it; null where it is the default or no such policy.</summary>
    public static string? Policy(ScheduleArguments schedule) => Name(schedule.Misfire, s_policies);

    /// <summary>As the manifest names it; null where it is the default or no such policy.</summary>
    public static string? Dst(ScheduleArguments schedule) => Name(schedule.Dst, s_dst);

    /// <summary>Where it says something: with RunAll, other than the default, and possible.</summary>
    public static int? Limit(ScheduleArguments schedule) =>
        RunsAll(schedule) && schedule.MaxMisfires is >= 1 and <= MaxLimit and not DefaultLimit and var limit ? limit : null;

    public static bool RunsAll(ScheduleArguments schedule) => schedule.Misfire is RunAll;

    /// <summary>Whether the argument is a value that its enum has.</summary>
    public static bool IsKnown(AttributeData attribute, string argument) =>
        attribute.Named(argument)?.Value is not int value || (value >= 0 && value < (argument == "Dst" ? s_dst : s_policies).Length);

    private static string? Name(int? value, string[] names) => value is > 0 && value < names.Length ? names[value.Value] : null;
}
