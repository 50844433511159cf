using System.Globalization;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Json;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <content>Types with [JsonDerivedType].</content>
internal sealed partial class TypeParser
{
    private UnionNode ParseUnion(INamedTypeSymbol type, JsonMarks marks, string path)
    {
        string qualified = Qualified(type);
        if (TryName(type, out string? name))
            return new(name!, qualified);
        name = TakeFor(type);
        _unions ??= [];
        int place = _unions.Count;
        _unions.Add(null);

        string discriminator = marks.Discriminator ?? "$type";
        var cases = new List<UnionCase>();
        var values = new HashSet<string>(StringComparer.Ordinal);
        bool hasBase = false;
        foreach (AttributeData attribute in marks.Derived!)
        {
            if (attribute.ConstructorArguments is not [{ Value: INamedTypeSymbol derived }, ..] || derived.TypeKind == TypeKind.Error)
                continue;
            string casePath = $"{path}({derived.Name})";
            string? value = attribute.ConstructorArguments is [_, { Value: { } given }, ..]
                ? given is string text ? new JsonBuilder().Value(text).ToString() : Convert.ToString(given, CultureInfo.InvariantCulture)
                : null;
            if (derived.IsUnboundGenericType || !derived.IsReachable(assembly))
                Unsupported(derived, casePath, derived.IsUnboundGenericType ? "is an open generic type" : "is not accessible; make it and the types around it internal or public");
            else if (!IsA(derived, type))
                Unsupported(derived, casePath, $"is not derived from {type.Name}");
            else if (value is null && forInput)
                Unsupported(derived, casePath, $"has no discriminator, so that it cannot be told from others; write [JsonDerivedType(typeof({derived.Name}), \"…\")]");
            else if (value is not null && !values.Add(value))
                Note(path, $"{type.Name} has two derived types with the discriminator {value}; give one another", TypeRule.DistinctNames);
            else
                cases.Add(new(value, ParseObject(derived, casePath, value is null ? null : discriminator, value)));
            hasBase |= SymbolEqualityComparer.Default.Equals(derived, type);
        }
        if (!hasBase && type is { TypeKind: TypeKind.Class, IsAbstract: false })
            cases.Add(new(null, ParseObject(type, path, discriminator: null, value: null)));
        _unions[place] = new(name, qualified, type.Name, discriminator, Docs(type), cases.ToEquatable());
        return new(name, qualified);
    }

    private static bool IsA(INamedTypeSymbol type, INamedTypeSymbol parent)
    {
        for (INamedTypeSymbol? current = type; current is not null; current = current.BaseType)
            if (SymbolEqualityComparer.Default.Equals(current, parent))
                return true;
        foreach (INamedTypeSymbol face in type.AllInterfaces)
            if (SymbolEqualityComparer.Default.Equals(face, parent))
                return true;
        return false;
    }
}
