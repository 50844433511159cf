using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>Turns type symbols into type nodes. One parser for a flow's parameters, another for its result, which may also be read-only.</summary>
/// <param name="assembly">The assembly that generated code will be part of.</param>
/// <param name="forInput">Whether values are read, so that objects must be constructible and what cannot be set does not count.</param>
internal sealed partial class TypeParser(IAssemblySymbol assembly, bool forInput, CancellationToken cancellation)
{
    private const int MaximumDepth = 32;
    private const int MaximumObjects = 500;

    // Most flows have scalars only, and this runs for each of them after each keystroke: nothing is made before it is needed.
    private Dictionary<ITypeSymbol, string>? _names;
    private HashSet<string>? _taken;
    private List<EnumDefinition>? _enums;
    private List<ObjectDefinition?>? _objects;
    private List<UnionDefinition?>? _unions;
    private List<ConverterDefinition>? _converters;
    private List<TypeProblem>? _problems;
    private List<ConstraintProblem>? _constraintProblems;
    private ISymbol? _member;
    private int _depth;

    /// <summary>What cannot be supported, found so far. Types that do not exist are not among it: the compiler reports those.</summary>
    public IReadOnlyList<TypeProblem> Problems => _problems ?? (IReadOnlyList<TypeProblem>)[];

    /// <summary>What is wrong with the constraints of members, found so far.</summary>
    public IReadOnlyList<ConstraintProblem> ConstraintProblems => _constraintProblems ?? (IReadOnlyList<ConstraintProblem>)[];

    public TypeTable Table() => _enums is null && _objects is null && _unions is null && _converters is null
        ? TypeTable.Empty
        : new((_enums ?? []).ToEquatable(), (_objects ?? []).OfType<ObjectDefinition>().ToEquatable(), (_unions ?? []).OfType<UnionDefinition>().ToEquatable(),
            (_converters ?? []).ToEquatable());

    /// <summary>The type's node; null when it is unsupported, with the problem noted.</summary>
    /// <param name="type">The type.</param>
    /// <param name="path">From the parameter to here.</param>
    /// <param name="nullable">Whether null is allowed though the type does not say so, as for a parameter whose default is null.</param>
    public TypeNode? Parse(ITypeSymbol type, string path, bool nullable = false)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } wrapper)
            return Parse(wrapper.TypeArguments[0], path) is { } value ? new NullableNode(value) : null;
        TypeNode? node = ParseNotNull(type, path);
        bool allowsNull = type.IsReferenceType && (nullable || type.NullableAnnotation == NullableAnnotation.Annotated);
        return node is not null && allowsNull && node is not AnyNode { Kind: AnyKind.Object or AnyKind.JsonNode } ? new NullableNode(node) : node;
    }

    private TypeNode? ParseNotNull(ITypeSymbol type, string path)
    {
        if (Scalar(type) is { } kind)
            return new ScalarNode(kind);
        if (type.TypeKind == TypeKind.Error)
            return null;
        if (type is IArrayTypeSymbol array)
            return array.Rank > 1 ? Unsupported(type, path, "has several dimensions; write it as an array of arrays")
                : Parse(array.ElementType, path + "[]") is { } item ? new ListNode(item, item.CSharp + "[]", Collections.Array) : null;
        if (type is not INamedTypeSymbol named || type.IsRefLikeType)
            return Unsupported(type, path, type switch
            {
                ITypeParameterSymbol => "is a type parameter",
                IPointerTypeSymbol or IFunctionPointerTypeSymbol => "is a pointer",
                { TypeKind: TypeKind.Dynamic } => "is not supported; JSON of any shape is object or JsonElement",
                _ => "is a ref struct, which cannot be kept until the flow is called",
            });
        if (Any(named) is { } any)
            return new AnyNode(any);
        if (Collections.Find(named.Name, named.Arity) is { } collection && named.Is(collection.Space, collection.Name))
            return named.Arity == 1 ? ParseList(named, collection, path) : ParseDictionary(named, collection, path);
        if ((named.IsTupleType && named.Arity > 0) || (named.Is("System", "Tuple") && named.Arity is > 0 and < 8))
            return ParseTuple(named, path);
        if (named.TypeKind == TypeKind.Delegate)
            return Unsupported(type, path, "is a delegate, which JSON cannot carry");
        if (!named.IsReachable(assembly))
            return Unsupported(type, path, "is not accessible; make it and the types around it internal or public");
        JsonMarks marks = JsonMarks.Of(named, forInput);
        if (marks.Converter is { } converter)
            return ParseConverted(named, converter, marks.Schema, path);
        return named.TypeKind == TypeKind.Enum ? ParseEnum(named, marks, path) : ParseNamed(named, marks, path);
    }

    /// <summary>A class, struct or interface that is none of the framework's.</summary>
    private TypeNode? ParseNamed(INamedTypeSymbol type, JsonMarks marks, string path)
    {
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) || type.SpecialType != SpecialType.None || IsFramework(type))
            return Unsupported(type, path, "is not supported");
        foreach (INamedTypeSymbol face in type.AllInterfaces)
            if (face.SpecialType == SpecialType.System_Collections_IEnumerable)
                return Unsupported(type, path, "is a collection type of its own; take a list or dictionary instead");
        // A generic type may contain ever larger ones of itself.
        if (_depth >= MaximumDepth || _objects?.Count >= MaximumObjects)
            return Unsupported(type, path, "nests too deep");
        _depth++;
        TypeNode? node = marks.Derived is not null ? ParseUnion(type, marks, path) : ParseObject(type, path);
        _depth--;
        return node;
    }

    private ListNode? ParseList(INamedTypeSymbol type, Collection kind, string path)
    {
        ITypeSymbol element = type.TypeArguments[0];
        if (kind.IsSorted && forInput && !IsComparable(element))
        {
            Unsupported(type, path, $"has items that cannot be sorted; make '{element.Name}' IComparable<{element.Name}>");
            return null;
        }
        return Parse(element, path + "[]") is { } item ? new(item, kind.CSharp(item.CSharp), kind) : null;
    }

    private DictionaryNode? ParseDictionary(INamedTypeSymbol type, Collection kind, string path)
    {
        TypeNode? key = Parse(type.TypeArguments[0], path + ".Key");
        if (key is null)
            return null;
        bool isKey = key is ScalarNode { Kind: ScalarKind.String or ScalarKind.Guid or >= ScalarKind.SByte and <= ScalarKind.UInt128 }
            || (key is EnumNode && !JsonMarks.Of(type.TypeArguments[0], forInput).IsFlags);
        if (!isKey)
        {
            Unsupported(type, path, "has keys that are no names in JSON; keys are string, Guid, an integer, or an enum that is no [Flags]");
            return null;
        }
        return Parse(type.TypeArguments[1], path + "[]") is { } value ? new(key, value, kind.CSharp($"{key.CSharp}, {value.CSharp}"), kind) : null;
    }

    private TupleNode? ParseTuple(INamedTypeSymbol type, string path)
    {
        var items = new List<TypeNode>();
        if (type.IsTupleType)
            foreach (IFieldSymbol element in type.TupleElements)
                Add(element.Type);
        else
            foreach (ITypeSymbol argument in type.TypeArguments)
                Add(argument);
        if (items.Count < (type.IsTupleType ? type.TupleElements.Length : type.Arity))
            return null;
        string arguments = string.Join(", ", items.Select(item => item.CSharp));
        string csharp = type.IsTupleType && items.Count > 1 ? $"({arguments})" : $"global::System.{type.Name}<{arguments}>";
        return new(items.ToEquatable(), csharp, type.IsTupleType);

        void Add(ITypeSymbol element)
        {
            if (Parse(element, $"{path}[{items.Count.ToString(CultureInfo.InvariantCulture)}]") is { } item)
                items.Add(item);
        }
    }

    private EnumNode? ParseEnum(INamedTypeSymbol type, JsonMarks marks, string path)
    {
        if (!TryName(type, out string? name))
        {
            var values = new List<EnumValue>();
            var jsonNames = new HashSet<string>(StringComparer.Ordinal);
            foreach (ISymbol member in type.GetMembers())
            {
                if (member is not IFieldSymbol { HasConstantValue: true, Name.Length: > 0 } field)
                    continue;
                string jsonName = JsonMarks.Of(field, forInput).Name ?? field.Name;
                values.Add(new(field.Name, jsonName, Convert.ToString(field.ConstantValue, CultureInfo.InvariantCulture)));
                if (!jsonNames.Add(jsonName))
                    Note(path, $"{type.Name} has two members named \"{jsonName}\" in JSON; give one another [JsonStringEnumMemberName]", TypeRule.DistinctNames);
            }
            if (values.Count == 0)
            {
                Unsupported(type, path, "has no members");
                return null;
            }
            name = TakeFor(type);
            (_enums ??= []).Add(new(name, Qualified(type), type.Name, marks.IsFlags, Docs(type), values.ToEquatable()));
        }
        return new(name!, Qualified(type));
    }

    private TypeNode? Unsupported(ITypeSymbol type, string path, string reason)
    {
        Note(path, $"{type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)} {reason}");
        return null;
    }

    private void Note(string path, string message, TypeRule rule = TypeRule.Supported) =>
        (_problems ??= []).Add(new(path, message, _member is null ? null : PlaceOf(_member), rule));

    private Location? PlaceOf(ISymbol member) => member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) switch
    {
        PropertyDeclarationSyntax property => property.Type.GetLocation(),
        ParameterSyntax { Type: { } type } => type.GetLocation(),
        VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax field } => field.Type.GetLocation(),
        _ => member.Locations.FirstOrDefault(),
    };

    private string Take(ITypeSymbol type)
    {
        string name = SchemaName(type);
        string unique = name;
        _taken ??= new(StringComparer.OrdinalIgnoreCase);
        for (int n = 2; !_taken.Add(unique); n++)
            unique = name + n.ToString(CultureInfo.InvariantCulture);
        return unique;
    }

    /// <summary>Takes a name that the type keeps.</summary>
    private string TakeFor(INamedTypeSymbol type)
    {
        string name = Take(type);
        (_names ??= new(ByAnnotatedType.Instance)).Add(type, name);
        return name;
    }

    private bool TryName(ITypeSymbol type, out string? name)
    {
        name = null;
        return _names?.TryGetValue(type, out name) == true;
    }

    /// <summary>A generic type's has its arguments' names, as pydantic's: <c>Page_Order</c>.</summary>
    private static string SchemaName(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return SchemaName(array.ElementType) + "s";
        string name = type.Name.Length == 0 ? "Tuple" : type.Name;
        if (type is INamedTypeSymbol named)
            foreach (ITypeSymbol argument in named.TypeArguments)
                name += "_" + SchemaName(argument);
        return name;
    }

    private string? Docs(ISymbol symbol) =>
        !forInput || (symbol is IPropertySymbol && symbol.DeclaringSyntaxReferences is [var only] && only.GetSyntax(cancellation) is ParameterSyntax)
            ? null
            : symbol is INamedTypeSymbol && symbol.Description() is { } words ? $"<summary>{System.Security.SecurityElement.Escape(words)}</summary>\n{RawDocs.Of(symbol, cancellation)}"
            : RawDocs.Of(symbol, cancellation);

    private string Qualified(ITypeSymbol type) => TypeWalks.Of(assembly).Name(type);

    private static bool IsFramework(INamedTypeSymbol type)
    {
        INamespaceSymbol space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space.Name == "System";
    }

    private static bool IsComparable(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        if (type.TypeKind == TypeKind.Enum)
            return true;
        foreach (INamedTypeSymbol face in type.AllInterfaces)
            if (face.Is("System", "IComparable"))
                return true;
        return false;
    }

    private static AnyKind? Any(INamedTypeSymbol type) => type.SpecialType == SpecialType.System_Object ? AnyKind.Object : type.Name switch
    {
        "JsonElement" when type.Is("System.Text.Json", "JsonElement") => AnyKind.JsonElement,
        "JsonNode" when type.Is("System.Text.Json.Nodes", "JsonNode") => AnyKind.JsonNode,
        "JsonObject" when type.Is("System.Text.Json.Nodes", "JsonObject") => AnyKind.JsonObject,
        "JsonArray" when type.Is("System.Text.Json.Nodes", "JsonArray") => AnyKind.JsonArray,
        _ => null,
    };

    private static ScalarKind? Scalar(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_String => ScalarKind.String,
        SpecialType.System_Char => ScalarKind.Char,
        SpecialType.System_Boolean => ScalarKind.Boolean,
        SpecialType.System_SByte => ScalarKind.SByte,
        SpecialType.System_Byte => ScalarKind.Byte,
        SpecialType.System_Int16 => ScalarKind.Int16,
        SpecialType.System_UInt16 => ScalarKind.UInt16,
        SpecialType.System_Int32 => ScalarKind.Int32,
        SpecialType.System_UInt32 => ScalarKind.UInt32,
        SpecialType.System_Int64 => ScalarKind.Int64,
        SpecialType.System_UInt64 => ScalarKind.UInt64,
        SpecialType.System_Single => ScalarKind.Single,
        SpecialType.System_Double => ScalarKind.Double,
        SpecialType.System_Decimal => ScalarKind.Decimal,
        SpecialType.System_DateTime => ScalarKind.DateTime,
        SpecialType.None when type.Is("System", type.Name) => type.Name switch
        {
            "DateTimeOffset" => ScalarKind.DateTimeOffset,
            "DateOnly" => ScalarKind.DateOnly,
            "TimeOnly" => ScalarKind.TimeOnly,
            "TimeSpan" => ScalarKind.TimeSpan,
            "Guid" => ScalarKind.Guid,
            "Uri" => ScalarKind.Uri,
            "Version" => ScalarKind.Version,
            "Half" => ScalarKind.Half,
            "Int128" => ScalarKind.Int128,
            "UInt128" => ScalarKind.UInt128,
            "Memory" when IsOfBytes(type) => ScalarKind.Memory,
            "ReadOnlyMemory" when IsOfBytes(type) => ScalarKind.ReadOnlyMemory,
            _ => null,
        },
        SpecialType.None when type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => ScalarKind.Bytes,
        _ => null,
    };

    private static bool IsOfBytes(ITypeSymbol type) => type is INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Byte }] };

    /// <summary>
    /// Types with their arguments' nullability but without their own: a Box of text and a Box of text or null are two objects in JSON, a Box that
    /// may itself be null is the same.
    /// </summary>
    private sealed class ByAnnotatedType : IEqualityComparer<ITypeSymbol>
    {
        public static readonly ByAnnotatedType Instance = new();

        public bool Equals(ITypeSymbol? x, ITypeSymbol? y) => SymbolEqualityComparer.Default.Equals(x, y)
            && (x is not INamedTypeSymbol { IsGenericType: true } || SymbolEqualityComparer.IncludeNullability.Equals(
                x.WithNullableAnnotation(NullableAnnotation.NotAnnotated), y!.WithNullableAnnotation(NullableAnnotation.NotAnnotated)));

        public int GetHashCode(ITypeSymbol type) => SymbolEqualityComparer.Default.GetHashCode(type);
    }
}
