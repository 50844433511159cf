using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>What a recurrence rule takes from its start, where it has none of its own and so begins at 2020-01-01T00:00, a Wednesday.</summary>
internal static class RRuleStart
{
    /// <summary>What the start decides; null when it decides nothing but the time of day, midnight.</summary>
    public static string? Decides(RRuleSet set)
    {
        if (set.HasStart || set.CannotRun)
            return null;
        foreach (RRule rule in set.Rules)
            if (Decides(rule.Parts) is { } what)
                return what;
        return null;
    }

    /// <summary>Whether a rule fires no more for want of a start alone: Prefect fails on an UNTIL with an offset.</summary>
    public static bool IsMissed(Occurrences schedule) =>
        schedule is RRuleOccurrences { Set: { HasStart: false, CannotRun: true } set } && set.Rules.Any(rule => rule.Parts.UntilHasOffset);

    /// <summary>The rule with its start written out.</summary>
    public static string? WithStart(string rrule)
    {
        string line = rrule.IndexOf(':') < 0 ? "RRULE:" + rrule.TrimStart() : rrule;
        foreach (string start in new[] { "DTSTART:20200101T000000", "DTSTART:20200101T000000Z" })
            if (Occurrences.TryParseRRule($"{start}\n{line}", null, out _, out _))
                return $"{start}\n{line}";
        return null;
    }

    private static string? Decides(RRuleParts parts)
    {
        if (parts.Count is not null)
            return $"the {parts.Count} times of COUNT are counted from then";
        if (parts.Interval > 1 && !IsEven(parts))
            return $"it decides which {Unit(parts.Frequency)} INTERVAL={parts.Interval} falls on";
        if (!parts.HasNoDays)
            return null;
        return parts.Frequency switch
        {
            RRuleFrequency.Weekly => "it falls on Wednesdays",
            RRuleFrequency.Monthly => "it falls on the 1st of the month",
            RRuleFrequency.Yearly => parts.Months is null ? "it falls on the 1st of January" : "it falls on the 1st of the month",
            _ => null,
        };
    }

    /// <summary>Whether steps of the interval meet the same times each day, or the same months each year, from wherever they are counted in 2020.</summary>
    private static bool IsEven(RRuleParts parts) => parts.Frequency switch
    {
        RRuleFrequency.Secondly => 86_400 % parts.Interval == 0,
        RRuleFrequency.Minutely => 1_440 % parts.Interval == 0,
        RRuleFrequency.Hourly => 24 % parts.Interval == 0,
        RRuleFrequency.Monthly => 12 % parts.Interval == 0,
        _ => false,
    };

    private static string Unit(RRuleFrequency frequency) => frequency switch
    {
        RRuleFrequency.Yearly => "years",
        RRuleFrequency.Monthly => "months",
        RRuleFrequency.Weekly => "weeks",
        RRuleFrequency.Daily => "days",
        RRuleFrequency.Hourly => "hours",
        RRuleFrequency.Minutely => "minutes",
        _ => "seconds",
    };
}
