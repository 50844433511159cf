using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>An option is one of its storage.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StorageOptionAnalyzer() : StorageAnalyzer(Rule, StorageRule.Option)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0503", "Unknown storage option");
}
