using Sluice.Schedules;

namespace Sluice.Server.Services;

/// <summary>Due times that passed without a run.</summary>
/// <param name="Latest">The latest of them, in order, as many as were asked for.</param>
/// <param name="Count">How many there are; counting ends at <see cref="CountedAtMost"/>.</param>
/// <param name="First">The earliest counted.</param>
internal readonly record struct MissedTimes(IReadOnlyList<DateTime> Latest, int Count, DateTime? First)
{
    /// <summary>A schedule of each second misses millions in a month; that it were thousands is enough to know.</summary>
    public const int CountedAtMost = 1_000;

    public static readonly MissedTimes None = new([], 0, null);

    /// <summary>Those in [<paramref name="from"/>, <paramref name="to"/>), sought backwards from the end, so that the cost does not grow with the downtime.</summary>
    public static MissedTimes Between(Occurrences occurrences, DateTime from, DateTime to, int most)
    {
        var latest = new List<DateTime>();
        int count = 0;
        DateTime? first = null;
        DateTime? next = from < to ? occurrences.Previous(to) : null;
        while (next is { } time && time >= from && count < Math.Max(most, CountedAtMost))
        {
            count++;
            first = time;
            if (latest.Count < most)
                latest.Add(time);
            next = occurrences.Previous(time);
        }
        latest.Reverse();
        return new(latest, count, first);
    }
}
