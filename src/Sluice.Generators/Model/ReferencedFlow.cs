namespace Sluice.Generators.Model;

/// <summary>A flow of a referenced assembly.</summary>
/// <param name="Json">Its element of the manifest.</param>
internal sealed record ReferencedFlow(string Assembly, string Name, string Json);

/// <summary>A flow of a referenced assembly with its place among the clients.</summary>
internal sealed record ReferencedClient(ReferencedFlow Flow, string Identifier, string RootNamespace);
