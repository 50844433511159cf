using System.Globalization;

namespace Sluice.Cli.Times;

/// <summary>Numbers and names of days and months.</summary>
internal static class PhraseNumbers
{
    private const double Largest = 1_000_000;

    private static readonly Dictionary<string, int> s_words = new(StringComparer.Ordinal)
    {
        ["a"] = 1, ["an"] = 1, ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9, ["ten"] = 10,
        ["eleven"] = 11, ["twelve"] = 12, ["fifteen"] = 15, ["twenty"] = 20, ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["ninety"] = 90,
    };

    private static readonly Dictionary<string, int> s_ordinals = new(StringComparer.Ordinal)
    {
        ["first"] = 1, ["second"] = 2, ["third"] = 3, ["fourth"] = 4, ["fifth"] = 5,
    };

    private static readonly string[] s_months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    private static readonly string[] s_days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    /// <summary>A number in digits or as a word; takes it.</summary>
    public static double? Read(PhraseCursor cursor)
    {
        double? number = cursor.Next.Kind switch
        {
            PhraseKind.Number => double.Parse(cursor.Next.Text, CultureInfo.InvariantCulture),
            PhraseKind.Word when s_words.TryGetValue(cursor.Next.Text, out int value) => value,
            _ => null,
        };
        if (number > Largest)
            throw new PhraseException("is too far away");
        if (number is not null)
            cursor.Position++;
        return number;
    }

    /// <summary>A whole number in digits; takes nothing.</summary>
    public static int? Whole(PhraseWord word) =>
        word.Kind == PhraseKind.Number && word.Text.Length <= 4 && int.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    /// <summary><c>first</c>, <c>1st</c>; takes it.</summary>
    public static int? ReadOrdinal(PhraseCursor cursor)
    {
        if (s_ordinals.TryGetValue(cursor.Next.Text, out int value))
        {
            cursor.Position++;
            return value;
        }
        if (Whole(cursor.Next) is not { } number || cursor.Peek(1).Text is not ("st" or "nd" or "rd" or "th"))
            return null;
        cursor.Position += 2;
        return number;
    }

    /// <summary>1 for January; null for what is no month. Three letters do.</summary>
    public static int? Month(PhraseWord word) => word.Text == "sept" ? 9 : Index(s_months, word) + 1;

    public static DayOfWeek? Weekday(PhraseWord word) => word.Text switch
    {
        "tues" => DayOfWeek.Tuesday,
        "thur" or "thurs" => DayOfWeek.Thursday,
        _ => (DayOfWeek?)Index(s_days, word),
    };

    private static int? Index(string[] names, PhraseWord word)
    {
        if (word.Kind != PhraseKind.Word)
            return null;
        int index = Array.FindIndex(names, name => name == word.Text || (word.Text.Length == 3 && name.StartsWith(word.Text, StringComparison.Ordinal)));
        return index < 0 ? null : index;
    }
}
