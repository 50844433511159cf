using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Sluice.Runtime.Binding;

/// <summary>
/// What attributes ask of a parameter's or member's value beyond its type. Compiled into the generator as well, so that a deployment's
/// parameters are judged at compile time by the rules that hold at run time.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ValueRules
{
    /// <summary>What one match may take: a pattern that explodes refuses its text, and hangs nothing.</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private HashSet<string>? _allowed;
    private HashSet<string>? _denied;

    /// <summary>The least number, as JSON.</summary>
    public string? Minimum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> itself is refused.</summary>
    public bool MinimumIsExclusive { get; init; }

    /// <summary>The greatest number, as JSON.</summary>
    public string? Maximum { get; init; }

    /// <summary>Whether <see cref="Maximum"/> itself is refused.</summary>
    public bool MaximumIsExclusive { get; init; }

    /// <summary>The least length: code points of a string, items of an array, members of an object.</summary>
    public int MinimumLength { get; init; }

    /// <summary>The greatest length.</summary>
    public int MaximumLength { get; init; } = int.MaxValue;

    /// <summary>Patterns that a string matches.</summary>
    public IReadOnlyList<TextRule> Texts { get; init; } = [];

    /// <summary>The values that alone are taken, as JSON.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>The values that are not taken, as JSON.</summary>
    public IReadOnlyList<string>? Denied { get; init; }

    /// <summary>Whether null is refused though the type allows it.</summary>
    public bool RefusesNull { get; init; }

    /// <summary>Whether no message may show the value.</summary>
    public bool IsSecret { get; init; }

    /// <summary>What is expected instead of null; null when it fits.</summary>
    public string? ExpectedForNull() => RefusesNull ? "a value" : null;

    /// <summary>What is expected instead of a number; null when it fits.</summary>
    /// <param name="number">The number as JSON.</param>
    public string? ExpectedForNumber(string number)
    {
        NumberText value = NumberText.Of(number);
        int least = Minimum is null ? 1 : value.CompareTo(NumberText.Of(Minimum));
        int most = Maximum is null ? -1 : value.CompareTo(NumberText.Of(Maximum));
        bool fits = (MinimumIsExclusive ? least > 0 : least >= 0) && (MaximumIsExclusive ? most < 0 : most <= 0);
        return fits ? ExpectedValue(value.ToString()) : "a number " + Range();
    }

    /// <summary>What is expected instead of a string; null when it fits.</summary>
    public string? ExpectedForText(string text)
    {
        int length = 0;
        foreach (char c in text)
            length += char.IsLowSurrogate(c) ? 0 : 1;
        if (length < MinimumLength || length > MaximumLength)
            return "a string of " + Count("character");
        foreach (TextRule rule in Texts)
            if (!rule.IsMatch(text, MatchTime))
                return rule.Expected;
        return ExpectedValue("\"" + text);
    }

    /// <summary>What is expected instead of true or false; null when it fits.</summary>
    public string? ExpectedForFlag(bool flag) => ExpectedValue(flag ? "true" : "false");

    /// <summary>What is expected instead of an array or object; null when it fits.</summary>
    /// <param name="count">How many items or members it has.</param>
    /// <param name="unit">What they are called.</param>
    public string? ExpectedForCount(int count, string unit) =>
        count < MinimumLength || count > MaximumLength ? $"{(unit == "item" ? "an array" : "an object")} with {Count(unit)}" : null;

    private string? ExpectedValue(string value)
    {
        _allowed ??= Allowed is null ? [] : [.. Allowed.Select(Comparable)];
        _denied ??= Denied is null ? [] : [.. Denied.Select(Comparable)];
        return Allowed is not null && !_allowed.Contains(value) ? "one of " + string.Join(", ", Allowed)
            : _denied.Contains(value) ? "none of " + string.Join(", ", Denied!)
            : null;
    }

    /// <summary>One text for equal values. Strings begin with a quote, so that they equal nothing else.</summary>
    private static string Comparable(string json) => json[0] is '-' or (>= '0' and <= '9') ? NumberText.Of(json).ToString() : json[0] == '"' ? "\"" + Unescaped(json) : json;

    /// <summary>A JSON string's value. The generator, which writes these, escapes little.</summary>
    private static string Unescaped(string json) => Regex.Replace(
        json.Substring(1, json.Length - 2),
        @"\\(u[0-9a-f]{4}|.)",
        match => match.Value[1] switch
        {
            'u' => ((char)int.Parse(match.Value.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString(),
            'n' => "\n",
            var c => c.ToString(),
        });

    private string Range() => (Minimum, Maximum) switch
    {
        (null, _) => Upper(),
        (_, null) => Lower(),
        _ when !MinimumIsExclusive && !MaximumIsExclusive => $"from {Minimum} to {Maximum}",
        _ => $"{Lower()} and {Upper()}",
    };

    private string Lower() => (MinimumIsExclusive ? "above " : "of at least ") + Minimum;

    private string Upper() => (MaximumIsExclusive ? "below " : "of at most ") + Maximum;

    private string Count(string unit)
    {
        string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
        string Units(int number) => $"{Number(number)} {unit}{(number == 1 ? "" : "s")}";
        return MinimumLength == MaximumLength ? "exactly " + Units(MinimumLength)
            : MaximumLength == int.MaxValue ? "at least " + Units(MinimumLength)
            : MinimumLength == 0 ? "at most " + Units(MaximumLength)
            : $"{Number(MinimumLength)} to {Units(MaximumLength)}";
    }
}

/// <summary>A pattern that the whole of a string matches.</summary>
/// <param name="pattern">A regular expression of .NET, anchored at both ends.</param>
/// <param name="expected">What is expected, as <c>an email address</c>.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TextRule(string pattern, string expected)
{
    private Regex? _regex;

    /// <summary>What is expected.</summary>
    public string Expected { get; } = expected;

    internal bool IsMatch(string text, TimeSpan bound)
    {
        _regex ??= new Regex(pattern, Options(pattern), bound);
        try
        {
            return _regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>Where nothing looks ahead, time is linear in the text's length.</summary>
    private static RegexOptions Options(string pattern)
    {
#if NET
        if (!pattern.Contains("(?=", StringComparison.Ordinal) && !pattern.Contains("(?!", StringComparison.Ordinal))
            return RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;
#endif
        return RegexOptions.CultureInvariant;
    }
}
