namespace Sluice.Generators.Model;

/// <summary>
/// A type as schema, reader, writer and compile-time checks see it: a closed set, so that a new kind of type makes each of them fail to
/// compile or throw until it knows it. Objects and enums are named, since objects may contain themselves; the flow's
/// <see cref="TypeTable"/> holds what the names mean.
/// </summary>
/// <param name="CSharp">The type's name in C#, <c>global::</c> and with nullable annotations.</param>
internal abstract record TypeNode(string CSharp)
{
    /// <summary>Whether <c>T?</c> is <c>Nullable&lt;T&gt;</c>.</summary>
    public abstract bool IsValueType { get; }
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

/// <summary>An array, a list or an interface that a list implements.</summary>
/// <param name="IsArray">Whether it is an array; everything else takes a <c>List&lt;T&gt;</c>.</param>
internal sealed record ListNode(TypeNode Item, string CSharp, bool IsArray) : TypeNode(CSharp)
{
    public override bool IsValueType => false;
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
