using System.Globalization;

namespace Sluice.Storage.Housekeeping;

/// <summary>What a store's marks say about its cleanings: the newest one's number, and whether it has ended.</summary>
/// <param name="Epoch">The newest cleaning; 0 where there was none.</param>
/// <param name="IsRunning">Whether it has not ended, or was killed.</param>
/// <param name="Marks">Its marks, which change as long as it lives.</param>
internal sealed record CleaningState(long Epoch, bool IsRunning, string Marks)
{
    internal const string Prefix = "blobs/gc/";
    internal const string Run = "run";
    internal const string Done = "done";
    internal const string Notes = "notes";

    /// <summary>The key of a mark, as <c>blobs/gc/0000000042.run</c>.</summary>
    internal static string Key(long epoch, string mark) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{epoch:D10}.{mark}");

    /// <summary>The number of the cleaning that a mark belongs to; null for what is no mark.</summary>
    internal static long? EpochOf(string key) =>
        key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length + 11 && key[Prefix.Length + 10] == '.'
            && long.TryParse(key.AsSpan(Prefix.Length, 10), NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) ? epoch : null;

    internal static CleaningState Of(IReadOnlyCollection<string> keys)
    {
        long epoch = keys.Max(EpochOf) ?? 0;
        string[] marks = [.. keys.Where(key => EpochOf(key) == epoch)];
        return new(epoch, epoch > 0 && !marks.Contains(Key(epoch, Done)), string.Join(' ', marks));
    }
}
