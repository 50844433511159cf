using System.Globalization;
using Sluice.Generators.Model;

namespace Sluice.Generators.Emitting;

/// <summary>Writes the code that binds JSON: one function for each enum and object, and expressions for everything else.</summary>
internal static class ReaderEmitter
{
    public const string Space = "global::Sluice.Runtime.Binding.";
    private const string Binder = Space + "JsonBinder";
    private const string Element = "global::System.Text.Json.JsonElement";

    /// <summary>A thing with a name in JSON and a local variable: a parameter of the flow or a member of an object.</summary>
    public sealed record Slot(string JsonName, TypeNode Type, bool Required, DefaultValue? Default, Constraints? Constraints);

    public static void WriteTypes(CodeWriter code, TypeTable types)
    {
        foreach (EnumDefinition definition in types.Enums)
            WriteEnum(code, definition);
        foreach (ObjectDefinition definition in types.Objects)
            WriteObject(code, definition);
        foreach (UnionDefinition definition in types.Unions)
            WriteUnion(code, definition);
        foreach (ConverterDefinition definition in types.Converters)
            WriteConverter(code, definition, "ConverterOf");
    }

    /// <summary>Writes the field that has the converter, which is made when it is first needed.</summary>
    public static void WriteConverter(CodeWriter code, ConverterDefinition definition, string prefix) =>
        code.Line($"private static readonly {Space}DeclaredConverter<{definition.CSharp}> {prefix}{definition.Name} = new {Space}DeclaredConverter<{definition.CSharp}>(static () => new {definition.Converter}(), {Literals.Text(definition.NetSchema)});").Line();

    /// <summary>Writes the function that reads the flow's parameters into out parameters p0, p1…</summary>
    public static void WriteParameters(CodeWriter code, FlowModel flow)
    {
        Slot[] slots = [.. flow.Parameters.Select(parameter => new Slot(parameter.JsonName, parameter.Type!, parameter.Required, parameter.Default, parameter.Constraints))];
        WriteNames(code, "", slots.Select(slot => slot.JsonName));
        WriteRules(code, "", slots);
        string outs = string.Concat(slots.Select((slot, i) => $", out {slot.Type.CSharp} p{i}"));
        code.Open($"private static void Read({Binder} binder, {Element} json{outs})");
        for (int i = 0; i < slots.Length; i++)
            code.Line($"p{i} = {Initial(slots[i])};");
        WriteMembers(code, slots, "p", "", "return;");
        code.Close().Line();
    }

    private static void WriteEnum(CodeWriter code, EnumDefinition definition)
    {
        WriteNames(code, definition.Name, definition.Values.Select(value => value.JsonName));
        code.Open($"private static {definition.CSharp} ValueOf{definition.Name}(string name) => name switch");
        foreach (EnumValue value in definition.Values)
            code.Line($"{Literals.Text(value.JsonName)} => {definition.CSharp}.{Parsing.Names.Escape(value.Name)},");
        code.Line("_ => default,").Close(";").Line();
        if (!definition.IsFlags)
        {
            code.Line($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json) => ValueOf{definition.Name}(binder.EnumName(json, NamesOf{definition.Name}));").Line();
            return;
        }
        code.Open($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json)")
            .Line($"{definition.CSharp} value = default;")
            .Line($"foreach (string name in binder.EnumNames(json, NamesOf{definition.Name}))").Deeper($"value |= ValueOf{definition.Name}(name);")
            .Line("return value;").Close().Line();
    }

    /// <summary>Which of its types JSON holds is known before any of them is read: the discriminator may stand anywhere in the object.</summary>
    private static void WriteUnion(CodeWriter code, UnionDefinition definition)
    {
        UnionCase[] tagged = [.. definition.Cases.Where(one => one.Value is not null)];
        UnionCase? bare = definition.Cases.FirstOrDefault(one => one.Value is null);
        WriteNames(code, definition.Name, tagged.Select(one => Tag(one.Value!)));
        code.Open($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json)")
            .Open($"switch (binder.Discriminator(json, {Literals.Text(definition.Discriminator)}, NamesOf{definition.Name}, {(bare is null ? "true" : "false")}))");
        for (int i = 0; i < tagged.Length; i++)
            code.Line($"case {Number(i)}:").Deeper($"return Read{tagged[i].Type.Name}(binder, json);");
        if (bare is not null)
            code.Line($"case {Number(tagged.Length)}:").Deeper($"return Read{bare.Type.Name}(binder, json);");
        code.Line("default:").Deeper("return default!;").Close().Close().Line();
    }

    private static void WriteObject(CodeWriter code, ObjectDefinition definition)
    {
        MemberModel[] members = [.. definition.Members];
        Slot[] slots = [.. members.Select(member => new Slot(member.JsonName, member.Type, member.Required, member.Default, member.Constraints))];
        WriteNames(code, definition.Name, definition.Discriminator is null ? slots.Select(slot => slot.JsonName) : slots.Select(slot => slot.JsonName).Prepend(definition.Discriminator));
        WriteRules(code, definition.Name, slots);
        code.Open($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json)");
        for (int i = 0; i < slots.Length; i++)
            code.Line($"{slots[i].Type.CSharp} m{i} = {Initial(slots[i])};");
        WriteMembers(code, slots, "m", definition.Name, "return default!;", definition.Discriminator);
        code.Line("if (!binder.Constructs)").Deeper("return default!;");

        string arguments = string.Join(", ", members.Select((member, i) => (member, i)).Where(pair => pair.member.ConstructorIndex >= 0)
            .OrderBy(pair => pair.member.ConstructorIndex).Select(pair => $"m{pair.i}"));
        string initializer = string.Join(", ", members.Select((member, i) => (member, i))
            .Where(pair => pair.member.Setting == MemberSetting.Initializer).Select(pair => $"{pair.member.Property} = m{pair.i}"));
        code.Line($"var value = new {definition.CSharp}({arguments}){(initializer.Length > 0 ? $" {{ {initializer} }}" : "")};");
        for (int i = 0; i < members.Length; i++)
        {
            if (members[i].Setting == MemberSetting.Setter)
                code.Line($"if (has{i})").Deeper($"value.{members[i].Property} = m{i};");
            else if (members[i].Setting == MemberSetting.Copy)
                code.Line($"if (has{i})").Deeper($"value = value with {{ {members[i].Property} = m{i} }};");
            else if (members[i].Setting == MemberSetting.Init)
                code.Line($"if (has{i})").Deeper($"Init{i}Of{definition.Name}({(definition.IsStruct ? "ref " : "")}value, m{i});");
        }
        code.Line("return value;").Close().Line();

        for (int i = 0; i < members.Length; i++)
            if (members[i].Setting == MemberSetting.Init)
                code.Line($"[global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = \"set_{members[i].Property.TrimStart('@')}\")]")
                    .Line($"private static extern void Init{i}Of{definition.Name}({(definition.IsStruct ? "ref " : "")}{members[i].DeclaringType} instance, {members[i].Type.CSharp} value);")
                    .Line();
    }

    private static void WriteMembers(CodeWriter code, Slot[] slots, string prefix, string names, string leave, string? discriminator = null)
    {
        if (discriminator is not null)
            code.Line("bool hasDiscriminator = false;");
        for (int i = 0; i < slots.Length; i++)
            code.Line($"bool has{i} = false;");
        code.Line("if (!binder.IsObject(json))").Deeper(leave);
        code.Open("foreach (var member in json.EnumerateObject())").Line("string? name = binder.Name(member);").Open("switch (name)");
        code.Line("case null:").Deeper("break;");
        if (discriminator is not null)
            code.Line($"case {Literals.Text(discriminator)}:").In().Line("if (binder.Enter(name, ref hasDiscriminator))").Deeper("binder.Leave();").Line("break;").Out();
        for (int i = 0; i < slots.Length; i++)
        {
            string? rules = ConstraintEmitter.Asks(slots[i].Constraints) ? RulesOf(names, i) : null;
            code.Line($"case {Literals.Text(slots[i].JsonName)}:").In().Open($"if (binder.Enter(name, ref has{i}{(rules is null ? "" : ", " + rules)}))")
                .Line($"{prefix}{i} = {Expression(slots[i].Type, "binder", "member.Value")};");
            if (rules is not null)
                code.Line($"binder.Check(member.Value, {rules});");
            code.Line("binder.Leave();").Close().Line("break;").Out();
        }
        code.Line("default:").Deeper($"binder.Unknown(name, {NamesOf(names)});").Deeper("break;").Close().Close();
        for (int i = 0; i < slots.Length; i++)
            if (slots[i].Required)
                code.Line($"if (!has{i})").Deeper($"binder.Missing({Literals.Text(slots[i].JsonName)});");
        for (int i = 0; i < slots.Length; i++)
            if (slots[i].Default?.Json is { } json)
                code.Open($"if (!has{i})").Line($"{prefix}{i} = {Expression(slots[i].Type, "binder", $"{Binder}.Json({Literals.Text(json)})")};").Line($"has{i} = true;").Close();
    }

    private static void WriteRules(CodeWriter code, string names, Slot[] slots)
    {
        for (int i = 0; i < slots.Length; i++)
            if (ConstraintEmitter.Asks(slots[i].Constraints))
                code.Line($"private static readonly {Space}ValueRules {RulesOf(names, i)} = {ConstraintEmitter.CSharp(slots[i].Constraints!)};").Line();
    }

    private static string Expression(TypeNode type, string binder, string json) => type switch
    {
        ScalarNode scalar => $"{binder}.{scalar.Kind}({json})",
        NullableNode nullable => $"{binder}.NullOr{(nullable.IsValueType ? "Value" : "")}<{nullable.Inner.CSharp}>({json}, {Lambda(nullable.Inner)})",
        ListNode list => List(list, binder, json),
        DictionaryNode dictionary => Dictionary(dictionary, binder, json),
        TupleNode tuple => Tuple(tuple, binder, json),
        AnyNode any => $"{binder}.{any.Kind}({json})",
        EnumNode enumeration => $"Read{enumeration.Name}({binder}, {json})",
        ObjectNode @object => $"Read{@object.Name}({binder}, {json})",
        ConverterNode converter => $"ConverterOf{converter.Name}.Read({binder}, {json})",
        UnionNode union => $"Read{union.Name}({binder}, {json})",
        _ => throw new InvalidOperationException($"No reader for {type}."),
    };

    /// <summary>Texts stand in quotes but are not escaped: they are compared, never parsed.</summary>
    private static string Tag(string json) => json[0] == '"' ? $"\"{Json.JsonParser.Parse(json, out _)!.Text}\"" : json;

    private static string Lambda(TypeNode type) => $"static (b, j) => {Expression(type, "b", "j")}";

    private static string List(ListNode list, string binder, string json)
    {
        string item = list.Item.CSharp;
        return list.Kind.Made($"{binder}.{(list.Kind.IsUnique ? "Set" : "List")}<{item}>({json}, {Lambda(list.Item)})", item, IsText(list.Item));
    }

    private static string Dictionary(DictionaryNode dictionary, string binder, string json)
    {
        string arguments = Arguments(dictionary);
        string key = dictionary.Key switch
        {
            EnumNode enumeration => $"ValueOf{enumeration.Name}(b.EnumKey(n, NamesOf{enumeration.Name}))",
            ScalarNode { Kind: ScalarKind.String } => "n",
            ScalarNode { Kind: ScalarKind.Guid } => "b.GuidKey(n)",
            _ => $"b.IntegerKey<{dictionary.Key.CSharp}>(n)",
        };
        return dictionary.Kind.Made($"{binder}.Dictionary<{arguments}>({json}, static (b, n) => {key}, {Lambda(dictionary.Value)})", arguments, IsText(dictionary.Key));
    }

    private static string Tuple(TupleNode tuple, string binder, string json)
    {
        string items = string.Join(", ", tuple.Items.Select((item, i) => $"{binder}.Item<{item.CSharp}>({json}, {Number(i)}, {Lambda(item)})"));
        string made = tuple.IsStruct && tuple.Items.Count > 1 ? $"({items})" : $"new {tuple.CSharp}({items})";
        return $"({binder}.IsTuple({json}, {Number(tuple.Items.Count)}) ? {made} : default({tuple.CSharp})!)";
    }

    private static string Arguments(DictionaryNode dictionary) => $"{dictionary.Key.CSharp}, {dictionary.Value.CSharp}";

    private static bool IsText(TypeNode type) => type.Bare is ScalarNode { Kind: ScalarKind.String };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Initial(Slot slot) => slot.Default switch
    {
        null or { Json: not null } => "default!",
        { Value: NoItems } => Empty(slot.Type),
        _ => Literals.CSharp(slot.Default, slot.Type),
    };

    private static string Empty(TypeNode type) => type.Bare switch
    {
        ListNode list => list.Kind.Made($"new global::System.Collections.Generic.List<{list.Item.CSharp}>()", list.Item.CSharp, IsText(list.Item)),
        ScalarNode => "global::System.Array.Empty<byte>()",
        DictionaryNode dictionary => dictionary.Kind.Made(
            $"new global::System.Collections.Generic.Dictionary<{Arguments(dictionary)}>()", Arguments(dictionary), IsText(dictionary.Key)),
        var other => throw new InvalidOperationException($"Nothing is empty of {other}."),
    };

    // All that is made for a type begins with what it is for: ends could make the members of two types one.
    private static string NamesOf(string name) => name.Length == 0 ? "Names" : "NamesOf" + name;

    private static string RulesOf(string name, int slot) => (name.Length == 0 ? "Rules" : $"RulesOf{name}_") + Number(slot);

    private static void WriteNames(CodeWriter code, string name, IEnumerable<string> names) =>
        code.Line($"private static readonly string[] {NamesOf(name)} = {{ {string.Join(", ", names.Select(Literals.Text))} }};").Line();
}
