using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>
/// What a schedule's text means in its zone. Read once for all schedules of a project that say the same, which most do, and kept from one compilation to the
/// next while a project is edited.
/// </summary>
internal sealed class ScheduleReading
{
    /// <summary>Half-typed texts come to more than a project has; then all are forgotten.</summary>
    private const int MostKept = 4096;

    private static readonly char[] _rangeMarks = ['-', '/'];

    // Beside the attribute's class, which the compilations of a project share as long as its references stay.
    private static readonly ConditionalWeakTable<ISymbol, ConcurrentDictionary<Key, ScheduleReading>> _known = new();

    private readonly object _gate = new();
    private readonly Key _key;
    private volatile Meaning? _meaning;
    private volatile Notes? _notes;

    private ScheduleReading(Key key) => _key = key;

    /// <summary>The schedule, when valid; in UTC when its zone is unknown.</summary>
    public Occurrences? Occurrences => Read().Occurrences;

    /// <summary>Why the text is invalid.</summary>
    public ScheduleError? Error => Read().Error;

    /// <summary>What can be asked for due times on every machine.</summary>
    public Occurrences? Due => Read().Due;

    /// <summary>The ranges of a valid cron expression.</summary>
    public CronRange[] Ranges => Read().Ranges;

    /// <summary>What another scheduler's expression it is, if it is one.</summary>
    public ForeignCron? Foreign => Read().Foreign;

    /// <summary>Whether it names its zone by an id that there is.</summary>
    public bool NamesZone => Read().NamesZone;

    /// <summary>How often the text was parsed: once, or twice where this machine lacks the zone's rules.</summary>
    public int Readings { get; private set; }

    public static ScheduleReading Of(DeclaredSchedule schedule)
    {
        var key = new Key(schedule.Kind, schedule.Text, schedule.TimeZone, schedule.DayOr, schedule.AnchorDate, schedule.IsVixieLike);
        ConcurrentDictionary<Key, ScheduleReading> known = _known.GetValue(schedule.Attribute.AttributeClass!, static _ => new());
        if (known.TryGetValue(key, out ScheduleReading? reading))
            return reading;
        if (known.Count >= MostKept)
            known.Clear();
        return known.GetOrAdd(key, static key => new(key));
    }

    /// <summary>What the next changes of clocks do to a valid schedule whose zone's rules this machine has; null where that is nothing.</summary>
    /// <param name="today">What was found is good for that day.</param>
    /// <param name="zones">The changes of its zone.</param>
    public string? NotesOn(DateTime today, ZoneChanges zones)
    {
        if (_notes is { } known && known.Day == today)
            return known.Text;
        List<string>? notes = null;
        foreach (ClockChange change in zones.Of(_key.TimeZone!, today))
            if (Occurrences!.NoteOn(change) is { } note)
                (notes ??= []).Add(note.Message);
        _notes = new(today, notes is null ? null : string.Join(" ", notes));
        return _notes.Text;
    }

    private Meaning Read()
    {
        if (_meaning is { } known)
            return known;
        lock (_gate)
            return _meaning ??= ReadAll();
    }

    private Meaning ReadAll()
    {
        bool namesZone = _key.TimeZone is { Length: > 0 } zone && ZoneIds.Contains(zone);
        Occurrences? occurrences = Parse(namesZone ? _key.TimeZone : null, out ScheduleError? error);
        Occurrences? due = occurrences is { HasZoneData: false } ? Parse(null, out _) : occurrences;
        bool isCron = _key.Kind == ScheduleKind.Cron;
        return new(
            occurrences, error, due,
            isCron && error is null && _key.Text.IndexOfAny(_rangeMarks) >= 0 ? [.. CronRange.Of(_key.Text)] : [],
            isCron ? ForeignCron.Of(_key.Text) : null, namesZone);
    }

    private Occurrences? Parse(string? zone, out ScheduleError? error)
    {
        Readings++;
        Occurrences? occurrences;
        DstPolicy dst = _key.IsVixieLike ? DstPolicy.VixieLike : DstPolicy.PrefectCompatible;
        switch (_key.Kind)
        {
            case ScheduleKind.Cron:
                Occurrences.TryParseCron(_key.Text, _key.DayOr, zone, dst, out occurrences, out error);
                break;
            case ScheduleKind.Interval:
                occurrences = null;
                if (Durations.TryParse(_key.Text, out TimeSpan interval, out error))
                    Occurrences.TryParseInterval(interval.TotalSeconds, ScheduleText.AnchorTime(_key.Anchor), zone, out occurrences, out error);
                break;
            default:
                Occurrences.TryParseRRule(_key.Text, zone, dst, out occurrences, out error);
                break;
        }
        return occurrences;
    }

    private sealed record Meaning(Occurrences? Occurrences, ScheduleError? Error, Occurrences? Due, CronRange[] Ranges, ForeignCron? Foreign, bool NamesZone);

    private sealed record Notes(DateTime Day, string? Text);

    /// <summary>All that a text's meaning depends on.</summary>
    private readonly record struct Key(ScheduleKind Kind, string Text, string? TimeZone, bool? DayOr, string? Anchor, bool IsVixieLike);
}
