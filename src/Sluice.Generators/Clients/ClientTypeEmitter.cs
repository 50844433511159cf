using System.Globalization;
using Sluice.Generators.Emitting;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Clients;

/// <summary>Writes the types that clients need, and the methods that write their values as JSON.</summary>
internal static class ClientTypeEmitter
{
    public const string Writer = "global::System.Text.Json.Utf8JsonWriter";
    private const string Output = "global::Sluice.Runtime.Binding.JsonOutput";
    private const string Any = "global::System.Text.Json.Nodes.JsonNode";

    /// <summary>Names of methods that stand beside all types.</summary>
    public static readonly string[] Helpers = ["WriteAny", "WriteMap", "RunAsync", "Equals", "ReferenceEquals"];

    /// <summary>An expression that writes a value.</summary>
    public static string Expression(ClientType type, string writer, string value) => type switch
    {
        PlainType => $"{Output}.Write({writer}, {value})",
        AnyType => $"WriteAny({writer}, {value})",
        NullableType { IsValue: true } nullable => $"{Output}.WriteNullOrValue<{nullable.Inner.CSharp}>({writer}, {value}, static (w, v) => {Expression(nullable.Inner, "w", "v")})",
        // What writes a reference type writes its null, too.
        NullableType nullable => Expression(nullable.Inner, writer, value),
        ListType list => $"{Output}.WriteList<{list.Item.CSharp}>({writer}, {value}, static (w, v) => {Expression(list.Item, "w", "v")})",
        MapType map => $"WriteMap<{map.Value.CSharp}>({writer}, {value}, static (w, v) => {Expression(map.Value, "w", "v")})",
        DeclaredType declared => $"Write{declared.Name}({writer}, {value})",
        TupleType tuple => $"Write{tuple.Name}({writer}, {value})",
        _ => throw new InvalidOperationException($"No writer for {type}."),
    };

    public static void Write(CodeWriter code, IReadOnlyList<ClientDeclaration> declarations)
    {
        ILookup<string, string> unions = declarations.OfType<UnionDeclaration>().SelectMany(union => union.Records.Select(record => (record, union.Name))).ToLookup(pair => pair.record, pair => pair.Name);
        foreach (ClientDeclaration declaration in declarations)
        {
            switch (declaration)
            {
                case EnumDeclaration type: WriteEnum(code, type); break;
                case RecordDeclaration type: WriteRecord(code, type, [.. unions[type.Name].Distinct()]); break;
                case UnionDeclaration type: WriteUnion(code, type); break;
                case TupleDeclaration type: WriteTuple(code, type); break;
            }
        }
    }

    /// <summary>The methods that what was written from <paramref name="start"/> on calls.</summary>
    public static void WriteHelpers(CodeWriter code, int start)
    {
        string written = code.ToString();
        bool Calls(string method) => written.IndexOf(method, start, StringComparison.Ordinal) >= 0;

        bool writesMaps = Calls("WriteMap<");
        if (Calls("WriteAny("))
        {
            code.Line().Open($"private static void WriteAny({Writer} writer, {Any}? value)")
                .Line("if (value is null)").Deeper("writer.WriteNullValue();").Line("else").Deeper("value.WriteTo(writer);").Close();
        }
        if (writesMaps)
        {
            code.Line().Open($"private static void WriteMap<T>({Writer} writer, global::System.Collections.Generic.IReadOnlyDictionary<string, T>? value, global::System.Action<{Writer}, T> write)")
                .Open("if (value is null)").Line("writer.WriteNullValue();").Line("return;").Close()
                .Line("writer.WriteStartObject();").Line("WriteMembers(writer, value, write);").Line("writer.WriteEndObject();").Close();
        }
        if (writesMaps || Calls("WriteMembers<"))
        {
            code.Line().Open($"private static void WriteMembers<T>({Writer} writer, global::System.Collections.Generic.IReadOnlyDictionary<string, T> value, global::System.Action<{Writer}, T> write)")
                .Open("foreach (var member in value)").Line("writer.WritePropertyName(member.Key);").Line("write(writer, member.Value);").Close().Close();
        }
    }

    private static void WriteEnum(CodeWriter code, EnumDeclaration type)
    {
        Describe(code, type.Description).Open($"internal enum {type.Name}");
        foreach ((string name, string json) in type.Values)
            code.Line($"/// <summary><c>{ClientText.Xml(json)}</c></summary>").Line(Names.Escape(name) + ",");
        code.Close().Line().Open($"private static void Write{type.Name}({Writer} writer, {type.Name} value) => writer.WriteRawValue(value switch");
        foreach ((string name, string json) in type.Values)
            code.Line($"{type.Name}.{Names.Escape(name)} => {ClientText.Literal(json)},");
        code.Line($"_ => throw new global::System.ArgumentOutOfRangeException(\"value\", value, \"{type.Name} has no such value.\"),").Close(");").Line();
    }

    private static void WriteRecord(CodeWriter code, RecordDeclaration type, string[] interfaces)
    {
        ClientMember[] own = [.. type.Members.Where(member => member.Constant is null).OrderBy(member => !member.IsRequired)];
        string extra = ClientText.Unique("Others", new HashSet<string>(own.Select(member => member.Name), StringComparer.Ordinal) { type.Name });
        Describe(code, type.Description);
        foreach (ClientMember member in own)
            code.Line(Doc(member));
        if (type.Extra is not null)
            code.Line($"/// <param name=\"{extra}\">Further members by their names.</param>");
        var parameters = own.Select(member => member.IsRequired ? $"{member.Type!.CSharp} {Names.Escape(member.Name)}" : $"{Optional(member.Type!)} {Names.Escape(member.Name)} = null");
        if (type.Extra is not null)
            parameters = parameters.Append($"{type.Extra.CSharp}? {extra} = null");
        code.Line($"internal sealed record {type.Name}({string.Join(", ", parameters)}){(interfaces.Length > 0 ? " : " + string.Join(", ", interfaces) : "")};").Line()
            .Open($"private static void Write{type.Name}({Writer} writer, {type.Name}? value)")
            .Open("if (value is null)").Line("writer.WriteNullValue();").Line("return;").Close()
            .Line("writer.WriteStartObject();");
        int number = 0;
        foreach (ClientMember member in type.Members)
        {
            if (member.Constant is { } constant)
                code.Line(Property(member)).Line($"writer.WriteRawValue({ClientText.Literal(constant)});");
            else if (member.IsRequired)
                code.Line(Property(member)).Line(Expression(member.Type!, "writer", "value." + Names.Escape(member.Name)) + ";");
            else
                WriteOptional(code, member, "value." + Names.Escape(member.Name), "set" + (number++).ToString(CultureInfo.InvariantCulture));
        }
        if (type.Extra is MapType map)
            code.Line($"if (value.{extra} is not null)").Deeper($"WriteMembers<{map.Value.CSharp}>(writer, value.{extra}, static (w, v) => {Expression(map.Value, "w", "v")});");
        code.Line("writer.WriteEndObject();").Close().Line();
    }

    /// <summary>Writes a member unless it is null, which leaves it out.</summary>
    public static void WriteOptional(CodeWriter code, ClientMember member, string value, string set, string writer = "writer")
    {
        ClientType type = member.Type is NullableType nullable ? nullable.Inner : member.Type!;
        code.Open($"if ({value} is {{ }} {set})").Line(Property(member, writer)).Line(Expression(type, writer, set) + ";").Close();
    }

    public static string Doc(ClientMember member) =>
        $"/// <param name=\"{member.Name}\">{(member.Description is { } description ? ClientText.Xml(description) : $"<c>{ClientText.Xml(member.JsonName)}</c>")}</param>";

    public static string Property(ClientMember member, string writer = "writer") => $"{writer}.WritePropertyName({ClientText.Literal(member.JsonName)});";

    /// <summary>The type with null for "left out".</summary>
    public static string Optional(ClientType type) => type.AllowsNull ? type.CSharp : type.CSharp + "?";

    private static void WriteUnion(CodeWriter code, UnionDeclaration type)
    {
        code.Line($"/// <summary>One of {string.Join(", ", type.Records)}.</summary>").Open($"internal interface {type.Name}").Close().Line()
            .Open($"private static void Write{type.Name}({Writer} writer, {type.Name}? value)").Open("switch (value)")
            .Line("case null:").Deeper("writer.WriteNullValue();").Deeper("break;");
        foreach (string record in type.Records)
            code.Line($"case {record} one:").Deeper($"Write{record}(writer, one);").Deeper("break;");
        code.Line("default:").Deeper($"throw new global::System.ArgumentException(\"{type.Name} is one of {string.Join(", ", type.Records)}.\", \"value\");").Close().Close().Line();
    }

    private static void WriteTuple(CodeWriter code, TupleDeclaration type)
    {
        code.Open($"private static void Write{type.Name}({Writer} writer, {type.Text} value)").Line("writer.WriteStartArray();");
        for (int i = 0; i < type.Items.Count; i++)
            code.Line(Expression(type.Items[i], "writer", "value.Item" + (i + 1).ToString(CultureInfo.InvariantCulture)) + ";");
        code.Line("writer.WriteEndArray();").Close().Line();
    }

    private static CodeWriter Describe(CodeWriter code, string? description) =>
        description is { Length: > 0 } ? code.Line($"/// <summary>{ClientText.Xml(description)}</summary>") : code;
}
