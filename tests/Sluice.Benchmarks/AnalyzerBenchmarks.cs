using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators;

namespace Sluice.Benchmarks;

/// <summary>
/// What schedules cost at compile time: the generator and all analyzers over a project of 1,000 flows whose deployments have a schedule, next to the same
/// project without. The promise is 5 % at most.
/// </summary>
[MemoryDiagnoser]
public class AnalyzerBenchmarks
{
    internal const int Flows = 1_000;

    internal static readonly DiagnosticAnalyzer[] Analyzers =
        [.. typeof(FlowGenerator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    internal static readonly CSharpCompilation Manual = Compile(_ => "");
    internal static readonly CSharpCompilation Scheduled = Compile(Schedule);

    [Benchmark(Baseline = true)]
    public Task<TimeSpan> WithoutSchedules() => Run(Manual);

    [Benchmark]
    public Task<TimeSpan> WithSchedules() => Run(Scheduled);

    /// <summary>Cron in the main, as people write, in a few zones; at hours that no change of clocks touches, since what is reported costs the compiler.</summary>
    private static string Schedule(int flow)
    {
        string zone = new[] { "", ", TimeZone = \"Europe/Paris\"", ", TimeZone = \"America/New_York\"", ", TimeZone = \"Asia/Tokyo\"" }[flow % 4];
        return (flow % 10) switch
        {
            8 => $", Interval = \"PT{1 + (flow % 59)}M\"{zone}",
            9 => $", RRule = \"FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR={4 + (flow % 20)}\"{zone}",
            _ => string.Create(CultureInfo.InvariantCulture, $", Cron = \"{flow % 60} {4 + (flow % 20)} * * {(flow % 3 == 0 ? "mon-fri" : "*")}\"{zone}"),
        };
    }

    /// <summary>What the compiler does for anyone who asks: it declares, and binds the attributes.</summary>
    public static Task CompilerAlone(bool scheduled) => (scheduled ? Scheduled : Manual).WithAnalyzers([new Asker()]).GetAnalyzerDiagnosticsAsync();

    /// <summary>Runs the generator and all analyzers.</summary>
    /// <returns>Their time as the compiler reports it: what <c>-p:ReportAnalyzer=true</c> prints for a build.</returns>
    private static async Task<TimeSpan> Run(CSharpCompilation compilation)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(compilation);
        // The analyzers leave generated code alone, so that what they see is the same without it.
        CompilationWithAnalyzers run = compilation.WithAnalyzers([.. Analyzers]);
        await run.GetAnalyzerDiagnosticsAsync();
        TimeSpan time = driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime;
        foreach (DiagnosticAnalyzer analyzer in Analyzers)
            time += (await run.GetAnalyzerTelemetryInfoAsync(analyzer, CancellationToken.None)).ExecutionTime;
        return time;
    }

    private static CSharpCompilation Compile(Func<int, string> schedule)
    {
        var source = new StringBuilder("using Sluice;\npublic static class Flows\n{\n");
        for (int flow = 0; flow < Flows; flow++)
            source.Append(CultureInfo.InvariantCulture, $$"""
                    /// <summary>Does the work of number {{flow}}.</summary>
                    [Flow("Flow {{flow}}", Retries = 2)]
                    [Deployment("daily"{{schedule(flow)}}, WorkQueue = "reports", Parameters = "{\"city\": \"Seattle\"}")]
                    public static int Run{{flow}}(string city, int days = 7) => days;

                """);
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "Sluice.dll" or "Sluice.Orchestration.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "App", [CSharpSyntaxTree.ParseText(source.Append('}').ToString(), path: "Flows.cs", encoding: Encoding.UTF8)], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Looks at the attributes and says nothing.</summary>
#pragma warning disable RS1001 // It is started here, not found by a compiler.
    private sealed class Asker : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [new("X", "X", "X", "X", DiagnosticSeverity.Info, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterSymbolAction(static symbol => symbol.Symbol.GetAttributes(), SymbolKind.Method);
        }
    }
}
