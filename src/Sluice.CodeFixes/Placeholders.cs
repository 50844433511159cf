using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Generators.Json;

namespace Sluice.CodeFixes;

/// <summary>
/// Values that a parameter accepts, to be typed over. They are found by asking the check that judges what the user writes, so that they fit whatever
/// that demands.
/// </summary>
/// <param name="misfits">What does not fit in a text.</param>
internal sealed class Placeholders(Func<string, IReadOnlyList<Misfit>> misfits)
{
    private const int MaximumDepth = 6;
    private const int LongestTuple = 8;
    private const int LongestText = 200;

    private static readonly Regex Expected = new("^expected (.*), found ", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    private static readonly Regex Numbers = new(@"-?[0-9]+(\.[0-9]+)?", RegexOptions.CultureInvariant);

    private static readonly string[] Simple = ["\"\"", "0", "1", "false", "[]", "{}"];

    private static readonly string[] Formats =
    [
        "\"2026-01-31\"", "\"2026-01-31T06:00:00Z\"", "\"06:00:00\"", "\"PT15M\"", "\"https://example.org\"",
        "\"00000000-0000-0000-0000-000000000000\"", "\"1.0.0\"", "\"a\"", "\"text\"", "\"user@example.org\"",
    ];

    /// <summary>A value for the place; <c>null</c> where none is found.</summary>
    /// <param name="path">The place.</param>
    /// <param name="write">The text with a value at the place.</param>
    public string For(string path, Func<string, string> write) => Find(path, write, 0) ?? "null";

    private string? Find(string path, Func<string, string> write, int depth)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (string candidate in Simple)
        {
            Misfit[] found = At(path, write(candidate));
            if (found.Length == 0)
                return candidate;
            if (found.FirstOrDefault(misfit => misfit.Path == path && misfit.Kind == MisfitKind.Value && misfit.Names.Count > 0) is { } choice)
            {
                string named = JsonEdit.Quote(choice.Names[0]);
                if (At(path, write(named)).Length == 0)
                    return named;
            }
            expected.UnionWith(found.Where(misfit => misfit.Path == path).Select(misfit => misfit.Message));
            if (candidate == "{}" && depth < MaximumDepth && System.Array.TrueForAll(found, misfit => misfit.Kind == MisfitKind.Missing))
                return Fill(path, write, found, depth);
        }
        return expected.SelectMany(Named).Concat(Formats).FirstOrDefault(candidate => At(path, write(candidate)).Length == 0) ?? (depth < MaximumDepth ? Tuple(path, write, depth) : null);
    }

    /// <summary>Values that a message names: the ends of a range, texts that are long enough, the first of those allowed.</summary>
    private static IEnumerable<string> Named(string message)
    {
        string expected = Expected.Match(message).Groups[1].Value;
        foreach (Match match in Numbers.Matches(expected))
        {
            yield return match.Value;
            if (!int.TryParse(match.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
                continue;
            yield return (number + 1L).ToString(CultureInfo.InvariantCulture);
            yield return (number - 1L).ToString(CultureInfo.InvariantCulture);
            if (number is > 0 and <= LongestText)
                yield return JsonEdit.Quote(new string('a', number));
        }
        const string Choice = "one of ";
        if (expected.StartsWith(Choice, StringComparison.Ordinal))
            yield return expected.Substring(Choice.Length).Split([", "], StringSplitOptions.None)[0];
    }

    /// <summary>An array that has to have as many items as it has.</summary>
    private string? Tuple(string path, Func<string, string> write, int depth)
    {
        for (int count = 1; count <= LongestTuple; count++)
        {
            string[] items = [.. Enumerable.Repeat("null", count)];
            if (At(path, write(Array(items))).Any(misfit => misfit.Path == path))
                continue;
            for (int i = 0; i < count; i++)
                items[i] = Find($"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", item => write(Array([.. items.Take(i), item, .. items.Skip(i + 1)])), depth + 1) ?? "null";
            return At(path, write(Array(items))).Length == 0 ? Array(items) : null;
        }
        return null;
    }

    private static string Array(string[] items) => $"[{string.Join(", ", items)}]";

    /// <summary>An object with what is missing in an empty one.</summary>
    private string? Fill(string path, Func<string, string> write, Misfit[] missing, int depth)
    {
        string members = "";
        foreach (Misfit member in missing)
        {
            string before = members.Length == 0 ? "" : members + ", ";
            string name = JsonEdit.Quote(member.Names[0]);
            if (Find(member.Path, value => write($"{{{before}{name}: {value}}}"), depth + 1) is not { } value)
                return null;
            members = $"{before}{name}: {value}";
        }
        string whole = $"{{{members}}}";
        return At(path, write(whole)).Length == 0 ? whole : null;
    }

    private Misfit[] At(string path, string json) => [.. misfits(json).Where(misfit =>
        misfit.Path == ParameterJson.Whole || misfit.Path.StartsWith(path, StringComparison.Ordinal) && (misfit.Path.Length == path.Length || misfit.Path[path.Length] is '.' or '['))];
}
