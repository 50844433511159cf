using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Benchmarks;

/// <summary>
/// The generator next to System.Text.Json's own, which lies in the SDK's reference pack, on the same types: a flow that takes and returns each, and a
/// [JsonSerializable] of each. Edits are seen as in an IDE: parsed and bound before, one driver from edit to edit.
/// </summary>
[MemoryDiagnoser]
[InProcess]
[WarmupCount(4)]
[IterationCount(15)]
[InvocationCount(1)]
public class GeneratorBenchmarks
{
    private IIncrementalGenerator _generator = null!;
    private GeneratorDriver _driver = null!;
    private CSharpCompilation _compilation = null!;
    private int _edits;

    public enum Peer { Sluice, SystemTextJson }

    /// <summary>How many types, each with an enum and a nested record.</summary>
    [Params(100, 1000)]
    public int Types { get; set; }

    [Params(Peer.Sluice, Peer.SystemTextJson)]
    public Peer Generator { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var (types, flows, context) = Sources();
        _generator = Generator == Peer.Sluice ? new Generators.FlowGenerator() : SystemTextJson();
        MetadataReference[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path))];
        _compilation = CSharpCompilation.Create(
            "App",
            [CSharpSyntaxTree.ParseText(types, path: "Types.cs"), CSharpSyntaxTree.ParseText(Generator == Peer.Sluice ? flows : context, path: "Main.cs"), CSharpSyntaxTree.ParseText("", path: "Other.cs")],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        _driver = Fresh().RunGenerators(_compilation);
        int files = _driver.GetRunResult().GeneratedTrees.Length;
        if (files < Types)
            throw new InvalidOperationException($"{Generator} made {files} files of {Types} types.");
    }

    [IterationSetup]
    public void Edit()
    {
        SyntaxTree other = _compilation.SyntaxTrees.Single(tree => tree.FilePath == "Other.cs");
        _compilation = _compilation.ReplaceSyntaxTree(
            other, CSharpSyntaxTree.ParseText(string.Create(CultureInfo.InvariantCulture, $"internal static class Other {{ static void Edit{_edits++}() {{ }} }}"), path: "Other.cs"));
        _compilation.GetDiagnostics();
    }

    /// <summary>The first run in a project, in a process that is warm.</summary>
    [Benchmark]
    public object Cold() => Fresh().RunGenerators(_compilation);

    /// <summary>A run after an edit that changes nothing for the generator.</summary>
    [Benchmark]
    public object EditElsewhere() => _driver = _driver.RunGenerators(_compilation);

    private GeneratorDriver Fresh() => CSharpGeneratorDriver.Create(_generator);

    private static IIncrementalGenerator SystemTextJson()
    {
        // …/shared/Microsoft.NETCore.App/10.0.0/ is where the runtime is, …/packs where the reference packs are.
        string packs = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref"));
        string file = Directory.EnumerateFiles(packs, "System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories).OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal).Last();
        return (IIncrementalGenerator)Activator.CreateInstance(Assembly.LoadFrom(file).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!)!;
    }

    private (string Types, string Flows, string Context) Sources()
    {
        var types = new StringBuilder("using System;\n");
        var flows = new StringBuilder("using Sluice;\npublic static class Flows\n{\n");
        var context = new StringBuilder("using System.Text.Json.Serialization;\n");
        for (int i = 0; i < Types; i++)
        {
            types.Append(CultureInfo.InvariantCulture, $$"""
                public sealed record Line{{i}}(string Article, int Pieces, decimal Price);
                public enum State{{i}} { Open, Paid, Sent }
                public sealed record Order{{i}}(string Name, int Count, DateTime When, double? Weight, Line{{i}}[] Lines, State{{i}} State = State{{i}}.Open);

                """);
            flows.Append(CultureInfo.InvariantCulture, $"    [Flow(\"Flow {i}\")] public static Order{i} Run{i}(Order{i} order) => order;\n");
            context.Append(CultureInfo.InvariantCulture, $"[JsonSerializable(typeof(Order{i}))]\n");
        }
        return (types.ToString(), flows.Append("}\n").ToString(), context.Append("internal partial class Context : JsonSerializerContext { }\n").ToString());
    }
}
