using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>A named block has a type that there is.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class BlockTypeAnalyzer() : StorageAnalyzer(Rule, StorageRule.BlockType)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0512", "Unknown type of named block");
}
