namespace Sluice.Generators.Clients;

/// <summary>A C# type made for a schema.</summary>
/// <param name="CSharp">Its name; with a question mark where it allows null.</param>
/// <param name="IsValue">Whether <c>T?</c> is <c>Nullable&lt;T&gt;</c>.</param>
internal abstract record ClientType(string CSharp, bool IsValue)
{
    public bool AllowsNull => CSharp.EndsWith("?", StringComparison.Ordinal);
}

/// <summary>A type of the framework that <c>JsonOutput</c> writes.</summary>
internal sealed record PlainType(string CSharp, bool IsValue) : ClientType(CSharp, IsValue);

/// <summary>Any JSON: <c>JsonNode</c>, into which numbers, texts and booleans convert by themselves.</summary>
/// <param name="Why">Why nothing more precise is known, for people; null where the schema says nothing.</param>
internal sealed record AnyType(string? Why) : ClientType("global::System.Text.Json.Nodes.JsonNode?", false);

internal sealed record NullableType(ClientType Inner) : ClientType(Inner.CSharp + "?", Inner.IsValue);

internal sealed record ListType(ClientType Item) : ClientType($"global::System.Collections.Generic.IReadOnlyCollection<{Item.CSharp}>", false);

internal sealed record MapType(ClientType Value) : ClientType($"global::System.Collections.Generic.IReadOnlyDictionary<string, {Value.CSharp}>", false);

/// <summary>A type that is declared beside the clients.</summary>
internal sealed record DeclaredType(string Name, bool IsEnum) : ClientType(Name, IsEnum);

/// <summary>A tuple; written by a method of its own.</summary>
internal sealed record TupleType(string Name, string Text) : ClientType(Text, true);

/// <summary>What stands beside the clients.</summary>
internal abstract record ClientDeclaration(string Name, string? Description);

internal sealed record EnumDeclaration(string Name, string? Description, IReadOnlyList<(string Name, string Json)> Values) : ClientDeclaration(Name, Description);

/// <param name="Extra">The type of members that have no name of their own; null where there are none.</param>
internal sealed record RecordDeclaration(string Name, string? Description, IReadOnlyList<ClientMember> Members, ClientType? Extra) : ClientDeclaration(Name, Description);

/// <summary>One of several records, as an interface that they implement.</summary>
internal sealed record UnionDeclaration(string Name, string? Description, IReadOnlyList<string> Records) : ClientDeclaration(Name, Description);

internal sealed record TupleDeclaration(string Name, string Text, IReadOnlyList<ClientType> Items) : ClientDeclaration(Name, null);

/// <summary>A parameter, or a member of a record.</summary>
/// <param name="Name">Its name in C#, without @.</param>
/// <param name="Type">Its type; null for a constant.</param>
/// <param name="IsSecret">Whether its values stay out of docs.</param>
/// <param name="Constant">The JSON that is always written; null where it is the caller's.</param>
internal sealed record ClientMember(string JsonName, string Name, ClientType? Type, bool IsRequired, string? Description, bool IsSecret, string? Constant);
