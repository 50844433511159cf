using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>A storage is written in its form.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MalformedStorageAnalyzer() : StorageAnalyzer(Rule, StorageRule.Malformed)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0502", "Malformed storage");
}
