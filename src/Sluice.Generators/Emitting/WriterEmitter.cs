using System.Globalization;
using Sluice.Generators.Model;

namespace Sluice.Generators.Emitting;

/// <summary>Writes the code that writes values as JSON: one function for each enum and object, and expressions for everything else.</summary>
internal static class WriterEmitter
{
    public const string Writer = "global::System.Text.Json.Utf8JsonWriter";
    private const string Output = ReaderEmitter.Space + "JsonOutput";

    public static void WriteTypes(CodeWriter code, TypeTable types)
    {
        foreach (EnumDefinition definition in types.Enums)
            WriteEnum(code, definition);
        foreach (ObjectDefinition definition in types.Objects)
            WriteObject(code, definition);
    }

    /// <summary>An expression that writes a value.</summary>
    public static string Expression(TypeNode type, string writer, string value) => type switch
    {
        ScalarNode => $"{Output}.Write({writer}, {value})",
        NullableNode { IsValueType: true } nullable =>
            $"{Output}.WriteNullOrValue<{nullable.Inner.CSharp}>({writer}, {value}, static (w, v) => {Expression(nullable.Inner, "w", "v")})",
        // What writes a reference type writes its null, too: annotations promise much at run time but hold little.
        NullableNode nullable => Expression(nullable.Inner, writer, value),
        ListNode list => $"{Output}.WriteList<{list.Item.CSharp}>({writer}, {value}, static (w, v) => {Expression(list.Item, "w", "v")})",
        EnumNode enumeration => $"Write{enumeration.Name}({writer}, {value})",
        ObjectNode @object => $"Write{@object.Name}({writer}, {value})",
        _ => throw new InvalidOperationException($"No writer for {type}."),
    };

    private static void WriteEnum(CodeWriter code, EnumDefinition definition)
    {
        code.Open($"private static void Write{definition.Name}({Writer} writer, {definition.CSharp} value)").Open("switch (value)");
        var written = new HashSet<string>(StringComparer.Ordinal);
        bool isUnsigned = false;
        foreach (EnumValue value in definition.Values)
        {
            isUnsigned |= ulong.TryParse(value.Number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number > long.MaxValue;
            if (written.Add(value.Number))
                code.Line($"case {definition.CSharp}.{Parsing.Names.Escape(value.Name)}:").Deeper($"writer.WriteStringValue({Literals.Text(value.Name)});").Deeper("break;");
        }
        // A number without a name, as casts and combined flags make them.
        code.Line("default:").Deeper($"writer.WriteNumberValue(({(isUnsigned ? "ulong" : "long")})value);").Deeper("break;").Close().Close().Line();
    }

    private static void WriteObject(CodeWriter code, ObjectDefinition definition)
    {
        code.Open($"private static void Write{definition.Name}({Writer} writer, {definition.CSharp}{(definition.IsStruct ? "" : "?")} value)");
        if (!definition.IsStruct)
            code.Open("if (value is null)").Line("writer.WriteNullValue();").Line("return;").Close();
        code.Line("writer.WriteStartObject();");
        foreach (MemberModel member in definition.Members)
            code.Line($"writer.WritePropertyName({Literals.Text(member.JsonName)});").Line(Expression(member.Type, "writer", $"value.{member.Property}") + ";");
        code.Line("writer.WriteEndObject();").Close().Line();
    }
}
