using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>A dollar sign begins a secret's name.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SecretReferenceAnalyzer() : StorageAnalyzer(Rule, StorageRule.Template)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0508", "Malformed reference to a secret");
}
