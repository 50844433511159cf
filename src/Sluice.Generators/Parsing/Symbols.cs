using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>Small questions to symbols.</summary>
internal static class Symbols
{
    public const string Flow = "FlowAttribute";
    public const string Deployment = "DeploymentAttribute";
    public const string Schedule = "ScheduleAttribute";

    /// <summary>Whether a type is the named one; <paramref name="space"/> is its namespace with dots.</summary>
    public static bool Is(this ITypeSymbol? type, string space, string name)
    {
        if (type is null || type.Name != name || type.ContainingType is not null)
            return false;
        INamespaceSymbol? current = type.ContainingNamespace;
        int end = space.Length;
        while (current is { IsGlobalNamespace: false })
        {
            int start = end - current.Name.Length;
            if (start < 0 || string.CompareOrdinal(space, start, current.Name, 0, current.Name.Length) != 0)
                return false;
            if (start == 0)
                return current.ContainingNamespace.IsGlobalNamespace;
            if (space[start - 1] != '.')
                return false;
            end = start - 1;
            current = current.ContainingNamespace;
        }
        return false;
    }

    public static bool IsOurs(this AttributeData attribute, string name) => attribute.AttributeClass.Is("Sluice", name);

    public static AttributeData? Ours(this ISymbol symbol, string name)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
            if (attribute.IsOurs(name))
                return attribute;
        return null;
    }

    public static bool HasAttribute(this ISymbol symbol, string space, string name)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
            if (attribute.AttributeClass.Is(space, name))
                return true;
        return false;
    }

    /// <summary>What [Description] says of a symbol, if anything.</summary>
    public static string? Description(this ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
            if (attribute.AttributeClass.Is("System.ComponentModel", "DescriptionAttribute"))
                return attribute.FirstText().WithPlainLineEnds();
        return null;
    }

    /// <summary>The attribute's first constructor argument as text, which is the name in all of ours.</summary>
    public static string? FirstText(this AttributeData attribute) =>
        attribute.ConstructorArguments is [{ Kind: TypedConstantKind.Primitive, Value: string text }, ..] ? text : null;

    public static TypedConstant? Named(this AttributeData attribute, string name)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
            if (argument.Key == name && argument.Value.Kind != TypedConstantKind.Error)
                return argument.Value;
        return null;
    }

    public static string? Text(this AttributeData attribute, string name) => attribute.Named(name)?.Text();

    public static string? Text(this TypedConstant value) => value is { Kind: TypedConstantKind.Primitive, Value: string text } ? text : null;

    /// <summary>The value where it is neither a mistake nor a list.</summary>
    public static object? Plain(this TypedConstant value) => value.Kind is TypedConstantKind.Error or TypedConstantKind.Array ? null : value.Value;

    /// <summary>A text of many lines as it is in a source with plain line ends, so that a checkout with others gives the same manifest.</summary>
    public static string? WithPlainLineEnds(this string? text) => text?.Replace("\r\n", "\n").Replace('\r', '\n');

    public static bool? Flag(this AttributeData attribute, string name) => attribute.Named(name)?.Value as bool?;

    public static IEnumerable<string> Texts(this TypedConstant list) =>
        list is { Kind: TypedConstantKind.Array, IsNull: false } ? list.Values.Select(value => value.Value as string ?? "") : [];

    /// <summary>Whether generated code of the same assembly can name it.</summary>
    public static bool IsReachable(this ISymbol symbol, IAssemblySymbol from)
    {
        bool isOwn = SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, from);
        bool internals = isOwn || symbol.ContainingAssembly.GivesAccessTo(from);
        for (ISymbol? current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingType)
        {
            if (current is INamedTypeSymbol { IsFileLocal: true })
                return false;
            bool reachable = current.DeclaredAccessibility switch
            {
                Accessibility.Public => true,
                Accessibility.Internal or Accessibility.ProtectedOrInternal => internals,
                _ => false,
            };
            if (!reachable)
                return false;
        }
        return isOwn || !symbol.HasOnlyAliases(from);
    }

    /// <summary>Whether a reference is known by extern aliases only, so that <c>global::</c> does not lead there.</summary>
    private static bool HasOnlyAliases(this ISymbol symbol, IAssemblySymbol from) =>
        (from as ISourceAssemblySymbol)?.Compilation.GetMetadataReference(symbol.ContainingAssembly) is { Properties.Aliases: { IsEmpty: false } aliases }
        && !aliases.Contains(MetadataReferenceProperties.GlobalAlias);
}
