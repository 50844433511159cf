namespace Sluice.Cli.Runs;

/// <summary>Finds the name somebody probably meant.</summary>
internal static class DidYouMean
{
    /// <summary>A question to append to an error, with a leading space, or nothing where no candidate is near.</summary>
    public static string Question(string wrong, IEnumerable<string> candidates, Func<string, string>? write = null) =>
        Nearest(wrong, candidates) is { } near ? $" Did you mean '{(write is null ? near : write(near))}'?" : "";

    /// <summary>The candidate that differs least, when it differs by at most a third of its characters. Case counts for little.</summary>
    public static string? Nearest(string wrong, IEnumerable<string> candidates)
    {
        string lower = wrong.ToLowerInvariant();
        return candidates
            .Select(candidate => (candidate, Distance: Distance(lower, candidate.ToLowerInvariant())))
            .Where(pair => pair.Distance <= Math.Max(1, Math.Max(lower.Length, pair.candidate.Length) / 3))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    /// <summary>Edits (insert, delete, replace, swap of neighbours) from one text to the other.</summary>
    internal static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            edits[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            edits[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replace, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }
        return edits[a.Length, b.Length];
    }
}
