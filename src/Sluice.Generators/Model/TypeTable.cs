namespace Sluice.Generators.Model;

/// <summary>The enums, objects and unions that a flow's parameters and result are made of, each under the name it has in the schema's <c>definitions</c>.</summary>
internal sealed record TypeTable(EquatableArray<EnumDefinition> Enums, EquatableArray<ObjectDefinition> Objects, EquatableArray<UnionDefinition> Unions,
    EquatableArray<ConverterDefinition> Converters)
{
    public static readonly TypeTable Empty =
        new(EquatableArray<EnumDefinition>.Empty, EquatableArray<ObjectDefinition>.Empty, EquatableArray<UnionDefinition>.Empty, EquatableArray<ConverterDefinition>.Empty);

    public EnumDefinition Enum(string name)
    {
        foreach (EnumDefinition definition in Enums)
            if (definition.Name == name)
                return definition;
        throw new InvalidOperationException($"No enum {name}.");
    }

    public ObjectDefinition Object(string name)
    {
        foreach (ObjectDefinition definition in Objects)
            if (definition.Name == name)
                return definition;
        throw new InvalidOperationException($"No object {name}.");
    }

    public UnionDefinition Union(string name)
    {
        foreach (UnionDefinition definition in Unions)
            if (definition.Name == name)
                return definition;
        throw new InvalidOperationException($"No union {name}.");
    }

    public ConverterDefinition Converter(string name)
    {
        foreach (ConverterDefinition definition in Converters)
            if (definition.Name == name)
                return definition;
        throw new InvalidOperationException($"No converter {name}.");
    }

    /// <summary>The names of all definitions.</summary>
    public IEnumerable<string> Names => Enums.Select(definition => definition.Name).Concat(Objects.Select(definition => definition.Name))
        .Concat(Unions.Select(definition => definition.Name)).Concat(Converters.Select(definition => definition.Name));
}

/// <summary>An enum.</summary>
/// <param name="IsFlags">Whether it is written as an array of names, as [Flags] says.</param>
internal sealed record EnumDefinition(string Name, string CSharp, string Title, bool IsFlags, string? Docs, EquatableArray<EnumValue> Values);

/// <summary>A member of an enum.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Number">Its value; members after the first of the same value are read but never written.</param>
internal sealed record EnumValue(string Name, string JsonName, string Number);

/// <summary>A type that a converter reads and writes.</summary>
/// <param name="Converter">The converter's type, <c>global::</c>.</param>
/// <param name="Schema">The declared schema, as JSON, its patterns as a schema has them.</param>
/// <param name="NetSchema">The same, its patterns as .NET reads them.</param>
internal sealed record ConverterDefinition(string Name, string CSharp, string Title, string Converter, string Schema, string NetSchema, string? Docs);

/// <summary>A base type with the derived types that JSON may hold in its place.</summary>
/// <param name="Discriminator">The name of the member that tells them apart.</param>
internal sealed record UnionDefinition(string Name, string CSharp, string Title, string Discriminator, string? Docs, EquatableArray<UnionCase> Cases);

/// <summary>One of a union's types.</summary>
/// <param name="Value">The discriminator's value as JSON, a string or an integer; null for the base type itself, which has none.</param>
internal sealed record UnionCase(string? Value, ObjectNode Type);

/// <summary>A class, struct or record with the members that JSON shows.</summary>
/// <param name="Problem">Why it cannot be constructed, when it can only be written.</param>
/// <param name="Discriminator">The name of the discriminator, when it is one of a union's types.</param>
/// <param name="DiscriminatorValue">The discriminator's value, as JSON.</param>
/// <param name="Docs">Its XML docs, raw.</param>
internal sealed record ObjectDefinition(
    string Name, string CSharp, string Title, bool IsStruct, string? Problem, string? Discriminator, string? DiscriminatorValue, string? Docs,
    EquatableArray<MemberModel> Members);

/// <summary>A member of an object.</summary>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Property">The property's or field's name, escaped.</param>
/// <param name="DeclaringType">The type that declares it; empty where no one asks (<see cref="MemberSetting.Init"/> does).</param>
/// <param name="ConstructorIndex">Its position among the constructor's parameters, or -1.</param>
/// <param name="Setting">How it is set, when the constructor does not.</param>
/// <param name="Required">Whether JSON must have it.</param>
/// <param name="Default">What it is when JSON lacks it: the constructor parameter's default; null when the object itself knows.</param>
/// <param name="Omission">When it is not written.</param>
/// <param name="Docs">Its XML docs, raw.</param>
/// <param name="Constraints">What its attributes ask.</param>
internal sealed record MemberModel(
    string JsonName, string Property, string DeclaringType, TypeNode Type, int ConstructorIndex, MemberSetting Setting, bool Required,
    DefaultValue? Default, MemberOmission Omission, string? Docs, Constraints? Constraints = null);

/// <summary>How a member is set after construction.</summary>
internal enum MemberSetting
{
    /// <summary>By the constructor.</summary>
    Constructor,

    /// <summary>In the object initializer, because C# demands it of a <c>required</c> member.</summary>
    Initializer,

    /// <summary>By its setter, when JSON has it.</summary>
    Setter,

    /// <summary>By its init accessor, when JSON has it; called through an unsafe accessor, since C# has no conditional initializer.</summary>
    Init,

    /// <summary>By a copy <c>with</c> another value, when JSON has it: unsafe accessors cannot name the members of a generic type's instance.</summary>
    Copy,

    /// <summary>Not at all: it is written but not read.</summary>
    None,
}

/// <summary>When a member is not written.</summary>
internal enum MemberOmission
{
    Never,
    WhenNull,
    WhenDefault,
}
