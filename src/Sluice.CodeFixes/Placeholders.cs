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

    private static readonly string[] Simple =
    [
        "\"\"", "0", "1", "false", "[]", "{}", "\"2026-01-31\"", "\"2026-01-31T06:00:00Z\"", "\"06:00:00\"", "\"PT15M\"", "\"https://example.org\"",
        "\"00000000-0000-0000-0000-000000000000\"", "\"1.0.0\"", "\"a\"", "\"text\"", "\"user@example.org\"",
    ];

    /// <summary>A value for the place; <c>null</c> where none is found.</summary>
    /// <param name="path">The place.</param>
    /// <param name="write">The text with a value at the place.</param>
    public string For(string path, Func<string, string> write) => Find(path, write, 0) ?? "null";

    private string? Find(string path, Func<string, string> write, int depth)
    {
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
            if (candidate == "{}" && depth < MaximumDepth && Array.TrueForAll(found, misfit => misfit.Kind == MisfitKind.Missing))
                return Fill(path, write, found, depth);
        }
        return null;
    }

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
        misfit.Path.StartsWith(path, StringComparison.Ordinal) && (misfit.Path.Length == path.Length || misfit.Path[path.Length] is '.' or '['))];
}
