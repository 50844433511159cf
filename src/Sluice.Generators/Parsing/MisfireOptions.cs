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
    public static string? Policy(AttributeData attribute) => Name(attribute, "Misfire", s_policies);

    /// <summary>As the manifest names it; null where it is the default or no such policy.</summary>
    public static string? Dst(AttributeData attribute) => Name(attribute, "Dst", s_dst);

    /// <summary>Where it says something: with RunAll, other than the default, and possible.</summary>
    public static int? Limit(AttributeData attribute) =>
        RunsAll(attribute) && attribute.Named("MaxMisfires")?.Value is int and >= 1 and <= MaxLimit and not DefaultLimit and var limit ? limit : null;

    public static bool RunsAll(AttributeData attribute) => attribute.Named("Misfire")?.Value is RunAll;

    /// <summary>Whether the argument is a value that its enum has.</summary>
    public static bool IsKnown(AttributeData attribute, string argument) =>
        attribute.Named(argument)?.Value is not int value || (value >= 0 && value < (argument == "Dst" ? s_dst : s_policies).Length);

    private static string? Name(AttributeData attribute, string argument, string[] names) =>
        attribute.Named(argument)?.Value is int value and > 0 && value < names.Length ? names[value] : null;
}
