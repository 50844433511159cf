using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>One schedule as an attribute declares it: one of its Cron, Interval and RRule. Parsed when first asked, and once for all analyzers.</summary>
internal sealed class DeclaredSchedule
{
    private static readonly char[] _rangeMarks = ['-', '/'];

    private readonly object _gate = new();
    private volatile Reading? _reading;

    private DeclaredSchedule(AttributeData attribute, ScheduleKind kind, string text)
    {
        Attribute = attribute;
        Kind = kind;
        Text = text;
        TimeZone = attribute.Text("TimeZone");
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
    public string? TimeZone { get; }

    /// <summary>The name of the deployment it belongs to.</summary>
    public string? Deployment => Attribute.FirstText();

    /// <summary>The schedule, when valid; in UTC when its zone is unknown.</summary>
    public Occurrences? Occurrences => Read().Occurrences;

    /// <summary>Why the text is invalid; its time zone is another rule's.</summary>
    public ScheduleError? Error => Read().Error;

    /// <summary>What can be asked for due times on every machine: in UTC where this one lacks the zone's rules.</summary>
    public Occurrences? Due => Read().Due;

    /// <summary>Whether it is an interval that the server chooses the anchor of.</summary>
    public bool IsUnanchored => Kind == ScheduleKind.Interval && Attribute.Text("AnchorDate") is null;

    /// <summary>Whether due times may be less than a minute apart, at a glance: a cron expression of five fields has no seconds, nor has one rule that names none.</summary>
    public bool MayBeDense => Due switch
    {
        IntervalOccurrences interval => interval.Interval < TimeSpan.FromMinutes(1),
        RRuleOccurrences { Set: { Rules: [{ Parts: var rule }], Dates.Count: 0 } } when MisfireOptions.Dst(Attribute) is null => rule.Frequency == RRuleFrequency.Secondly || rule.Seconds is { Count: > 1 },
        null => false,
        _ => CronToken.Count(Text) > 5,
    };

    /// <summary>The ranges of a valid cron expression.</summary>
    public CronRange[] Ranges => Read().Ranges;

    /// <summary>What another scheduler's expression it is, if it is one.</summary>
    public ForeignCron? Foreign => Read().Foreign;

    /// <summary>How often the text was parsed: once, or twice where this machine lacks the zone's rules.</summary>
    public int Readings { get; private set; }

    /// <summary>How it is called within its deployment, for messages.</summary>
    public string Shown => $"{Argument} = \"{Text}\"";

    /// <summary>What an attribute declares: nothing, one schedule, or by mistake several.</summary>
    public static DeclaredSchedule[] Of(AttributeData attribute) => AttributeReading.Of(attribute).Schedules;

    /// <summary>Finds what an attribute declares.</summary>
    public static DeclaredSchedule[] Declare(AttributeData attribute)
    {
        List<DeclaredSchedule>? found = null;
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            if (argument.Value is { Kind: TypedConstantKind.Primitive, Value: string text } && KindOf(argument.Key) is { } kind)
                (found ??= new(1)).Add(new(attribute, kind, text));
        return found is null ? [] : [.. found];
    }

    private static ScheduleKind? KindOf(string argument) => argument switch
    {
        "Cron" => ScheduleKind.Cron,
        "Interval" => ScheduleKind.Interval,
        "RRule" => ScheduleKind.RRule,
        _ => null,
    };

    private Reading Read()
    {
        if (_reading is { } known)
            return known;
        lock (_gate)
            return _reading ??= ReadAll();
    }

    private Reading ReadAll()
    {
        Occurrences? occurrences = Parse(ZoneIds.Contains(TimeZone ?? "UTC") ? TimeZone : null, out ScheduleError? error);
        Occurrences? due = occurrences is { HasZoneData: false } ? Parse(null, out _) : occurrences;
        bool isCron = Kind == ScheduleKind.Cron;
        return new(
            occurrences, error, due,
            isCron && error is null && Text.IndexOfAny(_rangeMarks) >= 0 ? [.. CronRange.Of(Text)] : [],
            isCron ? ForeignCron.Of(Text) : null);
    }

    private Occurrences? Parse(string? zone, out ScheduleError? error)
    {
        Readings++;
        Occurrences? occurrences;
        DstPolicy dst = MisfireOptions.Dst(Attribute) is null ? DstPolicy.PrefectCompatible : DstPolicy.VixieLike;
        switch (Kind)
        {
            case ScheduleKind.Cron:
                Occurrences.TryParseCron(Text, Attribute.Flag("DayOr"), zone, dst, out occurrences, out error);
                break;
            case ScheduleKind.Interval:
                occurrences = null;
                if (Durations.TryParse(Text, out TimeSpan interval, out error))
                    Occurrences.TryParseInterval(interval.TotalSeconds, ScheduleText.AnchorTime(Attribute.Text("AnchorDate")), zone, out occurrences, out error);
                break;
            default:
                Occurrences.TryParseRRule(Text, zone, dst, out occurrences, out error);
                break;
        }
        return occurrences;
    }

    private sealed record Reading(Occurrences? Occurrences, ScheduleError? Error, Occurrences? Due, CronRange[] Ranges, ForeignCron? Foreign);
}
