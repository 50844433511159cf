using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>Turns type symbols into type nodes. One parser for a flow's parameters, another for its result, which may also be read-only.</summary>
/// <param name="assembly">The assembly that generated code will be part of.</param>
/// <param name="forInput">Whether values are read, so that objects must be constructible and what cannot be set does not count.</param>
internal sealed class TypeParser(IAssemblySymbol assembly, bool forInput, CancellationToken cancellation)
{
    private const int MaximumDepth = 32;
    private const int MaximumObjects = 500;

    // Most flows have scalars only, and this runs for each of them after each keystroke: nothing is made before it is needed.
    private Dictionary<ITypeSymbol, string>? _names;
    private HashSet<string>? _taken;
    private List<EnumDefinition>? _enums;
    private List<ObjectDefinition?>? _objects;
    private List<TypeProblem>? _problems;
    private int _depth;

    /// <summary>What cannot be supported, found so far. Types that do not exist are not among it: the compiler reports those.</summary>
    public IReadOnlyList<TypeProblem> Problems => _problems ?? (IReadOnlyList<TypeProblem>)[];

    public TypeTable Table() => _enums is null && _objects is null
        ? TypeTable.Empty
        : new((_enums ?? []).ToEquatable(), (_objects ?? []).OfType<ObjectDefinition>().ToEquatable());

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
        return node is not null && allowsNull ? new NullableNode(node) : node;
    }

    private TypeNode? ParseNotNull(ITypeSymbol type, string path)
    {
        if (Scalar(type) is { } kind)
            return new ScalarNode(kind);
        if (type.TypeKind == TypeKind.Error)
            return null;
        if (type is IArrayTypeSymbol { Rank: 1 } array)
            return Parse(array.ElementType, path + "[]") is { } item ? new ListNode(item, item.CSharp + "[]", IsArray: true) : null;
        if (type is not INamedTypeSymbol named || type.IsRefLikeType)
            return Unsupported(type, path, "");
        if (ListOf(named) is { } element)
            return Parse(element, path + "[]") is { } item
                ? new ListNode(item, $"global::System.Collections.Generic.{named.Name}<{item.CSharp}>", IsArray: false)
                : null;
        if (!named.IsReachable(assembly))
            return Unsupported(type, path, "is not accessible; make it and the types around it internal or public");
        if (named.TypeKind == TypeKind.Enum)
            return ParseEnum(named, path);
        if (named.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) || named.SpecialType != SpecialType.None || named.IsTupleType
            || IsFramework(named) || named.AllInterfaces.Any(face => face.SpecialType == SpecialType.System_Collections_IEnumerable))
            return Unsupported(type, path, "");
        // A generic type may contain ever larger ones of itself.
        if (_depth >= MaximumDepth || _objects?.Count >= MaximumObjects)
            return Unsupported(type, path, "nests too deep");
        _depth++;
        ObjectNode node = ParseObject(named, path);
        _depth--;
        return node;
    }

    private EnumNode? ParseEnum(INamedTypeSymbol type, string path)
    {
        if (!TryName(type, out string? name))
        {
            var values = new List<EnumValue>();
            foreach (ISymbol member in type.GetMembers())
                if (member is IFieldSymbol { HasConstantValue: true } field)
                    values.Add(new(field.Name, Convert.ToString(field.ConstantValue, System.Globalization.CultureInfo.InvariantCulture)));
            if (values.Count == 0)
            {
                Unsupported(type, path, "has no members");
                return null;
            }
            name = Take(type);
            (_enums ??= []).Add(new(name, Qualified(type), type.Name, Docs(type), values.ToEquatable()));
        }
        return new(name!, Qualified(type));
    }

    private ObjectNode ParseObject(INamedTypeSymbol type, string path)
    {
        string qualified = Qualified(type);
        if (TryName(type, out string? name))
            return new(name!, qualified, type.IsValueType);

        // Taken before the members are read, since they may lead back here; the place in the list keeps the order of first use.
        name = Take(type);
        _objects ??= [];
        int place = _objects.Count;
        _objects.Add(null);

        string? problem = null;
        IMethodSymbol? constructor = type.TypeKind == TypeKind.Interface || type.IsAbstract ? null : Constructor(type, out problem);
        if (constructor is null)
            problem ??= "is abstract";
        var members = new List<MemberModel>();
        var jsonNames = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<IPropertySymbol> properties = Properties(type);
        foreach (IPropertySymbol property in properties)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Member(property, constructor, path) is not { } member)
                continue;
            members.Add(member);
            if (!jsonNames.Add(member.JsonName))
                (_problems ??= []).Add(new(path, $"{type.Name} has two members named \"{member.JsonName}\" in JSON", IsNameClash: true));
        }
        if (constructor is not null)
            foreach (IParameterSymbol parameter in constructor.Parameters)
                if (!properties.Any(property => SymbolEqualityComparer.Default.Equals(Filled(property, constructor), parameter)))
                    problem ??= $"has a constructor parameter '{parameter.Name}' without a public property of its name and type";
        if (problem is not null && forInput)
            Unsupported(type, path, problem);
        _objects[place] = new(name, qualified, type.Name, type.IsValueType, problem, Docs(type), members.ToEquatable());
        return new(name, qualified, type.IsValueType);
    }

    private MemberModel? Member(IPropertySymbol property, IMethodSymbol? constructor, string path)
    {
        IParameterSymbol? parameter = Filled(property, constructor);
        bool settable = property.SetMethod is { } setter && IsAccessible(setter);
        MemberSetting setting = property.IsRequired && settable ? MemberSetting.Initializer
            : parameter is not null ? MemberSetting.Constructor
            : !settable ? MemberSetting.None
            : property.SetMethod!.IsInitOnly ? MemberSetting.Init
            : MemberSetting.Setter;
        if (setting == MemberSetting.None && forInput)
            return null;

        string memberPath = $"{path}.{property.Name}";
        if (setting == MemberSetting.Init && forInput && property.ContainingType.IsGenericType)
        {
            Unsupported(property.ContainingType, memberPath, $"is generic with an init member '{property.Name}'; make it required, settable or a constructor parameter");
            return null;
        }
        bool hasDefault = parameter is { HasExplicitDefaultValue: true };
        object? value = hasDefault ? parameter!.ExplicitDefaultValue : null;
        if (Parse(property.Type, memberPath, nullable: hasDefault && value is null) is not { } type)
            return null;

        string? jsonName = property.GetAttributes().FirstOrDefault(attribute =>
            attribute.AttributeClass.Is("System.Text.Json.Serialization", "JsonPropertyNameAttribute"))?.FirstText();
        bool required = property.IsRequired || (parameter is not null && !hasDefault)
            || property.HasAttribute("System.Text.Json.Serialization", "JsonRequiredAttribute");
        return new(
            jsonName ?? Names.Camel(property.Name), Names.Escape(property.Name), setting == MemberSetting.Init ? Qualified(property.ContainingType) : "", type, parameter?.Ordinal ?? -1, setting,
            required, hasDefault ? new DefaultValue(value) : null, Docs(property));
    }

    /// <summary>The constructor's parameter that fills a property: of its type, and of its name but for case.</summary>
    private static IParameterSymbol? Filled(IPropertySymbol property, IMethodSymbol? constructor)
    {
        IParameterSymbol? found = null;
        if (constructor is not null)
            foreach (IParameterSymbol candidate in constructor.Parameters)
                if (string.Equals(candidate.Name, property.Name, StringComparison.OrdinalIgnoreCase) && (found is null || candidate.Name == property.Name)
                    && SymbolEqualityComparer.Default.Equals(candidate.Type, property.Type))
                    found = candidate;
        return found;
    }

    /// <summary>The constructor that JSON goes through: the one marked [JsonConstructor], else the only one, else the one without parameters.</summary>
    private IMethodSymbol? Constructor(INamedTypeSymbol type, out string? problem)
    {
        problem = null;
        var all = type.InstanceConstructors.Where(candidate => IsAccessible(candidate) && !IsCopy(candidate, type)).ToArray();
        var marked = all.Where(candidate => candidate.HasAttribute("System.Text.Json.Serialization", "JsonConstructorAttribute")).ToArray();
        if (marked.Length == 1)
            return marked[0];
        var declared = type.IsValueType ? all.Where(candidate => !candidate.IsImplicitlyDeclared || candidate.Parameters.Length > 0).ToArray() : all;
        if (declared.Length == 1)
            return declared[0];
        if (all.FirstOrDefault(candidate => candidate.Parameters.IsEmpty) is { } bare)
            return bare;
        problem = all.Length == 0 ? "has no accessible constructor" : "has several constructors; mark one with [JsonConstructor]";
        return null;
    }

    private static bool IsCopy(IMethodSymbol constructor, INamedTypeSymbol type) =>
        type.IsRecord && constructor.Parameters is [var only] && SymbolEqualityComparer.Default.Equals(only.Type, type);

    /// <summary>The public properties, the base types' first; what is overridden or hidden appears once.</summary>
    private static IReadOnlyList<IPropertySymbol> Properties(INamedTypeSymbol type)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (INamedTypeSymbol? current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
            chain.Push(current);
        var properties = new List<IPropertySymbol>();
        foreach (INamedTypeSymbol current in chain)
        {
            foreach (ISymbol member in current.GetMembers())
            {
                if (member is not IPropertySymbol { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public, GetMethod: not null } property
                    || property.HasAttribute("System.Text.Json.Serialization", "JsonIgnoreAttribute"))
                    continue;
                int hidden = properties.FindIndex(other => other.Name == property.Name);
                if (hidden < 0)
                    properties.Add(property);
                else
                    properties[hidden] = property;
            }
        }
        return properties;
    }

    private bool IsAccessible(IMethodSymbol method) => method.DeclaredAccessibility switch
    {
        Accessibility.Public => true,
        Accessibility.Internal or Accessibility.ProtectedOrInternal => SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, assembly),
        _ => false,
    };

    private TypeNode? Unsupported(ITypeSymbol type, string path, string reason)
    {
        string name = type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
        (_problems ??= []).Add(new(path, reason.Length == 0 ? $"{name} is not supported" : $"{name} {reason}"));
        return null;
    }

    private string Take(INamedTypeSymbol type)
    {
        string name = type.Name;
        foreach (ITypeSymbol argument in type.TypeArguments)
            name += "_" + argument.Name;
        string unique = name;
        _taken ??= new(StringComparer.OrdinalIgnoreCase);
        for (int n = 2; !_taken.Add(unique); n++)
            unique = name + n.ToString(System.Globalization.CultureInfo.InvariantCulture);
        (_names ??= new(SymbolEqualityComparer.Default)).Add(type, unique);
        return unique;
    }

    private bool TryName(ITypeSymbol type, out string? name)
    {
        name = null;
        return _names?.TryGetValue(type, out name) == true;
    }

    private string? Docs(ISymbol symbol) =>
        !forInput || (symbol is IPropertySymbol && symbol.DeclaringSyntaxReferences is [var only] && only.GetSyntax(cancellation) is ParameterSyntax)
            ? null
            : RawDocs.Of(symbol, cancellation);

    private static string Qualified(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static bool IsFramework(INamedTypeSymbol type)
    {
        INamespaceSymbol space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space.Name == "System";
    }

    private static ITypeSymbol? ListOf(INamedTypeSymbol type)
    {
        bool isList = type.OriginalDefinition.SpecialType is SpecialType.System_Collections_Generic_IEnumerable_T
            or SpecialType.System_Collections_Generic_IList_T or SpecialType.System_Collections_Generic_ICollection_T
            or SpecialType.System_Collections_Generic_IReadOnlyList_T or SpecialType.System_Collections_Generic_IReadOnlyCollection_T
            || (type.Arity == 1 && type.Is("System.Collections.Generic", "List"));
        return isList ? type.TypeArguments[0] : null;
    }

    private static ScalarKind? Scalar(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_String => ScalarKind.String,
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
            _ => null,
        },
        SpecialType.None when type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => ScalarKind.Bytes,
        _ => null,
    };
}
