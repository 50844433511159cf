using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Deploy.Files;

/// <summary>
/// The comment lines by which a file shows that its lower part is as it was built: a digest in the header, and below the banner a few bits of every line, so
/// that the first changed one can be named. Line ends do not count, since git may change them.
/// </summary>
internal static class FileSeal
{
    public const string Banner = "### DO NOT EDIT BELOW THIS LINE";

    public const string Digest = "# digest: sha256:";

    public const string Lines = "# lines: ";

    /// <summary>The header's line for a lower part.</summary>
    public static string DigestLine(string below) => Digest + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Split(below)))));

    /// <summary>The lower part with the line that tells of each of its lines.</summary>
    public static string WithLines(string below) => $"{Lines}{Marks(Split(below))}\n{below}";

    /// <summary>Where the lower part begins: behind the three lines of the banner. -1 where there is none.</summary>
    public static int BelowStart(string text)
    {
        int at = text.StartsWith(Banner, StringComparison.Ordinal) ? 0 : text.IndexOf("\n" + Banner, StringComparison.Ordinal);
        if (at < 0)
            return -1;
        int end = text.IndexOf('\n', at + 1);
        if (end < 0)
            return text.Length;
        int next = text.IndexOf('\n', end + 1);
        string last = text[(end + 1)..(next < 0 ? text.Length : next)].TrimEnd();
        return last == "###" ? next < 0 ? text.Length : next + 1 : end + 1;
    }

    /// <summary>The first line (from 1) below the banner that is not as it was built. Null where all are, and in files of others.</summary>
    public static int? FirstChange(string text)
    {
        int digestAt = text.StartsWith(Digest, StringComparison.Ordinal) ? 0 : text.IndexOf("\n" + Digest, StringComparison.Ordinal);
        int start = BelowStart(text);
        if (digestAt < 0 || (start >= 0 && digestAt >= start))
            return FirstUnmarked(text, start);
        digestAt = text.IndexOf('#', digestAt);
        int digestEnd = text.IndexOf('\n', digestAt);
        string stated = text[digestAt..(digestEnd < 0 ? text.Length : digestEnd)].Trim();
        int first = start < 0 ? text.Count(c => c == '\n') + 1 : text.AsSpan(0, start).Count('\n') + 1;
        string below = start < 0 ? "" : text[start..];
        if (DigestLine(below) == $"# digest: {stated.Split(' ')[^1]}")
            return null;
        string[] lines = Split(below);
        int told = Array.FindIndex(lines, line => line.StartsWith(Lines, StringComparison.Ordinal));
        if (told < 0)
            return first;
        string[] rest = [.. lines[..told], .. lines[(told + 1)..]];
        string marks = lines[told][Lines.Length..], now = Marks(rest);
        if (DigestLine(string.Join('\n', [.. lines[..told], Lines + now, .. lines[(told + 1)..]])) == $"# digest: {stated.Split(' ')[^1]}")
            return first + told;
        int changed = 0;
        while (changed < rest.Length && MarkAt(marks, changed) == MarkAt(now, changed))
            changed++;
        // Where every line that is there fits, others are gone from the end.
        return first + Math.Min(changed < told ? changed : changed + 1, lines.Length - 1);
    }

    /// <summary>The same of a file whose digest somebody took out, by the marks of its lines. Without these too, a file of ours is changed from the banner on.</summary>
    private static int? FirstUnmarked(string text, int start)
    {
        string[] lines = Split(start < 0 ? text : text[start..]);
        int told = Array.FindIndex(lines, line => line.StartsWith(Lines, StringComparison.Ordinal));
        if (told < 0 && !Array.Exists(lines, line => line.StartsWith(FileComments.DeclaredPrefix, StringComparison.Ordinal)))
            return null;
        int first = start < 0 ? 1 : text.AsSpan(0, start).Count('\n') + 1;
        if (told != 0 || start < 0)
            return start < 0 ? first + Math.Max(told, 0) : first;
        string marks = lines[0][Lines.Length..], now = Marks(lines[1..]);
        if (marks == now)
            return null;
        int changed = 0;
        while (changed < lines.Length - 1 && MarkAt(marks, changed) == MarkAt(now, changed))
            changed++;
        return first + Math.Min(changed + 1, lines.Length - 1);
    }

    private static string[] Split(string below) => below.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static string MarkAt(string marks, int line) => marks.Length >= (line * 4) + 4 ? marks.Substring(line * 4, 4) : "";

    private static string Marks(string[] lines)
    {
        var marks = new StringBuilder(lines.Length * 4);
        foreach (string line in lines)
            marks.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)).AsSpan(0, 2))}");
        return marks.ToString();
    }
}
