using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Sluice.Generators.Tests.Agreement;

/// <summary>The rules by which a binder refuses what the schema, which cannot say them, takes. Each stands in <c>docs/parameters.md</c>.</summary>
internal static partial class Stricter
{
    /// <summary>The rule that explains why the binder of a type refuses a value; null when none does.</summary>
    public static string? Reason(string type, Instance value)
    {
        if (HasDuplicateNames(value))
            return "a name that stands twice in an object";
        if (type.Contains("Date") && value.Texts().Any(IsBeyondTheCalendar))
            return "a time whose UTC lies before year 1 or after year 9999";
        if (type.Contains("TimeSpan") && value.Texts().Any(IsTooLong))
            return "a duration of more than 10,675,199 days";
        if (type.Contains("Uri") && value.Texts().Any(text => !Uri.TryCreate(text, UriKind.Absolute, out _)))
            return "a URI whose host or port System.Uri cannot read";
        if (type.Contains("Version") && value.Texts().Any(text => !Version.TryParse(text, out _)))
            return "a version with a number above 2,147,483,647";
        if (KeyType().Match(type) is { Success: true, Groups: [_, { Value: var key }] })
            foreach (Instance.Object @object in value.All().OfType<Instance.Object>())
            {
                if (@object.Members.Any(member => IsBeyond(key, member.Name)))
                    return "a key beyond its integer type";
                if (@object.Members.DistinctBy(member => Key(key, member.Name)).Count() < @object.Members.Count)
                    return "two names that are one key";
            }
        return null;
    }

    /// <summary>Whether a name stands twice in an object.</summary>
    public static bool HasDuplicateNames(Instance value) =>
        value.All().OfType<Instance.Object>().Any(@object => @object.Members.DistinctBy(member => member.Name).Count() < @object.Members.Count);

    private static string Key(string type, string name) => type switch
    {
        "Guid" => name.ToUpperInvariant(),
        // The cases' enum has two names for one value.
        "Color" when name == "Azure" => "Blue",
        _ => name,
    };

    private static bool IsBeyond(string type, string name)
    {
        (BigInteger Low, BigInteger High)? range = type switch
        {
            "byte" => (byte.MinValue, byte.MaxValue),
            "int" => (int.MinValue, int.MaxValue),
            "long" => (long.MinValue, long.MaxValue),
            "Int128" => (Int128.MinValue, Int128.MaxValue),
            _ => null,
        };
        return range is { } limits && BigInteger.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger key) && (key < limits.Low || key > limits.High);
    }

    private static bool IsBeyondTheCalendar(string text)
    {
        if (DateAndOffset().Match(text) is not { Success: true } match || !DateTime.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out DateTime local))
            return false;
        int sign = match.Groups[2].Value == "-" ? -1 : 1;
        int minutes = sign * ((int.Parse("0" + match.Groups[3].Value, CultureInfo.InvariantCulture) * 60) + int.Parse("0" + match.Groups[4].Value, CultureInfo.InvariantCulture));
        // A minute of leeway: fractions and seconds are not looked at.
        double utc = local.Ticks - ((double)minutes * TimeSpan.TicksPerMinute);
        return utc < 0 || utc > DateTime.MaxValue.Ticks - TimeSpan.TicksPerMinute;
    }

    private static bool IsTooLong(string text)
    {
        if (!Units().IsMatch(text))
            return false;
        // From 922,337,203,685 seconds on; days alone are told from the rest by their size.
        decimal seconds = 0;
        foreach (Match unit in Unit().Matches(text))
        {
            decimal number = decimal.Parse(unit.Groups[1].Value.Replace(',', '.')[..Math.Min(unit.Groups[1].Length, 25)], CultureInfo.InvariantCulture);
            seconds += number * unit.Groups[2].Value switch { "W" => 604800m, "D" or "." => 86400m, "H" => 3600m, "M" => 60m, _ => 1m };
        }
        return seconds >= 922_337_203_000m;
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2})[^+-]*?(?:([+-])([0-9]{2}):?([0-9]{2})?|[Zz])?$")]
    private static partial Regex DateAndOffset();

    [GeneratedRegex(@"(?:Dictionary|SortedList)<(\w+),")]
    private static partial Regex KeyType();

    [GeneratedRegex("^[+-]?(P|[0-9]+\\.)")]
    private static partial Regex Units();

    [GeneratedRegex(@"([0-9]+(?:[.,][0-9]+)?)([WDHMS]|\.)")]
    private static partial Regex Unit();
}
