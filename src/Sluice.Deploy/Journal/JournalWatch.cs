namespace Sluice.Deploy.Journal;

/// <summary>
/// Tells which publishers live. A process of this machine is asked; any other one by whether its journal changes while it is watched for one lease of this machine's
/// own time: the clocks of machines are never compared.
/// </summary>
internal sealed class JournalWatch(TimeProvider time)
{
    /// <summary>How long a publisher that gives no sign of life counts as alive.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Why one waits for another machine.</summary>
    public const string Hint = ", which counts as interrupted when it gives no sign of life for two minutes";

    private readonly Dictionary<string, (Guid Id, int Number, DateTimeOffset Renewed, long Since, bool HasChanged)> _seen = new(StringComparer.Ordinal);

    /// <summary>Looks at a journal that was read just now.</summary>
    public PublisherLife Look(FoundJournal found)
    {
        JournalDocument document = found.Document;
        bool? runs = document.Publisher.IsRunning();
        if (document.Released || runs == false)
            return PublisherLife.Dead;
        bool isKnown = _seen.TryGetValue(found.Folder, out var before);
        if (!isKnown || (before.Id, before.Number, before.Renewed) != (document.Id, found.Number, document.Renewed))
            _seen[found.Folder] = before = (document.Id, found.Number, document.Renewed, time.GetTimestamp(), isKnown);
        return time.GetElapsedTime(before.Since) >= Lease ? PublisherLife.Dead : before.HasChanged || runs == true ? PublisherLife.Alive : PublisherLife.Unknown;
    }
}

/// <summary>What is known of a publisher.</summary>
internal enum PublisherLife
{
    /// <summary>It gave its apply up, its process is gone, or it gave no sign of life for a lease.</summary>
    Dead,

    /// <summary>Its process runs on this machine, or it gave a sign of life while it was watched.</summary>
    Alive,

    /// <summary>It is on another machine, and has not been watched for long enough.</summary>
    Unknown,
}
