using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>Some options belong together, others exclude each other.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ExcludedOptionAnalyzer() : StorageAnalyzer(Rule, StorageRule.Excluded)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0505", "Storage options exclude each other");
}
