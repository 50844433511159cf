namespace Sluice.Generators.Model;

/// <summary>
/// A type as schema, reader, writer and compile-time checks see it: a closed set, so that a new kind of type makes each of them fail to
/// compile or throw until it knows it. Objects, unions and enums are named, since objects may contain themselves; the flow's
/// <see cref="TypeTable"/> holds what the names mean.
/// </summary>
/// <param name="CSharp">The type's name in C#, <c>global::</c> and with nullable annotations.</param>
internal abstract record TypeNode(string CSharp)
{
    /// <summary>Whether <c>T?</c> is <c>Nullable&lt;T&gt;</c>.</summary>
    public abstract bool IsValueType { get; }

    /// <summary>The type without its <c>?</c>.</summary>
    public TypeNode Bare => this is NullableNode nullable ? nullable.Inner : this;
}

/// <summary>A string, number, boolean, date and the like.</summary>
internal sealed record ScalarNode(ScalarKind Kind) : TypeNode(Kind.Facts().CSharp)
{
    public override bool IsValueType => Kind.Facts().IsValueType;
}

/// <summary>A type that also allows null.</summary>
internal sealed record NullableNode(TypeNode Inner) : TypeNode(Inner.CSharp + "?")
{
    /// <summary>The value type is <see cref="Inner"/>; this one is nullable already.</summary>
    public override bool IsValueType => Inner.IsValueType;
}

/// <summary>Whatever is an array in JSON, of any length and of one item type.</summary>
internal sealed record ListNode(TypeNode Item, string CSharp, Collection Kind) : TypeNode(CSharp)
{
    public override bool IsValueType => Kind.IsValueType;
}

/// <summary>An object in JSON whose names are the keys.</summary>
/// <param name="Key">A string, Guid, integer or enum.</param>
internal sealed record DictionaryNode(TypeNode Key, TypeNode Value, string CSharp, Collection Kind) : TypeNode(CSharp)
{
    public override bool IsValueType => false;
}

/// <summary>An array in JSON with one type for each place.</summary>
internal sealed record TupleNode(EquatableArray<TypeNode> Items, string CSharp, bool IsStruct) : TypeNode(CSharp)
{
    public override bool IsValueType => IsStruct;
}

/// <summary>JSON as it is.</summary>
internal sealed record AnyNode(AnyKind Kind) : TypeNode(Kind.CSharp())
{
    public override bool IsValueType => Kind == AnyKind.JsonElement;
}

/// <summary>An enum of the <see cref="TypeTable"/>.</summary>
internal sealed record EnumNode(string Name, string CSharp) : TypeNode(CSharp)
{
    public override bool IsValueType => true;
}

/// <summary>An object type of the <see cref="TypeTable"/>.</summary>
internal sealed record ObjectNode(string Name, string CSharp, bool IsStruct) : TypeNode(CSharp)
{
    public override bool IsValueType => IsStruct;
}

/// <summary>A type of the <see cref="TypeTable"/> that a converter reads and writes.</summary>
internal sealed record ConverterNode(string Name, string CSharp, bool IsStruct) : TypeNode(CSharp)
{
    public override bool IsValueType => IsStruct;
}

/// <summary>A base type of the <see cref="TypeTable"/> whose derived types a discriminator tells apart.</summary>
internal sealed record UnionNode(string Name, string CSharp) : TypeNode(CSharp)
{
    public override bool IsValueType => false;
}
