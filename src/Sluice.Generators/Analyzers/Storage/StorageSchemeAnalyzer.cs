using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>Packages go to a storage that there is.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StorageSchemeAnalyzer() : StorageAnalyzer(Rule, StorageRule.Scheme)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0501", "Unknown storage");
}
