using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Git;

/// <summary>How a command of git ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">What it said, without the trace of headers and without secrets.</param>
/// <param name="Status">The last HTTP status; null without HTTP.</param>
/// <param name="RetryAfter">What the last answer's <c>Retry-After</c> said: seconds, or a date (RFC 9110, section 10.2.3).</param>
/// <param name="ServerTime">The last answer's <c>Date</c>.</param>
internal sealed partial record GitRun(int ExitCode, string Output, string Error, int? Status, string? RetryAfter, DateTimeOffset? ServerTime)
{
    public static GitRun Read(int exitCode, string output, string error, IReadOnlyList<string> secrets)
    {
        int? status = null;
        string? retryAfter = null;
        DateTimeOffset? serverTime = null;
        var said = new StringBuilder();
        foreach (string line in error.Split('\n'))
        {
            if (TraceLine().Match(line) is not { Success: true } trace)
            {
                said.Append(line.TrimEnd('\r')).Append('\n');
                continue;
            }
            string header = trace.Groups["header"].Value.Trim();
            if (StatusLine().Match(header) is { Success: true } first)
                (status, retryAfter) = (int.Parse(first.Groups[1].ValueSpan, CultureInfo.InvariantCulture), null);
            else if (header.StartsWith("retry-after:", StringComparison.OrdinalIgnoreCase))
                retryAfter = header["retry-after:".Length..].Trim();
            else if (header.StartsWith("date:", StringComparison.OrdinalIgnoreCase)
                && DateTimeOffset.TryParse(header["date:".Length..], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
                serverTime = time;
        }
        string words = secrets.Where(secret => secret.Length > 0).Aggregate(said.ToString(), (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));
        return new(exitCode, output, words.Trim(), status, retryAfter, serverTime);
    }

    /// <summary>How long the server asks to wait; null where it does not.</summary>
    public TimeSpan? PauseFrom(DateTimeOffset now)
    {
        if (RetryAfter is null)
            return null;
        if (int.TryParse(RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(RetryAfter, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) && date > now ? date - now : null;
    }

    /// <summary>The line that says most: git's last <c>fatal:</c>, else the last one.</summary>
    public string Words
    {
        get
        {
            string[] lines = [.. Error.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
            string line = lines.LastOrDefault(text => text.StartsWith("fatal:", StringComparison.Ordinal) && !text.Contains("early EOF", StringComparison.Ordinal))
                ?? lines.LastOrDefault() ?? $"exit code {ExitCode}";
            return line.Replace("fatal: ", "", StringComparison.Ordinal).TrimEnd('.');
        }
    }

    // 12:34:56.789012 http.c:725              <= Recv header: Retry-After: 1
    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d+ \S+:\d+\s+(?:<= Recv header: ?(?<header>.*)|.*)$")]
    private static partial Regex TraceLine();

    [GeneratedRegex(@"^HTTP/[\d.]+ (\d{3})")]
    private static partial Regex StatusLine();
}
