using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Leaves one schedule in an attribute, or moves the further one to a [Schedule] of its own (SLC0401).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SeveralSchedulesCodeFix))]
[Shared]
internal sealed class SeveralSchedulesCodeFix() : FlowCodeFix(SeveralSchedulesAnalyzer.Rule.Id)
{
    // What says when, and the options that mean something to it.
    private static readonly (string Kind, string[] Options)[] Kinds = [("Cron", ["DayOr"]), ("Interval", ["AnchorDate"]), ("RRule", [])];

    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || Problem.Read(flow, attribute) is not { } data || data.FirstText() is not { } deployment
            || problem.Around<AttributeArgumentSyntax>() is not { } further)
            return;
        string moved = further.NameEquals?.Name.Identifier.ValueText ?? "";
        if (Kinds.FirstOrDefault(kind => kind.Kind == moved).Options is not { } options)
            return;
        AttributeArgumentSyntax[] own = [.. options.Select(option => attribute.Argument(option)).OfType<AttributeArgumentSyntax>()];
        AttributeArgumentSyntax[] shared = [.. new[] { "TimeZone", "Parameters", "Misfire", "MaxMisfires", "Dst" }
            .Where(name => name != "Parameters" || data.IsOurs(Symbols.Schedule)).Select(name => attribute.Argument(name)).OfType<AttributeArgumentSyntax>()];
        string? name = data.IsOurs(Symbols.Schedule) ? attribute.Name.ToString() : AttributeEdit.NameLike(attribute, "Deployment", "Schedule");
        string schedule = string.Join(", ", new[] { $"{name}({SymbolDisplay.FormatLiteral(deployment, quote: true)}", further.ToString() }.Concat(own.Concat(shared).Select(argument => argument.ToString()))) + ")";
        if (name is not null)
            problem.Offer("Move", $"Move {moved} to a [Schedule] of its own", [.. AttributeEdit.Remove(attribute, [further, .. own]), AttributeEdit.After(attribute, schedule)]);

        foreach (var (kept, _) in Kinds)
            if (attribute.Argument(kept) is not null)
                problem.Offer("Keep " + kept, $"Keep {kept} only", AttributeEdit.Remove(attribute,
                    [.. Kinds.Where(kind => kind.Kind != kept).SelectMany(kind => kind.Options.Prepend(kind.Kind)).Select(name => attribute.Argument(name)).OfType<AttributeArgumentSyntax>()]));
    }
}
