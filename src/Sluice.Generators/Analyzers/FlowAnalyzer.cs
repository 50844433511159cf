using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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
            AnalyzerConfigOptions options = start.Options.AnalyzerConfigOptionsProvider.GlobalOptions;
            start.RegisterSymbolAction(symbol => Look(symbol.Symbol, options, symbol.ReportDiagnostic, symbol.CancellationToken), SymbolKind.Method);
            // Local functions are no symbols that analyzers are shown.
            start.RegisterSemanticModelAction(model =>
            {
                foreach (LocalFunctionStatementSyntax function in MarkedLocalFunctions.Of(model.SemanticModel.SyntaxTree, model.CancellationToken))
                    Look(model.SemanticModel.GetDeclaredSymbol(function, model.CancellationToken)!, options, model.ReportDiagnostic, model.CancellationToken);
            });
        });
    }

    /// <summary>Looks at a method; for rules whose diagnostics carry their mend.</summary>
    protected virtual void Analyze(FlowMethod flow, Report report) => Analyze(flow, (location, arguments) => report(location, arguments));

    /// <summary>Looks at a method.</summary>
    protected virtual void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
    }

    /// <summary>Looks at a symbol as when a compiler asks.</summary>
    internal void Look(ISymbol symbol, Action<Diagnostic> report) => Look(symbol, null, report, CancellationToken.None);

    private void Look(ISymbol symbol, AnalyzerConfigOptions? options, Action<Diagnostic> report, CancellationToken cancellation)
    {
        if (FlowMethod.Of(symbol, cancellation, options) is { } flow)
            Analyze(flow, (location, arguments, mend) => report(Diagnostic.Create(rule, location, mend, arguments)));
    }
}
