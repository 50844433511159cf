using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>An option has one of its values, once.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StorageValueAnalyzer() : StorageAnalyzer(Rule, StorageRule.Value)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0504", "Storage option cannot be that");
}
