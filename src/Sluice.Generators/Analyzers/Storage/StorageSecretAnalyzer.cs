using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>An option that is a secret is referred to.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StorageSecretAnalyzer() : StorageAnalyzer(Rule, StorageRule.Secret)
{
    public static readonly DiagnosticDescriptor Rule = Describe("SLC0506", "Secret in a storage option");
}
