using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>What an attribute's arguments say of a schedule, read in one go: each question to <see cref="AttributeData"/> goes through all of them.</summary>
internal readonly struct ScheduleArguments
{
    private ScheduleArguments(AttributeData attribute)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            switch (argument.Key)
            {
                case "Cron":
                    Cron = argument.Value.Text();
                    break;
                case "Interval":
                    Interval = argument.Value.Text();
                    break;
                case "RRule":
                    RRule = argument.Value.Text();
                    break;
                case "TimeZone":
                    TimeZone = argument.Value.Text();
                    break;
                case "DayOr":
                    DayOr = argument.Value.Plain() as bool?;
                    break;
                case "AnchorDate":
                    AnchorDate = argument.Value.Text();
                    break;
                case "Misfire":
                    Misfire = argument.Value.Plain() as int?;
                    break;
                case "MaxMisfires":
                    MaxMisfires = argument.Value.Plain() as int?;
                    break;
                case "Dst":
                    Dst = argument.Value.Plain() as int?;
                    break;
            }
    }

    public string? Cron { get; }

    public string? Interval { get; }

    public string? RRule { get; }

    public string? TimeZone { get; }

    public bool? DayOr { get; }

    public string? AnchorDate { get; }

    /// <summary>The enum's value, whether it has such a one or not.</summary>
    public int? Misfire { get; }

    public int? MaxMisfires { get; }

    /// <summary>The enum's value, whether it has such a one or not.</summary>
    public int? Dst { get; }

    /// <summary>Whether there is a schedule, or by mistake several.</summary>
    public bool HasSchedule => Cron is not null || Interval is not null || RRule is not null;

    public static ScheduleArguments Of(AttributeData attribute) => new(attribute);
}
