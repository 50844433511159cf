using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>One schedule as an attribute declares it: one of its Cron, Interval and RRule. What its text means is read when first asked, and once for all that say the same.</summary>
internal sealed class DeclaredSchedule
{
    private volatile ScheduleReading? _reading;

    private readonly ScheduleArguments _arguments;

    private DeclaredSchedule(AttributeData attribute, in ScheduleArguments arguments, ScheduleKind kind, string text)
    {
        Attribute = attribute;
        _arguments = arguments;
        Kind = kind;
        Text = text;
    }

    /// <summary>The names of the arguments that hold a schedule.</summary>
    public static IReadOnlyList<string> Arguments { get; } = ["Cron", "Interval", "RRule"];

    public AttributeData Attribute { get; }

    public ScheduleKind Kind { get; }

    /// <summary>The schedule as written.</summary>
    public string Text { get; }

    /// <summary>The name of the attribute's argument that holds it.</summary>
    public string Argument => Kind switch { ScheduleKind.Cron => "Cron", ScheduleKind.Interval => "Interval", _ => "RRule" };

    /// <summary>The zone as written.</summary>
    public string? TimeZone => _arguments.TimeZone;

    /// <summary>Of a cron expression: whether one of the two day fields is enough.</summary>
    public bool? DayOr => Kind == ScheduleKind.Cron ? _arguments.DayOr : null;

    /// <summary>Of an interval: where its counting starts, as written.</summary>
    public string? AnchorDate => Kind == ScheduleKind.Interval ? _arguments.AnchorDate : null;

    /// <summary>Whether it goes through the change of clocks as Vixie cron does.</summary>
    public bool IsVixieLike => MisfireOptions.Dst(_arguments) is not null;

    /// <summary>The name of the deployment it belongs to.</summary>
    public string? Deployment => Attribute.FirstText();

    /// <summary>The schedule, when valid; in UTC when its zone is unknown.</summary>
    public Occurrences? Occurrences => Reading.Occurrences;

    /// <summary>Why the text is invalid; its time zone is another rule's.</summary>
    public ScheduleError? Error => Reading.Error;

    /// <summary>What can be asked for due times on every machine: in UTC where this one lacks the zone's rules.</summary>
    public Occurrences? Due => Reading.Due;

    /// <summary>Whether it is an interval that the server chooses the anchor of.</summary>
    public bool IsUnanchored => Kind == ScheduleKind.Interval && _arguments.AnchorDate is null;

    /// <summary>Whether due times may be less than a minute apart, at a glance: a cron expression of five fields has no seconds, nor has one rule that names none.</summary>
    public bool MayBeDense => Due switch
    {
        IntervalOccurrences interval => interval.Interval < TimeSpan.FromMinutes(1),
        RRuleOccurrences { Set: { Rules: [{ Parts: var rule }], Dates.Count: 0 } } when !IsVixieLike => rule.Frequency == RRuleFrequency.Secondly || rule.Seconds is { Count: > 1 },
        null => false,
        _ => CronToken.Count(Text) > 5,
    };

    /// <summary>The ranges of a valid cron expression.</summary>
    public CronRange[] Ranges => Reading.Ranges;

    /// <summary>What another scheduler's expression it is, if it is one.</summary>
    public ForeignCron? Foreign => Reading.Foreign;

    /// <summary>What the text means, shared with all schedules that say the same.</summary>
    public ScheduleReading Reading => _reading ??= ScheduleReading.Of(this);

    /// <summary>How it is called within its deployment, for messages.</summary>
    public string Shown => $"{Argument} = \"{Text}\"";

    /// <summary>What an attribute declares: nothing, one schedule, or by mistake several.</summary>
    public static DeclaredSchedule[] Of(AttributeData attribute) => AttributeReading.Of(attribute).Schedules;

    /// <summary>Finds what an attribute declares.</summary>
    public static DeclaredSchedule[] Declare(AttributeData attribute)
    {
        ScheduleArguments arguments = ScheduleArguments.Of(attribute);
        if (!arguments.HasSchedule)
            return [];
        var found = new List<DeclaredSchedule>(1);
        if (arguments.Cron is { } cron)
            found.Add(new(attribute, arguments, ScheduleKind.Cron, cron));
        if (arguments.Interval is { } interval)
            found.Add(new(attribute, arguments, ScheduleKind.Interval, interval));
        if (arguments.RRule is { } rule)
            found.Add(new(attribute, arguments, ScheduleKind.RRule, rule));
        return [.. found];
    }
}
