using System.Composition;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Writes an interval (SLC0403) or an anchor (SLC0406) in the form that is read: <c>15m</c> as <c>PT15M</c>, <c>2026-1-5 6:00</c> as <c>2026-01-05T06:00:00</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DurationCodeFix))]
[Shared]
internal sealed class DurationCodeFix() : FlowCodeFix(IntervalAnalyzer.Rule.Id, AnchorDateAnalyzer.Rule.Id)
{
    private static readonly Regex Words = new(@"^(?:every )?([0-9]+) ?([a-z]+)$", RegexOptions.CultureInvariant);

    // Year first; which of 1/2 is the month nobody can tell.
    private static readonly Regex Date = new(
        @"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)? ?(Z|[+-]\d{2}:?\d{2})?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    protected override void Offer(Problem problem)
    {
        if (problem.Text is var (name, text) && (name == "Interval" ? Interval(text) : Anchor(text)) is { } mended)
            problem.OfferText("Form", mended);
    }

    /// <summary>The duration that was meant; null when that is not obvious.</summary>
    internal static string? Interval(string text)
    {
        string trimmed = text.Trim();
        Match words = Words.Match(trimmed.ToLowerInvariant());
        string? unit = words.Success ? Unit(words.Groups[2].Value) : null;
        string[] candidates =
        [
            unit is null ? "" : unit.Replace("n", words.Groups[1].Value), trimmed, trimmed.TrimStart('-', '+'), trimmed.ToUpperInvariant().TrimStart('-'), "PT" + trimmed.ToUpperInvariant(),
        ];
        return candidates.FirstOrDefault(candidate => candidate != text && candidate.Length > 0 && ScheduleText.TryInterval(candidate, out _));
    }

    /// <summary>The time that was meant; null when that is not obvious.</summary>
    internal static string? Anchor(string text)
    {
        Match match = Date.Match(text.Trim());
        if (!match.Success)
            return null;
        string Two(int group) => match.Groups[group].Value.PadLeft(2, '0');
        string date = $"{match.Groups[1].Value}-{Two(2)}-{Two(3)}";
        string offset = match.Groups[7].Value.ToUpperInvariant();
        if (offset.Length == 5)
            offset = offset.Insert(3, ":");
        string anchor = match.Groups[4].Length == 0 && offset.Length == 0 ? date : $"{date}T{Two(4)}:{Two(5)}:{Two(6)}{offset}";
        return anchor != text && ScheduleText.Anchor(anchor) is not null ? anchor : null;
    }

    private static string? Unit(string word) => word switch
    {
        "s" or "sec" or "secs" or "second" or "seconds" => "PTnS",
        "m" or "min" or "mins" or "minute" or "minutes" => "PTnM",
        "h" or "hr" or "hrs" or "hour" or "hours" => "PTnH",
        "d" or "day" or "days" => "PnD",
        "w" or "week" or "weeks" => "PnW",
        _ => null,
    };
}
