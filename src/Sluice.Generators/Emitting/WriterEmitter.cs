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
        foreach (UnionDefinition definition in types.Unions)
            WriteUnion(code, definition);
        foreach (ConverterDefinition definition in types.Converters)
            ReaderEmitter.WriteConverter(code, definition, "OutputOf");
    }

    /// <summary>An expression that writes a value.</summary>
    public static string Expression(TypeNode type, string writer, string value) => type switch
    {
        // Methods of their own where implicit conversions would make a call ambiguous.
        ScalarNode { Kind: ScalarKind.Half or ScalarKind.Int128 or ScalarKind.UInt128 } scalar => $"{Output}.Write{scalar.Kind}({writer}, {value})",
        ScalarNode => $"{Output}.Write({writer}, {value})",
        NullableNode { IsValueType: true } nullable =>
            $"{Output}.WriteNullOrValue<{nullable.Inner.CSharp}>({writer}, {value}, {Lambda(nullable.Inner)})",
        // What writes a reference type writes its null, too: annotations promise much at run time but hold little.
        NullableNode nullable => Expression(nullable.Inner, writer, value),
        ListNode list => $"{Output}.Write{(list.Kind.IsReversed ? "Reversed" : "List")}<{list.Item.CSharp}>({writer}, {value}, {Lambda(list.Item)})",
        DictionaryNode dictionary => $"{Output}.WriteDictionary<{dictionary.Key.CSharp}, {dictionary.Value.CSharp}>({writer}, {value}, static k => {Key(dictionary.Key)}, {Lambda(dictionary.Value)})",
        TupleNode tuple => $"{Output}.WriteTuple<{tuple.CSharp}>({writer}, {value}, static (w, t) => {{ {string.Concat(tuple.Items.Select((item, i) => $"{Expression(item, "w", $"t.Item{(i + 1).ToString(CultureInfo.InvariantCulture)}")}; "))}}})",
        AnyNode => $"{Output}.WriteAny({writer}, {value})",
        EnumNode enumeration => $"Write{enumeration.Name}({writer}, {value})",
        ObjectNode @object => $"Write{@object.Name}({writer}, {value})",
        ConverterNode converter => $"OutputOf{converter.Name}.Write({writer}, {value})",
        UnionNode union => $"Write{union.Name}({writer}, {value})",
        _ => throw new InvalidOperationException($"No writer for {type}."),
    };

    private static string Lambda(TypeNode type) => $"static (w, v) => {Expression(type, "w", "v")}";

    private static string Key(TypeNode type) => type switch
    {
        EnumNode enumeration => $"NameOf{enumeration.Name}(k) ?? {Output}.Key(k)",
        ScalarNode { Kind: ScalarKind.String } => "k",
        _ => $"{Output}.Key(k)",
    };

    private static void WriteEnum(CodeWriter code, EnumDefinition definition)
    {
        bool isUnsigned = definition.Values.Any(value => ulong.TryParse(value.Number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number > long.MaxValue);
        string number = isUnsigned ? "ulong" : "long";
        code.Open($"private static string? NameOf{definition.Name}({definition.CSharp} value) => value switch");
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (EnumValue value in definition.Values)
            if (written.Add(value.Number))
                code.Line($"{definition.CSharp}.{Parsing.Names.Escape(value.Name)} => {Literals.Text(value.JsonName)},");
        code.Line("_ => null,").Close(";").Line();

        code.Open($"private static void Write{definition.Name}({Writer} writer, {definition.CSharp} value)");
        if (definition.IsFlags)
            code.Line($"{Output}.WriteFlags(writer, ({number})value, FlagsOf{definition.Name});");
        else
            // A number without a name, as casts and combined flags make them.
            code.Line($"if (NameOf{definition.Name}(value) is {{ }} name)").Deeper("writer.WriteStringValue(name);").Line("else").Deeper($"writer.WriteNumberValue(({number})value);");
        code.Close().Line();
        if (definition.IsFlags)
            code.Line($"private static readonly (ulong Bits, string Name)[] FlagsOf{definition.Name} = {{ {string.Join(", ", Literals.Flags(definition).Select(flag => $"({flag.Bits.ToString(CultureInfo.InvariantCulture)}UL, {Literals.Text(flag.Name)})"))} }};").Line();
    }

    private static void WriteUnion(CodeWriter code, UnionDefinition definition)
    {
        code.Open($"private static void Write{definition.Name}({Writer} writer, {definition.CSharp}? value)")
            .Open("if (value is null)").Line("writer.WriteNullValue();").Line("return;").Close()
            .Line("global::System.Type type = value.GetType();");
        foreach (UnionCase one in definition.Cases)
            code.Open($"if (type == typeof({one.Type.CSharp}))").Line($"Write{one.Type.Name}(writer, ({one.Type.CSharp})value);").Line("return;").Close();
        code.Line($"throw {Output}.Underived(type, {Literals.Text(definition.Title)});").Close().Line();
    }

    private static void WriteObject(CodeWriter code, ObjectDefinition definition)
    {
        code.Open($"private static void Write{definition.Name}({Writer} writer, {definition.CSharp}{(definition.IsStruct ? "" : "?")} value)");
        if (!definition.IsStruct)
            code.Open("if (value is null)").Line("writer.WriteNullValue();").Line("return;").Close();
        code.Line("writer.WriteStartObject();");
        if (definition.Discriminator is not null)
            code.Line($"writer.WritePropertyName({Literals.Text(definition.Discriminator)});").Line($"writer.WriteRawValue({Literals.Text(definition.DiscriminatorValue)});");
        foreach (MemberModel member in definition.Members)
        {
            string value = $"value.{member.Property}";
            string? condition = member.Omission switch
            {
                MemberOmission.WhenNull when member.Type is NullableNode || !member.Type.IsValueType => $"{value} is not null",
                MemberOmission.WhenDefault => $"!global::System.Collections.Generic.EqualityComparer<{member.Type.CSharp}>.Default.Equals({value}, default!)",
                _ => null,
            };
            if (condition is not null)
                code.Open($"if ({condition})");
            code.Line($"writer.WritePropertyName({Literals.Text(member.JsonName)});").Line(Expression(member.Type, "writer", value) + ";");
            if (condition is not null)
                code.Close();
        }
        code.Line("writer.WriteEndObject();").Close().Line();
    }
}
