using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Parts a date's text into words, numbers and signs, as dateutil does.</summary>
/// <remarks>A point may belong to a number (06.5), or stand between parts (31.12.2026, DEC.31): that is seen only where the run of digits, letters and points ends.</remarks>
internal static class RRuleDateTokens
{
    /// <summary>The tokens. A number has at most one point, with digits on both sides.</summary>
    public static List<string> Of(string text)
    {
        string plain = new(text.Where(c => c != '\0').Select(Digits.ToAscii).ToArray());
        var tokens = new List<string>();
        for (int start = 0, end; start < plain.Length; start = end)
        {
            end = End(plain, start, out bool hasPoint, out bool hasLetters);
            string run = plain.Substring(start, end - start);
            if (hasPoint && (hasLetters || run.Count(c => c == '.') > 1 || run[run.Length - 1] is '.' or ','))
                AddParts(run, tokens);
            else
                tokens.Add(hasPoint && run.IndexOf('.') < 0 ? run.Replace(',', '.') : run);
        }
        return tokens;
    }

    private static int End(string text, int start, out bool hasPoint, out bool hasLetters)
    {
        bool word = char.IsLetter(text[start]);
        hasPoint = hasLetters = false;
        int end = start + 1;
        if (!word && !IsDigit(text[start]))
            return end;
        for (; end < text.Length; end++)
        {
            char c = text[end];
            // A lone letter at the text's end is not noticed, and the run is no token that means anything.
            hasLetters |= word;
            bool afterPoint = hasPoint && text[end - 1] == '.';
            if (word ? char.IsLetter(c) : IsDigit(c))
                continue;
            if (c == '.' || (c == ',' && !word && !hasPoint && end - start >= 2))
                hasPoint = true;
            else if (afterPoint && (word ? IsDigit(c) : char.IsLetter(c)))
                word = !word;
            else
                break;
        }
        return end;
    }

    private static void AddParts(string run, List<string> tokens)
    {
        int start = 0;
        for (int i = 0; i <= run.Length; i++)
        {
            if (i < run.Length && run[i] is not ('.' or ','))
                continue;
            if (i > start)
                tokens.Add(run.Substring(start, i - start));
            if (i < run.Length)
                tokens.Add(run.Substring(i, 1));
            start = i + 1;
        }
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
