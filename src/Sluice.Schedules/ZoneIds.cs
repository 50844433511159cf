using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Which time zone ids are valid, and what was probably meant by one that is not.</summary>
internal static class ZoneIds
{
    private static readonly Lazy<Dictionary<string, Zone>> _ids = new(Read);

    /// <summary>Whether Prefect accepts the id; case matters.</summary>
    public static bool Contains(string id) => _ids.Value.ContainsKey(id);

    /// <summary>The zone of an id, or null when Prefect does not accept it.</summary>
    public static Zone? Find(string id) => _ids.Value.TryGetValue(id, out Zone? zone) ? zone : null;

    /// <summary>Why an id is refused, and a suggestion.</summary>
    public static string Explain(string id)
    {
        string message = $"'{id}' is not an IANA time zone id";
        if (Suggest(id, out bool windows) is not { } suggestion)
            return $"{message} (as Europe/Paris or UTC).";
        return windows ? $"{message} but a Windows one; did you mean '{suggestion}'?" : $"{message}; did you mean '{suggestion}'?";
    }

    /// <summary>The id that was probably meant, or null. <paramref name="windows"/>: it is what a Windows id stands for.</summary>
    public static string? Suggest(string id, out bool windows)
    {
        string? iana = WindowsZones.ToIana(id);
        windows = iana != null;
        return iana ?? FromOffset(id.Trim()) ?? Closest(id);
    }

    /// <summary>The zone of <c>UTC+2</c> or <c>GMT-05:00</c>: Etc/GMT-2, since POSIX counts west of Greenwich, and so do the ids.</summary>
    private static string? FromOffset(string id)
    {
        if (id.Length < 5 || !(id.StartsWith("UTC", StringComparison.OrdinalIgnoreCase) || id.StartsWith("GMT", StringComparison.OrdinalIgnoreCase)) || id[3] is not ('+' or '-'))
            return null;
        string hours = id.EndsWith(":00", StringComparison.Ordinal) ? id.Substring(4, id.Length - 7) : id.Substring(4);
        string zone = "Etc/GMT" + (id[3] == '+' ? '-' : '+') + hours.TrimStart('0');
        return Contains(zone) ? zone : null;
    }

    private static string? Closest(string id)
    {
        if (id.Length > 64)
            return null;
        string wanted = Fold(id);
        string? best = null;
        int bestDistance = Math.Max(1, wanted.Length / 4) + 1;
        foreach (string candidate in _ids.Value.Keys.OrderBy(x => x, StringComparer.Ordinal))
        {
            string whole = Fold(candidate);
            if (whole == wanted)
                return candidate;
            int distance = Math.Min(Distance(wanted, whole), Distance(wanted, whole.Substring(whole.LastIndexOf('/') + 1)));
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    private static string Fold(string id) => id.Trim().Replace(' ', '_').Replace('\\', '/').ToLowerInvariant();

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[right.Length];
    }

    private static Dictionary<string, Zone> Read()
    {
        var ids = new Dictionary<string, Zone>(StringComparer.Ordinal);
        foreach (string entry in ZoneNames.All.Split(new[] { ' ', '\r', '\n' }, StringSplitOptions.RemoveEmptyEntries))
        {
            int link = entry.IndexOf('>');
            if (link < 0)
                ids[entry] = new Zone(entry, null);
            else
                ids[entry.Substring(0, link)] = new Zone(entry.Substring(0, link), entry.Substring(link + 1));
        }
        return ids;
    }
}
