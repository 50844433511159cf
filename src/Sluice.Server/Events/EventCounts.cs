using System.Globalization;
using Sluice.Server.Http;

namespace Sluice.Server.Events;

/// <summary>Prefect's counts of events: by time in even spans, by name, by resource.</summary>
internal sealed record EventCount(string Value, string Label, int Count, DateTimeOffset StartTime, DateTimeOffset EndTime)
{
    /// <summary>Spans are counted from here, as Prefect does: a Monday.</summary>
    internal static readonly DateTimeOffset Pivot = new(2024, 4, 1, 0, 0, 0, TimeSpan.Zero);
}

/// <summary>Counts events.</summary>
internal static class EventCounts
{
    private const int MaxSpans = 1000;
    private const double LeastInterval = 0.01;
    private const double MaxDays = 10_000;
    private static readonly TimeSpan _instant = TimeSpan.FromMicroseconds(1);

    public static async Task<IReadOnlyList<EventCount>> CountAsync(IEvents events, string countable, EventCountQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        EventFilter filter = EventFilterReader.Read(query.Filter, "body.filter", now);
        (string unit, double interval) = countable == "day" ? ("day", 1) : (query.TimeUnit ?? "day", query.TimeInterval ?? 1);
        if (!(interval >= LeastInterval))
            throw new BodyException([new("greater_than_equal", "body.time_interval", "Input should be greater than or equal to 0.01")]);
        TimeSpan span = Unit(unit);
        if (!(interval * span.TotalDays <= MaxDays))
            throw new BodyException([new("less_than_equal", "body.time_interval", string.Create(CultureInfo.InvariantCulture, $"Input should be less than or equal to {MaxDays / span.TotalDays} of a {unit}"))]);
        span *= interval;
        switch (countable)
        {
            case "day" or "time":
                return await ByTimeAsync(events, filter, span, now, cancellationToken).ConfigureAwait(false);
            case "event":
                return await ByAsync(events, filter, one => (one.Body.Event, one.Body.Event), cancellationToken).ConfigureAwait(false);
            case "resource":
                return await ByAsync(events, filter, one =>
                {
                    string id = one.Body.Resource[ServerEvent.ResourceId];
                    return (id, one.Body.Resource.GetValueOrDefault(ServerEvent.ResourceName) ?? one.Body.Resource.GetValueOrDefault("prefect.name", id));
                }, cancellationToken).ConfigureAwait(false);
            default:
                throw new BodyException([new("enum", "path.countable", "Input should be 'day', 'time', 'event' or 'resource'")]);
        }
    }

    private static TimeSpan Unit(string unit) => unit switch
    {
        "week" => TimeSpan.FromDays(7),
        "day" => TimeSpan.FromDays(1),
        "hour" => TimeSpan.FromHours(1),
        "minute" => TimeSpan.FromMinutes(1),
        "second" => TimeSpan.FromSeconds(1),
        _ => throw new BodyException([new("enum", "body.time_unit", "Input should be 'week', 'day', 'hour', 'minute' or 'second'")]),
    };

    private static async Task<IReadOnlyList<EventCount>> ByTimeAsync(IEvents events, EventFilter filter, TimeSpan span, DateTimeOffset now, CancellationToken cancellationToken)
    {
        double spans = Math.Ceiling((filter.Until - filter.Since) / span);
        if (spans > MaxSpans)
        {
            throw new BodyException([new("value_error", "body", string.Create(CultureInfo.InvariantCulture,
                $"The given interval would create {spans} buckets, which is too many. Please increase the interval or reduce the time range to produce {MaxSpans} buckets or fewer."))]);
        }
        DateTimeOffset until = filter.Until > now ? now : filter.Until;
        if (filter.Since < DateTimeOffset.MinValue + span)
            filter = filter with { Since = DateTimeOffset.MinValue + span }; // the span that it lies in begins before the calendar
        long first = (long)Math.Floor((filter.Since - EventCount.Pivot) / span);
        var counts = new List<EventCount>();
        for (DateTimeOffset start = EventCount.Pivot + span * first; start < until; start += span)
            counts.Add(new(counts.Count.ToString(CultureInfo.InvariantCulture), ServerEvent.Time(start), 0, start, start + span - _instant));
        await foreach (ServerEvent one in events.ScanEventsAsync(filter with { Ascending = true }, cancellationToken).ConfigureAwait(false))
        {
            int index = (int)(Math.Floor((one.Body.Occurred - EventCount.Pivot) / span) - first);
            if (index >= 0 && index < counts.Count)
                counts[index] = counts[index] with { Count = counts[index].Count + 1 };
        }
        return counts;
    }

    /// <summary>By whatever an event is counted under; the newest label stands for all. The most frequent come first.</summary>
    private static async Task<IReadOnlyList<EventCount>> ByAsync(IEvents events, EventFilter filter, Func<ServerEvent, (string Value, string Label)> key, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, EventCount>();
        await foreach (ServerEvent one in events.ScanEventsAsync(filter with { Ascending = true }, cancellationToken).ConfigureAwait(false))
        {
            (string value, string label) = key(one);
            counts[value] = counts.TryGetValue(value, out EventCount? known)
                ? known with { Label = label, Count = known.Count + 1, EndTime = one.Body.Occurred }
                : new(value, label, 1, one.Body.Occurred, one.Body.Occurred);
        }
        return [.. counts.Values.OrderByDescending(count => count.Count).ThenBy(count => count.Label, StringComparer.Ordinal)];
    }
}
