namespace Sluice.Generators.Model;

/// <summary>The enums and objects that a flow's parameters and result are made of, each under the name it has in the schema's <c>definitions</c>.</summary>
internal sealed record TypeTable(EquatableArray<EnumDefinition> Enums, EquatableArray<ObjectDefinition> Objects)
{
    public static readonly TypeTable Empty = new(EquatableArray<EnumDefinition>.Empty, EquatableArray<ObjectDefinition>.Empty);

    public EnumDefinition Enum(string name) => Enums.First(definition => definition.Name == name);

    public ObjectDefinition Object(string name) => Objects.First(definition => definition.Name == name);
}

/// <summary>An enum.</summary>
internal sealed record EnumDefinition(string Name, string CSharp, string Title, string? Docs, EquatableArray<EnumValue> Values);

/// <summary>A member of an enum.</summary>
/// <param name="Number">Its value; members after the first of the same value are read but never written.</param>
internal sealed record EnumValue(string Name, string Number);

/// <summary>A class, struct or record with the members that JSON shows.</summary>
/// <param name="Problem">Why it cannot be constructed, when it can only be written.</param>
/// <param name="Docs">Its XML docs, raw.</param>
internal sealed record ObjectDefinition(
    string Name, string CSharp, string Title, bool IsStruct, string? Problem, string? Docs, EquatableArray<MemberModel> Members);

/// <summary>A member of an object.</summary>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Property">The property's name, escaped.</param>
/// <param name="DeclaringType">The type that declares it; empty where no one asks (<see cref="MemberSetting.Init"/> does).</param>
/// <param name="ConstructorIndex">Its position among the constructor's parameters, or -1.</param>
/// <param name="Setting">How it is set, when the constructor does not.</param>
/// <param name="Required">Whether JSON must have it.</param>
/// <param name="Default">What it is when JSON lacks it: the constructor parameter's default; null when the object itself knows.</param>
/// <param name="Docs">Its XML docs, raw.</param>
internal sealed record MemberModel(
    string JsonName, string Property, string DeclaringType, TypeNode Type, int ConstructorIndex, MemberSetting Setting, bool Required,
    DefaultValue? Default, string? Docs);

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

    /// <summary>Not at all: it is written but not read.</summary>
    None,
}
