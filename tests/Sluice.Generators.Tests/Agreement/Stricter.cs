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
        if (type.Contains("Date") && value.Texts().Any(IsBeyondTheCalendar))
            return "a time whose UTC lies before year 1 or after year 9999";
        if (type.Contains("TimeSpan") && value.Texts().Any(IsTooLong))
            return "a duration past 10,675,199 days";
        if (type.Contains("Uri") && value.Texts().Any(text => !Uri.TryCreate(text, UriKind.Absolute, out _)))
            return "what System.Uri cannot read: a host or port that is none";
        if (type.Contains("Version") && value.Texts().Any(text => !Version.TryParse(text, out _)))
            return "a version's number past 2,147,483,647";
        if (type.Contains("Dictionary") && value.All().OfType<Instance.Object>().Any(@object => IsDictionaryProblem(@object)))
            return "names that are one key, or a number past its type";
        return null;
    }

    /// <summary>Whether a name stands twice in an object.</summary>
    public static bool HasDuplicateNames(Instance value) =>
        value.All().OfType<Instance.Object>().Any(@object => @object.Members.DistinctBy(member => member.Name).Count() < @object.Members.Count);

    /// <summary>Whether the type hands JSON on as it is, so that what stands twice in it is the flow's business.</summary>
    public static bool TakesAnything(string type) => type.Contains("Json") || type.Contains("object");

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

    private static bool IsDictionaryProblem(Instance.Object @object) =>
        @object.Members.DistinctBy(member => member.Name.ToUpperInvariant()).Count() < @object.Members.Count
        || @object.Members.Any(member => BigInteger.TryParse(member.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger key) && BigInteger.Abs(key) > 127)
        // Members of an enum that have one value are one key.
        || @object.Members.Count > 1;

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2})[^+-]*?(?:([+-])([0-9]{2}):?([0-9]{2})?|[Zz])?$")]
    private static partial Regex DateAndOffset();

    [GeneratedRegex("^[+-]?(P|[0-9]+\\.)")]
    private static partial Regex Units();

    [GeneratedRegex(@"([0-9]+(?:[.,][0-9]+)?)([WDHMS]|\.)")]
    private static partial Regex Unit();
}
