using System.Text;

namespace Sluice.Runtime.Local;

/// <summary>Finds a flow, or an option, by what a person typed.</summary>
internal static class FlowNames
{
    /// <summary>The flows meant: exactly, else without regard to case, else by slug (<c>weather-report</c>), else by method name. The first way that finds any counts.</summary>
    public static IReadOnlyList<FlowDefinition> Find(IReadOnlyList<FlowDefinition> flows, string typed)
    {
        ReadOnlySpan<Func<FlowDefinition, bool>> ways =
        [
            flow => flow.Name == typed || flow.Entrypoint == typed,
            flow => string.Equals(flow.Name, typed, StringComparison.OrdinalIgnoreCase),
            flow => Slug(flow.Name) == Slug(typed),
            flow => string.Equals(Method(flow), typed, StringComparison.OrdinalIgnoreCase),
        ];
        foreach (Func<FlowDefinition, bool> way in ways)
        {
            List<FlowDefinition> found = [.. flows.Where(way)];
            if (found.Count > 0)
            {
                return found;
            }
        }

        return [];
    }

    /// <summary>Small letters and digits, everything between them one dash, words of camel case apart: <c>weather-report</c>, <c>max-days</c>.</summary>
    public static string Slug(string name)
    {
        StringBuilder slug = new(name.Length + 4);
        for (int index = 0; index < name.Length; index++)
        {
            char letter = name[index];
            bool starts = char.IsUpper(letter) && index > 0 && (char.IsLower(name[index - 1]) || char.IsDigit(name[index - 1]));
            if (slug.Length > 0 && slug[^1] != '-' && (starts || !char.IsLetterOrDigit(letter)))
            {
                slug.Append('-');
            }

            if (char.IsLetterOrDigit(letter))
            {
                slug.Append(char.ToLowerInvariant(letter));
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    /// <summary>The candidate that was probably meant, or null: at most a third of its letters are wrong.</summary>
    public static string? Nearest(IEnumerable<string> candidates, string typed) => candidates
        .Select(candidate => (Candidate: candidate, Distance: Distance(Slug(candidate), Slug(typed))))
        .Where(pair => pair.Distance <= Math.Max(1, pair.Candidate.Length / 3))
        .OrderBy(pair => pair.Distance)
        .Select(pair => pair.Candidate)
        .FirstOrDefault();

    private static string Method(FlowDefinition flow) => flow.Entrypoint[(flow.Entrypoint.LastIndexOf('.') + 1)..];

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
