using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers;

/// <summary>An analyzer of one rule that looks at each method with one of our attributes.</summary>
internal abstract class FlowAnalyzer(DiagnosticDescriptor rule) : DiagnosticAnalyzer
{
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [rule];

    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName("Sluice.FlowAttribute") is null)
                return;
            start.RegisterSymbolAction(symbol => Look(symbol.Symbol, symbol.ReportDiagnostic, symbol.CancellationToken), SymbolKind.Method);
            // Local functions are no symbols that analyzers are shown.
            start.RegisterSyntaxNodeAction(
                node => Look(node.SemanticModel.GetDeclaredSymbol(node.Node, node.CancellationToken)!, node.ReportDiagnostic, node.CancellationToken),
                SyntaxKind.LocalFunctionStatement);
        });
    }

    /// <summary>Looks at a method.</summary>
    protected abstract void Analyze(FlowMethod flow, Action<Location, object[]> report);

    private void Look(ISymbol symbol, Action<Diagnostic> report, CancellationToken cancellation)
    {
        if (FlowMethod.Of(symbol, cancellation) is { } flow)
            Analyze(flow, (location, arguments) => report(Diagnostic.Create(rule, location, arguments)));
    }
}
