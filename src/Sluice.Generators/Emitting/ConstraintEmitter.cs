using System.Globalization;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;
using Sluice.Schemas;

namespace Sluice.Generators.Emitting;

/// <summary>Writes constraints: as keywords of the schema, and as the rules that the binder asks.</summary>
internal static class ConstraintEmitter
{
    private const string Space = ReaderEmitter.Space;

    /// <summary>Writes the range of a number, within its type's.</summary>
    public static void WriteRange(JsonBuilder json, ScalarFacts facts, Constraints rules)
    {
        json.Name(rules.Minimum?.IsExclusive == true ? "exclusiveMinimum" : "minimum").Raw(rules.Minimum?.Number ?? facts.Minimum!);
        json.Name(rules.Maximum?.IsExclusive == true ? "exclusiveMaximum" : "maximum").Raw(rules.Maximum?.Number ?? facts.Maximum!);
    }

    /// <summary>The format that attributes give a string, if any.</summary>
    public static string? Format(Constraints rules) =>
        rules.IsSecret ? "password"
        : (rules.Forms & TextForms.Email) != 0 ? "email"
        : (rules.Forms & TextForms.Url) != 0 ? "uri"
        : null;

    /// <summary>Writes all patterns that a string must match: <c>pattern</c> holds one, the others go with <c>allOf</c>.</summary>
    public static void WritePatterns(JsonBuilder json, IEnumerable<string> patterns)
    {
        string[] all = patterns.Distinct().ToArray();
        if (all.Length > 0)
            json.Name("pattern").Value(all[0]);
        if (all.Length <= 1)
            return;
        json.Name("allOf").Open('[');
        foreach (string pattern in all.Skip(1))
            json.Open('{').Name("pattern").Value(pattern).Close('}');
        json.Close(']');
    }

    /// <summary>The patterns that attributes ask for.</summary>
    public static IEnumerable<string> Patterns(Constraints rules) => Texts(rules).Select(text => text.Schema);

    /// <summary>Writes what goes with any type: lengths, allowed and denied values, secrecy.</summary>
    public static void WriteRest(JsonBuilder json, TypeNode type, Constraints rules)
    {
        if (LengthKeyword(type) is { } keyword)
        {
            if (rules.MinimumLength > 0)
                json.Name("min" + keyword).Raw(Invariant(rules.MinimumLength));
            if (rules.MaximumLength < int.MaxValue)
                json.Name("max" + keyword).Raw(Invariant(rules.MaximumLength));
        }
        if (rules.Allowed.Count > 0)
            WriteValues(json.Name("enum"), rules.Allowed);
        if (rules.Denied.Count > 0)
        {
            WriteValues(json.Name("not").Open('{').Name("enum"), rules.Denied);
            json.Close('}');
        }
        if ((rules.Forms & TextForms.Base64) != 0)
            json.Name("contentEncoding").Value("base64");
        if (rules.IsSecret)
            json.Name("writeOnly").Value(true);
    }

    /// <summary>How the keywords for a type's length end; null when it has none that a schema can say.</summary>
    public static string? LengthKeyword(TypeNode type) => type switch
    {
        ScalarNode { Kind: ScalarKind.String } => "Length",
        ListNode or AnyNode { Kind: AnyKind.JsonArray } => "Items",
        DictionaryNode or AnyNode { Kind: AnyKind.JsonObject } => "Properties",
        _ => null,
    };

    /// <summary>Whether the binder has anything to ask.</summary>
    public static bool Asks(Constraints? rules) => rules is not null && (rules.Restricts || rules.IsSecret);

    /// <summary>The rules as C#.</summary>
    public static string CSharp(Constraints rules)
    {
        var parts = new List<string>();
        if (rules.Minimum is { } minimum)
            parts.Add($"Minimum = {Literals.Text(minimum.Number)}");
        if (rules.Minimum?.IsExclusive == true)
            parts.Add("MinimumIsExclusive = true");
        if (rules.Maximum is { } maximum)
            parts.Add($"Maximum = {Literals.Text(maximum.Number)}");
        if (rules.Maximum?.IsExclusive == true)
            parts.Add("MaximumIsExclusive = true");
        if (rules.MinimumLength > 0)
            parts.Add($"MinimumLength = {Invariant(rules.MinimumLength)}");
        if (rules.MaximumLength < int.MaxValue)
            parts.Add($"MaximumLength = {Invariant(rules.MaximumLength)}");
        string texts = string.Join(", ", Texts(rules).Select(text => $"new {Space}TextRule({Literals.Text(text.Net)}, {Literals.Text(text.Expected)})"));
        if (texts.Length > 0)
            parts.Add($"Texts = new {Space}TextRule[] {{ {texts} }}");
        if (rules.Allowed.Count > 0)
            parts.Add($"Allowed = new string[] {{ {string.Join(", ", rules.Allowed.Select(Literals.Text))} }}");
        if (rules.Denied.Count > 0)
            parts.Add($"Denied = new string[] {{ {string.Join(", ", rules.Denied.Select(Literals.Text))} }}");
        if (rules.RefusesNull)
            parts.Add("RefusesNull = true");
        if (rules.IsSecret)
            parts.Add("IsSecret = true");
        return $"new {Space}ValueRules {{ {string.Join(", ", parts)} }}";
    }

    /// <summary>The rules themselves, for values in attributes.</summary>
    public static ValueRules Rules(Constraints rules) => new()
    {
        Minimum = rules.Minimum?.Number,
        MinimumIsExclusive = rules.Minimum?.IsExclusive == true,
        Maximum = rules.Maximum?.Number,
        MaximumIsExclusive = rules.Maximum?.IsExclusive == true,
        MinimumLength = rules.MinimumLength,
        MaximumLength = rules.MaximumLength,
        Texts = [.. Texts(rules).Select(text => new TextRule(text.Net, text.Expected))],
        Allowed = rules.Allowed.Count > 0 ? [.. rules.Allowed] : null,
        Denied = rules.Denied.Count > 0 ? [.. rules.Denied] : null,
        RefusesNull = rules.RefusesNull,
        IsSecret = rules.IsSecret,
    };

    /// <summary>A pattern as the schema and as .NET reads it; one that is not portable, which a rule reports, asks nothing.</summary>
    private static IEnumerable<(string Schema, string Net, string Expected)> Texts(Constraints rules)
    {
        if ((rules.Forms & TextForms.Email) != 0)
            yield return Text(TextPatterns.Email, "an email address as ada@example.org");
        if ((rules.Forms & TextForms.Url) != 0)
            yield return Text(TextPatterns.Url, "a URL as https://example.org/data");
        if ((rules.Forms & TextForms.Base64) != 0)
            yield return Text(TextPatterns.Base64, "base64 text");
        if (rules.Regex is { } regex && PortablePattern.Read(regex, whole: true, out _) is { } read)
            yield return (read.Schema, read.Net, $"a string that matches {regex}");
    }

    private static (string Schema, string Net, string Expected) Text(string pattern, string expected) =>
        (pattern, PortablePattern.Read(pattern, whole: true, out _)!.Net, expected);

    private static void WriteValues(JsonBuilder json, IEnumerable<string> values)
    {
        json.Open('[');
        foreach (string value in values)
            json.Raw(value);
        json.Close(']');
    }

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
