namespace Sluice.Schedules;

/// <summary>A stretch of time with one offset, in ticks: from an instant (UTC) to before another.</summary>
internal readonly struct OffsetSpan
{
    public OffsetSpan(long from, long to, long offset)
    {
        From = from;
        To = to;
        Offset = offset;
    }

    public long From { get; }

    public long To { get; }

    public long Offset { get; }
}
