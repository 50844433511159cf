using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Flows;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Gives a flow an allowed name (SLC0106), or one that no other flow has (SLC0105).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RenameFlowCodeFix))]
[Shared]
internal sealed class RenameFlowCodeFix() : FlowCodeFix(DuplicateFlowAnalyzer.Rule.Id, FlowNameAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { Flow: not null } flow || problem.Attribute is not { } attribute)
            return;
        AttributeArgumentSyntax? given = attribute.Argument();
        if (problem.Diagnostic.Id == FlowNameAnalyzer.Rule.Id)
        {
            if (given is not null && string.IsNullOrWhiteSpace(flow.Name))
                problem.Offer("Remove", "Remove the name, so that it is the method's", AttributeEdit.Remove(attribute, given));
            else
                Rename(problem, attribute, given, AllowedNames.Mend(flow.Name));
        }
        else
        {
            Rename(problem, attribute, given, Free(problem, flow));
        }
    }

    private static void Rename(Problem problem, AttributeSyntax attribute, AttributeArgumentSyntax? given, string name)
    {
        if (given is null)
            problem.Offer("Rename", $"Name it \"{name}\"", AttributeEdit.AddFirst(attribute, StringEdit.Quote(name, attribute.SyntaxTree.Options)));
        else if (StringEdit.Set(given.Expression, name, problem.Model, problem.Cancellation) is { } edit)
            problem.Offer("Rename", Titles.Change(name, edit.Constant), edit.Change);
    }

    /// <summary>
    /// The method's own name in words, else the old one with a number: of all flows that share the name each gets another, so that "fix all" leaves none.
    /// </summary>
    private static string Free(Problem problem, FlowMethod flow)
    {
        FlowMethod[] flows = [.. Flows(problem.Model.Compilation.Assembly.GlobalNamespace, problem.Cancellation)];
        var taken = new HashSet<string>(flows.Select(other => other.Name), StringComparer.Ordinal);
        foreach (FlowMethod other in DuplicateFlowAnalyzer.InOrder(flows.Where(other => other.Name == flow.Name)).Skip(1))
        {
            string words = Names.Flow(other.Symbol.Name);
            string name = taken.Add(words) ? words : AllowedNames.Free(flow.Name, " ", taken);
            if (SymbolEqualityComparer.Default.Equals(other.Symbol, flow.Symbol))
                return name;
        }
        return AllowedNames.Free(flow.Name, " ", taken);
    }

    private static IEnumerable<FlowMethod> Flows(INamespaceOrTypeSymbol container, CancellationToken cancellation)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            cancellation.ThrowIfCancellationRequested();
            if (member is INamespaceOrTypeSymbol inner)
                foreach (FlowMethod flow in Flows(inner, cancellation))
                    yield return flow;
            else if (FlowMethod.Of(member, cancellation) is { Flow: not null } own)
                yield return own;
        }
    }
}
