using Sluice.Generators.Model;

namespace Sluice.Generators.Emitting;

/// <summary>Writes the code that binds JSON: one function for each enum and object, and expressions for everything else.</summary>
internal static class ReaderEmitter
{
    public const string Space = "global::Sluice.Runtime.Binding.";
    private const string Binder = Space + "JsonBinder";
    private const string Element = "global::System.Text.Json.JsonElement";

    /// <summary>A thing with a name in JSON and a local variable: a parameter of the flow or a member of an object.</summary>
    public sealed record Slot(string JsonName, TypeNode Type, bool Required, DefaultValue? Default);

    public static void WriteTypes(CodeWriter code, TypeTable types)
    {
        foreach (EnumDefinition definition in types.Enums)
            WriteEnum(code, definition);
        foreach (ObjectDefinition definition in types.Objects)
            WriteObject(code, definition);
    }

    /// <summary>Writes the function that reads the flow's parameters into out parameters p0, p1…</summary>
    public static void WriteParameters(CodeWriter code, FlowModel flow)
    {
        Slot[] slots = [.. flow.Parameters.Select(parameter => new Slot(parameter.JsonName, parameter.Type!, parameter.Required, parameter.Default))];
        WriteNames(code, "", slots.Select(slot => slot.JsonName));
        string outs = string.Concat(slots.Select((slot, i) => $", out {slot.Type.CSharp} p{i}"));
        code.Open($"private static void Read({Binder} binder, {Element} json{outs})");
        for (int i = 0; i < slots.Length; i++)
            code.Line($"p{i} = {Initial(slots[i])};");
        WriteMembers(code, slots, "p", "", "return;");
        code.Close().Line();
    }

    private static void WriteEnum(CodeWriter code, EnumDefinition definition)
    {
        WriteNames(code, definition.Name, definition.Values.Select(value => value.Name));
        code.Line($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json) =>")
            .In().Open($"binder.EnumName(json, {definition.Name}Names) switch");
        foreach (EnumValue value in definition.Values)
            code.Line($"{Literals.Text(value.Name)} => {definition.CSharp}.{Parsing.Names.Escape(value.Name)},");
        code.Line("_ => default,").Close(";").Out().Line();
    }

    private static void WriteObject(CodeWriter code, ObjectDefinition definition)
    {
        MemberModel[] members = [.. definition.Members];
        Slot[] slots = [.. members.Select(member => new Slot(member.JsonName, member.Type, member.Required, member.Default))];
        WriteNames(code, definition.Name, slots.Select(slot => slot.JsonName));
        code.Open($"private static {definition.CSharp} Read{definition.Name}({Binder} binder, {Element} json)");
        for (int i = 0; i < slots.Length; i++)
            code.Line($"{slots[i].Type.CSharp} m{i} = {Initial(slots[i])};");
        WriteMembers(code, slots, "m", definition.Name, "return default!;");
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
            else if (members[i].Setting == MemberSetting.Init)
                code.Line($"if (has{i})").Deeper($"Init{definition.Name}{i}({(definition.IsStruct ? "ref " : "")}value, m{i});");
        }
        code.Line("return value;").Close().Line();

        for (int i = 0; i < members.Length; i++)
            if (members[i].Setting == MemberSetting.Init)
                code.Line($"[global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = \"set_{members[i].Property.TrimStart('@')}\")]")
                    .Line($"private static extern void Init{definition.Name}{i}({(definition.IsStruct ? "ref " : "")}{members[i].DeclaringType} instance, {members[i].Type.CSharp} value);")
                    .Line();
    }

    private static void WriteMembers(CodeWriter code, Slot[] slots, string prefix, string names, string leave)
    {
        for (int i = 0; i < slots.Length; i++)
            code.Line($"bool has{i} = false;");
        code.Line("if (!binder.IsObject(json))").Deeper(leave);
        code.Open("foreach (var member in json.EnumerateObject())").Line("string name = member.Name;").Open("switch (name)");
        for (int i = 0; i < slots.Length; i++)
        {
            code.Line($"case {Literals.Text(slots[i].JsonName)}:").In().Open($"if (binder.Enter(name, ref has{i}))")
                .Line($"{prefix}{i} = {Expression(slots[i].Type, "binder", "member.Value")};").Line("binder.Leave();").Close().Line("break;").Out();
        }
        code.Line("default:").Deeper($"binder.Unknown(name, {names}Names);").Deeper("break;").Close().Close();
        for (int i = 0; i < slots.Length; i++)
            if (slots[i].Required)
                code.Line($"if (!has{i})").Deeper($"binder.Missing({Literals.Text(slots[i].JsonName)});");
    }

    private static string Expression(TypeNode type, string binder, string json) => type switch
    {
        ScalarNode scalar => $"{binder}.{scalar.Kind}({json})",
        NullableNode nullable => $"{binder}.NullOr{(nullable.IsValueType ? "Value" : "")}<{nullable.Inner.CSharp}>({json}, static (b, j) => {Expression(nullable.Inner, "b", "j")})",
        ListNode list => $"{binder}.List<{list.Item.CSharp}>({json}, static (b, j) => {Expression(list.Item, "b", "j")}){(list.IsArray ? ".ToArray()" : "")}",
        EnumNode enumeration => $"Read{enumeration.Name}({binder}, {json})",
        ObjectNode @object => $"Read{@object.Name}({binder}, {json})",
        _ => throw new InvalidOperationException($"No reader for {type}."),
    };

    private static string Initial(Slot slot) => slot.Default is null ? "default!" : Literals.CSharp(slot.Default, slot.Type);

    private static void WriteNames(CodeWriter code, string name, IEnumerable<string> names) =>
        code.Line($"private static readonly string[] {name}Names = {{ {string.Join(", ", names.Select(Literals.Text))} }};").Line();
}
