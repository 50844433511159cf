using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <content>Classes, structs and records.</content>
internal sealed partial class TypeParser
{
    /// <summary>A property or field that JSON may show.</summary>
    private readonly record struct Candidate(ISymbol Symbol, ITypeSymbol Type, IMethodSymbol? Setter, bool IsRequired, JsonMarks Marks)
    {
        public string Name => Symbol.Name;

        public bool IsField => Symbol is IFieldSymbol;
    }

    private ObjectNode ParseObject(INamedTypeSymbol type, string path)
    {
        if (TryName(type, out string? name))
            return new(name!, Qualified(type), type.IsValueType);
        // Taken before the members are read, since they may lead back here.
        return ParseMembers(type, path, TakeFor(type), null, null);
    }

    /// <summary>One of a union's types: an object of its own, since it also has the discriminator.</summary>
    private ObjectNode ParseObject(INamedTypeSymbol type, string path, string? discriminator, string? value) =>
        ParseMembers(type, path, Take(type), discriminator, value);

    private ObjectNode ParseMembers(INamedTypeSymbol type, string path, string name, string? discriminator, string? value)
    {
        // The place in the list keeps the order of first use.
        _objects ??= [];
        int place = _objects.Count;
        _objects.Add(null);

        string? problem = null;
        IMethodSymbol? constructor = type.TypeKind == TypeKind.Interface || type.IsAbstract ? null : Constructor(type, out problem);
        if (constructor is null)
            problem ??= type.TypeKind == TypeKind.Interface
                ? "is an interface without known implementations; name them with [JsonDerivedType], or take a class"
                : "is abstract; name its derived types with [JsonDerivedType], or take one of them";
        var members = new List<(int Order, MemberModel Model)>();
        var jsonNames = new HashSet<string>(StringComparer.Ordinal);
        if (discriminator is not null)
            jsonNames.Add(discriminator);
        bool isOrdered = false;
        List<Candidate> candidates = Candidates(type);
        foreach (Candidate candidate in candidates)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Member(candidate, type, constructor, path) is not { } member)
                continue;
            members.Add((candidate.Marks.Order, member));
            isOrdered |= candidate.Marks.Order != 0;
            if (!jsonNames.Add(member.JsonName))
                Note(path, $"{type.Name} has two members named \"{member.JsonName}\" in JSON; give one another [JsonPropertyName]", TypeRule.DistinctNames);
        }
        if (constructor is not null)
            foreach (IParameterSymbol parameter in constructor.Parameters)
                if (!IsFilled(parameter, constructor, candidates))
                    problem ??= $"has a constructor parameter '{parameter.Name}' without a public property of its name and type";
        if (problem is not null && forInput)
            Unsupported(type, path, problem);
        string qualified = Qualified(type);
        IEnumerable<MemberModel> inOrder = isOrdered ? members.OrderBy(member => member.Order).Select(member => member.Model) : members.Select(member => member.Model);
        _objects[place] = new(name, qualified, type.Name, type.IsValueType, problem, discriminator, value, Docs(type), inOrder.ToEquatable());
        return new(name, qualified, type.IsValueType);
    }

    private MemberModel? Member(Candidate candidate, INamedTypeSymbol type, IMethodSymbol? constructor, string path)
    {
        ISymbol? outer = _member;
        if (SymbolEqualityComparer.Default.Equals(candidate.Symbol.ContainingAssembly, assembly))
            _member = candidate.Symbol;
        MemberModel? member = ParseMember(candidate, type, constructor, path);
        _member = outer;
        return member;
    }

    private MemberModel? ParseMember(Candidate candidate, INamedTypeSymbol type, IMethodSymbol? constructor, string path)
    {
        string memberPath = $"{path}.{candidate.Name}";
        if (candidate.Marks.IsExtension)
        {
            Note(memberPath, $"'{candidate.Name}' is [JsonExtensionData], which is not supported; take a dictionary under a name of its own");
            return null;
        }
        IParameterSymbol? parameter = Filled(candidate, constructor);
        MemberSetting setting = Setting(candidate, type, parameter is not null);
        if (setting == MemberSetting.None && forInput)
            return null;
        INamedTypeSymbol declaring = candidate.Symbol.ContainingType;
        if (setting == MemberSetting.Init && forInput && declaring.IsGenericType)
        {
            Unsupported(declaring, memberPath, $"is generic with an init member '{candidate.Name}'; make it required, settable or a constructor parameter, or the type a record");
            return null;
        }
        bool hasDefault = parameter is { HasExplicitDefaultValue: true };
        object? value = hasDefault ? parameter!.ExplicitDefaultValue : null;
        if (ParseValue(candidate, memberPath, nullable: hasDefault && value is null) is not { } node)
            return null;
        DefaultValue? standard = hasDefault ? new(value) : null;
        Constraints? constraints = null;
        if (!candidate.Symbol.GetAttributes().IsEmpty || parameter?.GetAttributes().IsEmpty == false)
        {
            var parser = new ConstraintParser(node, Table, candidate.Symbol, memberPath, _constraintProblems ??= []);
            constraints = parser.Read(candidate.Symbol, parameter);
            parser.CheckDefault(parameter, constraints);
            standard ??= parser.DefaultJson is { } json ? new(null, json) : null;
        }
        bool required = candidate.IsRequired || candidate.Marks.IsRequired || (standard is null && (parameter is not null || constraints?.IsRequired == true));
        return new(
            candidate.Marks.Name ?? Names.Camel(candidate.Name), Names.Escape(candidate.Name), setting == MemberSetting.Init ? Qualified(declaring) : "", node,
            parameter?.Ordinal ?? -1, setting, required, standard, candidate.Marks.Omission, Docs(candidate.Symbol), constraints);
    }

    private TypeNode? ParseValue(Candidate candidate, string path, bool nullable)
    {
        if (candidate.Marks.Converter is not { } converter)
            return Parse(candidate.Type, path, nullable);
        ITypeSymbol bare = candidate.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } wrapper ? wrapper.TypeArguments[0] : candidate.Type;
        TypeNode? node = ParseConverted(bare, converter, candidate.Marks.Schema, path);
        bool allowsNull = nullable || candidate.Type.NullableAnnotation == NullableAnnotation.Annotated;
        return node is not null && allowsNull ? new NullableNode(node) : node;
    }

    private MemberSetting Setting(Candidate candidate, INamedTypeSymbol type, bool isFilled)
    {
        bool isWritable = candidate.IsField ? candidate.Symbol is IFieldSymbol { IsReadOnly: false } : candidate.Setter is { } setter && IsAccessible(setter);
        if (candidate.IsRequired && isWritable)
            return MemberSetting.Initializer;
        if (isFilled)
            return MemberSetting.Constructor;
        if (!isWritable)
            return candidate.Setter is not null && candidate.Marks.IsIncluded ? MemberSetting.Init : MemberSetting.None;
        if (candidate.Setter is not { IsInitOnly: true })
            return MemberSetting.Setter;
        return candidate.Symbol.ContainingType.IsGenericType && (type.IsRecord || type.IsValueType) ? MemberSetting.Copy : MemberSetting.Init;
    }

    /// <summary>The constructor's parameter that fills a member: of its type, and of its name but for case.</summary>
    private static IParameterSymbol? Filled(Candidate candidate, IMethodSymbol? constructor)
    {
        IParameterSymbol? found = null;
        if (constructor is not null)
            foreach (IParameterSymbol parameter in constructor.Parameters)
                if (string.Equals(parameter.Name, candidate.Name, StringComparison.OrdinalIgnoreCase) && (found is null || parameter.Name == candidate.Name)
                    && SymbolEqualityComparer.Default.Equals(parameter.Type, candidate.Type))
                    found = parameter;
        return found;
    }

    private static bool IsFilled(IParameterSymbol parameter, IMethodSymbol constructor, List<Candidate> candidates)
    {
        foreach (Candidate candidate in candidates)
            if (SymbolEqualityComparer.Default.Equals(Filled(candidate, constructor), parameter))
                return true;
        return false;
    }

    /// <summary>The constructor that JSON goes through: the one marked [JsonConstructor], else the only one, else the one without parameters.</summary>
    private IMethodSymbol? Constructor(INamedTypeSymbol type, out string? problem)
    {
        problem = null;
        IMethodSymbol? bare = null;
        IMethodSymbol? only = null;
        int all = 0;
        int declared = 0;
        foreach (IMethodSymbol candidate in type.InstanceConstructors)
        {
            bool isMarked = candidate.HasAttribute("System.Text.Json.Serialization", "JsonConstructorAttribute");
            if (!IsAccessible(candidate))
            {
                if (!isMarked)
                    continue;
                problem = "has a [JsonConstructor] that is not accessible; make it internal or public";
                return null;
            }
            if (isMarked)
                return candidate;
            if (IsCopy(candidate, type))
                continue;
            all++;
            if (candidate.Parameters.IsEmpty)
                bare = candidate;
            if (type.IsValueType && candidate.IsImplicitlyDeclared && candidate.Parameters.IsEmpty)
                continue;
            declared++;
            only = candidate;
        }
        if (declared == 1)
            return only;
        if (bare is not null)
            return bare;
        problem = all == 0 ? "has no accessible constructor" : "has several constructors; mark one with [JsonConstructor]";
        return null;
    }

    private static bool IsCopy(IMethodSymbol constructor, INamedTypeSymbol type) =>
        type.IsRecord && constructor.Parameters is [var only] && SymbolEqualityComparer.Default.Equals(only.Type, type);

    /// <summary>The public properties, the base types' first, and what is marked [JsonInclude]; what is overridden or hidden appears once.</summary>
    private List<Candidate> Candidates(INamedTypeSymbol type)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (INamedTypeSymbol? current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
            chain.Push(current);
        if (type.TypeKind == TypeKind.Interface)
            foreach (INamedTypeSymbol face in type.AllInterfaces)
                chain.Push(face);
        var candidates = new List<Candidate>(8);
        foreach (INamedTypeSymbol current in chain)
        {
            foreach (ISymbol member in current.GetMembers())
            {
                if (CandidateOf(member) is not { } candidate)
                    continue;
                int hidden = candidates.Count - 1;
                while (hidden >= 0 && candidates[hidden].Name != candidate.Name)
                    hidden--;
                if (hidden < 0)
                    candidates.Add(candidate);
                else
                    candidates[hidden] = candidate;
            }
        }
        return candidates;
    }

    private Candidate? CandidateOf(ISymbol member)
    {
        // A name that is still to be typed is none.
        if (member.IsStatic || member.Name.Length == 0 || member is not (IPropertySymbol { IsIndexer: false, GetMethod: not null } or IFieldSymbol { AssociatedSymbol: null }))
            return null;
        bool isProperty = member is IPropertySymbol { DeclaredAccessibility: Accessibility.Public } && member is IPropertySymbol { GetMethod.DeclaredAccessibility: Accessibility.Public };
        JsonMarks marks = JsonMarks.Of(member, forInput);
        if (marks.IsIgnored || !(isProperty || marks.IsIncluded))
            return null;
        if (member is IFieldSymbol field)
            return IsAccessible(field) ? new(field, field.Type, null, field.IsRequired, marks) : Hidden(member);
        var property = (IPropertySymbol)member;
        return IsAccessible(property.GetMethod!) ? new(property, property.Type, property.SetMethod, property.IsRequired, marks) : Hidden(member);
    }

    private Candidate? Hidden(ISymbol member)
    {
        ISymbol? outer = _member;
        if (member.DeclaringSyntaxReferences.Length > 0)
            _member = member;
        Note(member.ContainingType.Name + "." + member.Name, "is [JsonInclude] but not accessible; make it internal or public");
        _member = outer;
        return null;
    }

    private bool IsAccessible(ISymbol member) => member.DeclaredAccessibility switch
    {
        Accessibility.Public => true,
        Accessibility.Internal or Accessibility.ProtectedOrInternal => SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, assembly),
        _ => false,
    };
}
