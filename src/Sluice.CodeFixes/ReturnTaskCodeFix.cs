using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Flows;

namespace Sluice.CodeFixes;

/// <summary>Lets an async flow return Task (SLC0308).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReturnTaskCodeFix))]
[Shared]
internal sealed class ReturnTaskCodeFix() : FlowCodeFix(AsyncVoidAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Around<MethodDeclarationSyntax>()?.ReturnType is { } type && problem.Model.Compilation.GetTypeByMetadataName("System.Threading.Tasks.Task") is { } task)
            problem.Offer("Task", "Return Task", new Change(type.SyntaxTree, type.Span, SupportedTypes.Write(task, problem.Model, type.SpanStart)));
    }
}
