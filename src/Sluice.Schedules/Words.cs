using System;
using System.Collections.Generic;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>English, for <see cref="Occurrences.Explain"/>.</summary>
internal static class Words
{
    private static readonly string[] _weekdays = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
    private static readonly string[] _months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" };

    /// <summary>0 is Sunday.</summary>
    public static string Weekday(int day) => _weekdays[day];

    /// <summary>1 is January.</summary>
    public static string Month(int month) => _months[month - 1];

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>1st, 2nd, 3rd; the last for -1, the 2nd to last for -2.</summary>
    public static string Ordinal(int number)
    {
        if (number < 0)
            return number == -1 ? "last" : Ordinal(-number) + " to last";
        string ending = (number % 100) is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return Number(number) + ending;
    }

    /// <summary><c>a, b and c</c>.</summary>
    public static string Join(IReadOnlyList<string> parts, string last)
    {
        string text = parts.Count == 0 ? "" : parts[0];
        for (int i = 1; i < parts.Count; i++)
            text += (i == parts.Count - 1 ? $" {last} " : ", ") + parts[i];
        return text;
    }

    /// <summary><c>Monday to Friday and Sunday</c>: three and more in a row are given by their ends.</summary>
    public static string Runs(IReadOnlyList<int> values, Func<int, string> word, string last = "and")
    {
        var parts = new List<string>();
        for (int i = 0; i < values.Count; i++)
        {
            int end = i;
            while (values[i] >= 0 && end + 1 < values.Count && values[end + 1] == values[end] + 1)
                end++;
            if (end - i >= 2)
            {
                parts.Add($"{word(values[i])} to {word(values[end])}");
                i = end;
            }
            else
            {
                parts.Add(word(values[i]));
            }
        }
        return Join(parts, last);
    }
}
