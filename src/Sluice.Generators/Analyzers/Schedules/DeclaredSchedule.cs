using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>One schedule as an attribute declares it: one of its Cron, Interval and RRule. Parsed when first asked, and once for all analyzers.</summary>
internal sealed class DeclaredSchedule
{
    // What an attribute declares, beside the attribute, for as long as the compilation keeps that: every analyzer of a compilation sees the same attributes.
    private static readonly ConditionalWeakTable<AttributeData, DeclaredSchedule[]> _known = new();

    private static readonly char[] _rangeMarks = ['-', '/'];

    private readonly Lazy<Reading> _reading;
    private readonly Lazy<Occurrences?> _due;
    private readonly Lazy<ForeignCron?> _foreign;

    private DeclaredSchedule(AttributeData attribute, ScheduleKind kind, string text)
    {
        Attribute = attribute;
        Kind = kind;
        Text = text;
        _reading = new(() => Read(ZoneIds.Contains(TimeZone ?? "UTC") ? TimeZone : null));
        _due = new(() => Occurrences is not { HasZoneData: false } ? Occurrences : Read(null).Occurrences);
        _foreign = new(() => Kind == ScheduleKind.Cron ? ForeignCron.Of(Text) : null);
    }

    public AttributeData Attribute { get; }

    public ScheduleKind Kind { get; }

    /// <summary>The schedule as written.</summary>
    public string Text { get; }

    /// <summary>The name of the attribute's argument that holds it.</summary>
    public string Argument => Kind switch { ScheduleKind.Cron => "Cron", ScheduleKind.Interval => "Interval", _ => "RRule" };

    /// <summary>The zone as written.</summary>
    public string? TimeZone => Attribute.Text("TimeZone");

    /// <summary>The name of the deployment it belongs to.</summary>
    public string? Deployment => Attribute.FirstText();

    /// <summary>The schedule, when valid; in UTC when its zone is unknown.</summary>
    public Occurrences? Occurrences => _reading.Value.Occurrences;

    /// <summary>Why the text is invalid; its time zone is another rule's.</summary>
    public ScheduleError? Error => _reading.Value.Error;

    /// <summary>What can be asked for due times on every machine: in UTC where this one lacks the zone's rules.</summary>
    public Occurrences? Due => _due.Value;

    /// <summary>Whether it is an interval that the server chooses the anchor of.</summary>
    public bool IsUnanchored => Kind == ScheduleKind.Interval && Attribute.Text("AnchorDate") is null;

    /// <summary>Whether due times may be less than a minute apart, at a glance: a cron expression of five fields has no seconds.</summary>
    public bool MayBeDense => Kind != ScheduleKind.Cron || CronToken.Count(Text) > 5;

    /// <summary>The ranges of a valid cron expression.</summary>
    public IEnumerable<CronRange> Ranges =>
        Kind != ScheduleKind.Cron || Error is not null || Text.IndexOfAny(_rangeMarks) < 0 ? [] : CronRange.Of(Text);

    /// <summary>What another scheduler's expression it is, if it is one.</summary>
    public ForeignCron? Foreign => _foreign.Value;

    /// <summary>How often the text was parsed: once, or twice where this machine lacks the zone's rules.</summary>
    public int Readings { get; private set; }

    /// <summary>How it is called within its deployment, for messages.</summary>
    public string Shown => $"{Argument} = \"{Text}\"";

    /// <summary>What an attribute declares: nothing, one schedule, or by mistake several.</summary>
    public static IReadOnlyList<DeclaredSchedule> Of(AttributeData attribute) => _known.GetValue(attribute, Declare);

    private static DeclaredSchedule[] Declare(AttributeData attribute)
    {
        List<DeclaredSchedule>? found = null;
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            if (argument.Value is { Kind: TypedConstantKind.Primitive, Value: string text } && KindOf(argument.Key) is { } kind)
                (found ??= []).Add(new(attribute, kind, text));
        return found is null ? [] : [.. found];
    }

    private static ScheduleKind? KindOf(string argument) => argument switch
    {
        "Cron" => ScheduleKind.Cron,
        "Interval" => ScheduleKind.Interval,
        "RRule" => ScheduleKind.RRule,
        _ => null,
    };

    private Reading Read(string? zone)
    {
        Readings++;
        Occurrences? occurrences;
        ScheduleError? error;
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
        return new(occurrences, error);
    }

    private readonly record struct Reading(Occurrences? Occurrences, ScheduleError? Error);
}
