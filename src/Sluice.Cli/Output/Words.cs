using System.Globalization;

namespace Sluice.Cli.Output;

/// <summary>Times and sizes in words. English, invariant.</summary>
internal static class Words
{
    /// <summary>UTC as <c>2026-11-22T06:00:00Z</c>, with as many decimals as there are.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The machine's wall clock, with its offset: <c>2026-11-22 07:00:00 +01:00</c>.</summary>
    public static string Local(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>Both, where they differ.</summary>
    public static string LocalAndUtc(DateTimeOffset time) =>
        time.ToLocalTime().Offset == TimeSpan.Zero ? Utc(time) : $"{Local(time)} ({Utc(time)})";

    /// <summary><c>in 3 h 20 min</c>, <c>2 min ago</c>, <c>now</c>.</summary>
    public static string Relative(DateTimeOffset time, DateTimeOffset now)
    {
        TimeSpan distance = time - now;
        if (distance.Duration() < TimeSpan.FromSeconds(1))
            return "now";
        var seconds = TimeSpan.FromSeconds(Math.Round(distance.Duration().TotalSeconds));
        return distance > TimeSpan.Zero ? $"in {Duration(seconds)}" : $"{Duration(seconds)} ago";
    }

    /// <summary>A duration in its largest units: <c>4 d 3 h</c>, <c>3 h 20 min</c>, <c>35 min</c>, <c>12 s</c>, <c>0.25 s</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(10))
            return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.##} s");
        (long Amount, string Unit)[] parts =
        [
            ((long)duration.TotalDays, "d"), (duration.Hours, "h"), (duration.Minutes, "min"), (duration.Seconds, "s"),
        ];
        int first = Array.FindIndex(parts, part => part.Amount > 0);
        int units = parts[first] is { Amount: >= 10, Unit: "min" } ? 1 : 2;
        return string.Join(' ', parts.Skip(first).Take(units).Where(part => part.Amount > 0)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Amount} {part.Unit}")));
    }

    /// <summary>Bytes as <c>12 B</c>, <c>3.4 kB</c>, <c>5.6 MB</c> or <c>7.8 GB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    /// <summary><c>1 run</c>, <c>3 runs</c>.</summary>
    public static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
