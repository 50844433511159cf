namespace Sluice.Generators.Emitting;

/// <summary>Writes the list of the compilation's flows, and <c>Main</c>.</summary>
internal static class ProgramEmitter
{
    public static string Flows(IEnumerable<string> classNames)
    {
        var code = new CodeWriter();
        code.Line(FlowEmitter.Header).Line("#pragma warning disable").Line()
            .Open($"namespace {FlowEmitter.Namespace}")
            .Line("/// <summary>The flows of this project, for programs that have a <c>Main</c> of their own: <c>return await FlowProgram.RunAsync(args, FlowList.All);</c></summary>")
            .Line("[global::System.CodeDom.Compiler.GeneratedCodeAttribute(\"Sluice.Generators\", \"1.0.0\")]")
            .Open("internal static class FlowList")
            .Line("/// <summary>All of them.</summary>")
            .Open("internal static global::System.Collections.Generic.IReadOnlyList<global::Sluice.Runtime.FlowDefinition> All { get; } = new global::Sluice.Runtime.FlowDefinition[]");
        foreach (string name in classNames)
            code.Line($"{name}.Definition,");
        return code.Close(";").Close().Close().ToString();
    }

    public static string Main()
    {
        var code = new CodeWriter();
        code.Line(FlowEmitter.Header).Line("#pragma warning disable").Line().Open($"namespace {FlowEmitter.Namespace}");
        return FlowEmitter.WriteAttributes(code)
            .Open("internal static class EntryPoint")
            .Line("private static global::System.Threading.Tasks.Task<int> Main(string[] args) => global::Sluice.Runtime.FlowProgram.RunAsync(args, FlowList.All);")
            .Close().Close().ToString();
    }
}
