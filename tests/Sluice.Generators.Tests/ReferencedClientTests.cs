using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Typed clients for the deployments of referenced projects: as files, and as projects in an IDE.</summary>
public class ReferencedClientTests
{
    private const string Weather = """
        namespace Weather;
        /// <summary>A place.</summary>
        public record Place(string City, double Latitude = 0);
        public enum Unit { Celsius, Fahrenheit }
        public static class Flows
        {
            /// <summary>Reports.</summary>
            /// <param name="days">How many days.</param>
            [Flow("Weather report")]
            [Deployment("daily", Parameters = "{\"place\":{\"city\":\"Oslo\"}}")]
            [Deployment("by hand")]
            public static void Report(Place place, int days, Unit unit = Unit.Celsius, System.DateOnly? from = null) { }
            [Flow] public static void WithoutDeployment() { }
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_deployments_of_a_referenced_project_have_typed_clients(bool asFile)
    {
        Generated generated = GeneratorTest.Run(
            Compile("""
                namespace App;
                internal static class Use
                {
                    public static Task<DeploymentRun> A() => Deployments.WeatherReport.Daily.RunAsync(3);
                    public static Task<DeploymentRun> B() => Deployments.WeatherReport.Daily.RunAsync(3, place: new("Bergen", Latitude: 60.4), unit: Deployments.WeatherReport.Unit.Fahrenheit, options: new() { Tags = ["x"] });
                    public static Task<DeploymentRun> C() => Deployments.WeatherReport.ByHand.RunAsync(new("Bergen"), days: 3, from: new DateOnly(2026, 1, 31));
                }
                """, Reference("Weather", Weather, asFile)),
            ("RootNamespace", "App"));
        generated.Assembly.GetType("App.Deployments+WeatherReport+Daily").ShouldNotBeNull();
        generated.Files.Count(file => file.StartsWith("Deployments.", StringComparison.Ordinal)).ShouldBe(1, "a flow without deployments has no client");
    }

    /// <summary>A call that must not compile.</summary>
    [Theory]
    [InlineData("""Deployments.WeatherReport.Daily.RunAsync()""")]
    [InlineData("""Deployments.WeatherReport.Daily.RunAsync("3")""")]
    [InlineData("""Deployments.WeatherReport.Daily.RunAsync(3, city: "Oslo")""")]
    [InlineData("""Deployments.WeatherReport.Daily.RunAsync(3, unit: "Celsius")""")]
    [InlineData("""Deployments.WeatherReport.Nightly.RunAsync(3)""")]
    public void Wrong_arguments_do_not_compile(string call)
    {
        Generated generated = GeneratorTest.Run(Compile($"internal static class Use {{ public static object A() => {call}; }}", Reference("Weather", Weather, asFile: true)));
        generated.Compilation.GetDiagnostics().Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ShouldBe(1);
    }

    [Fact]
    public void Every_type_of_parameter_has_a_client_in_its_own_project_and_in_those_that_reference_it()
    {
        Generated own = GeneratorTest.Run(GeneratorTest.Compile(TypeCases.Deployed(), assemblyName: "Own"));
        _ = own.Assembly;
        Generated other = GeneratorTest.Run(Compile("", File(own.Compilation)));

        string[] any = [.. TypeCases.Rows.Where((_, i) => Parameter(other, $"Flow{i}", "Needs").Contains("JsonNode", StringComparison.Ordinal)).Select(row => row.Type)];
        any.ShouldBe(["SortedList<string, object>", "object", "object?", "JsonElement", "JsonElement?", "JsonNode?", "JsonObject", "JsonArray?"], "only what takes any JSON is any JSON");
        for (int i = 0; i < TypeCases.Rows.Length; i++)
        {
            foreach (Generated generated in new[] { own, other })
                Method(generated, $"Flow{i}", "Gives").GetParameters()[0].HasDefaultValue.ShouldBeTrue(TypeCases.Rows[i].Type);
        }
    }

    private static string Parameter(Generated generated, string flow, string deployment) => Method(generated, flow, deployment).GetParameters()[0].ParameterType.ToString();

    private static System.Reflection.MethodInfo Method(Generated generated, string flow, string deployment) =>
        generated.Assembly.GetType($"Deployments+{flow}+{deployment}")!.GetMethod("RunAsync")!;

    [Fact]
    public void Flows_of_the_same_name_are_told_apart_and_the_own_one_keeps_it()
    {
        const string Flow = """public static class F { [Flow("Report")] [Deployment("a")] public static void Run(int x = 1) { } }""";
        const string Other = """public static class F { [Flow("Other")] [Deployment("a")] public static void Run() { } }""";
        Generated generated = GeneratorTest.Run(Compile(
            Flow, Reference("One.Weather", Flow, true), Reference("Two", Flow.Replace("int x", "string x").Replace("= 1", "= \"\""), false), Reference("Three", Other, true), Reference("Four", Other, true)));

        generated.Assembly.GetTypes().Where(type => type.DeclaringType?.FullName == "Deployments").Select(type => type.Name).Order(StringComparer.Ordinal)
            .ShouldBe(["Other_Four", "Other_Three", "Report", "Report_OneWeather", "Report_Two"]);
    }

    [Fact]
    public void An_edit_in_the_project_reads_no_reference_again_and_one_in_a_referenced_project_only_that()
    {
        CSharpCompilation weather = Generate("Weather", Weather), other = Generate("Other", Weather.Replace("Weather report", "Other"));
        MetadataReference file = File(other);
        CSharpCompilation app = Compile("internal static class Use { }", weather.ToMetadataReference(), file);
        GeneratorDriver driver = GeneratorTest.Driver().RunGenerators(app);

        // A keystroke here: the references are the same objects.
        CSharpCompilation edited = app.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class X { }", GeneratorTest.Parsing));
        Reasons(driver = driver.RunGenerators(edited), TrackingNames.References).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached);
        Reasons(driver, TrackingNames.ReferencedClients).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached);

        // A keystroke in a method of the referenced project: it is looked at again, and nothing follows.
        CSharpCompilation typed = weather.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class X { }", GeneratorTest.Parsing));
        driver = driver.RunGenerators(Replace(edited, typed));
        Reasons(driver, TrackingNames.References).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged);
        Reasons(driver, TrackingNames.ReferencedClients).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged);
        driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
            .ShouldAllBe(output => output.Reason == IncrementalStepRunReason.Cached);

        // A new parameter there: one client of the two is written anew.
        CSharpCompilation changed = Generate("Weather", Weather.Replace("int days,", "int days, bool wind,"));
        driver = driver.RunGenerators(Replace(edited, changed));
        Reasons(driver, TrackingNames.ReferencedClients).Order().ShouldBe([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Unchanged], ignoreOrder: true);
    }

    [Fact]
    public void A_reference_that_is_damaged_or_no_assembly_or_speaks_of_other_manifests_gives_no_clients_and_no_exception()
    {
        MetadataReference damaged = MetadataReference.CreateFromImage([1, 2, 3]);
        CSharpCompilation module = CSharpCompilation.Create("Module", [CSharpSyntaxTree.ParseText("public class M { }", GeneratorTest.Parsing)], GeneratorTest.References, new(OutputKind.NetModule));
        using var stream = new MemoryStream();
        module.Emit(stream).Success.ShouldBeTrue();
        CSharpCompilation odd = Compile("""
            [assembly: Sluice.Runtime.FlowManifest(2, "{\"name\":\"New\",\"deployments\":[{\"name\":\"a\"}]}")]
            [assembly: Sluice.Runtime.FlowManifest(1, "no JSON")]
            [assembly: Sluice.Runtime.FlowManifest(1, null!)]
            [assembly: Sluice.Runtime.FlowManifest(1, "{\"name\":\"Odd\",\"deployments\":[{\"name\":\"a\"},{\"name\":5},7]}")]
            """).WithAssemblyName("Odd");

        foreach (MetadataReference reference in new[] { odd.ToMetadataReference(), File(odd) })
        {
            GeneratorRunResult result = GeneratorTest.Driver().RunGenerators(Compile(
                "internal static class Use { }", damaged, MetadataReference.CreateFromImage(stream.ToArray(), MetadataReferenceProperties.Module), reference)).GetRunResult().Results.Single();
            result.Exception.ShouldBeNull();
            result.GeneratedSources.Select(source => source.HintName.Split('.')[1]).ShouldBe(["Odd"]);
        }
    }

    [Fact]
    public void A_project_without_Sluice_of_its_own_gets_nothing()
    {
        ImmutableArray<MetadataReference> without = [.. GeneratorTest.References.Where(reference => !Path.GetFileName(reference.Display)!.StartsWith("Sluice", StringComparison.Ordinal))];
        CSharpCompilation app = CSharpCompilation.Create("App", [CSharpSyntaxTree.ParseText("class C { }", GeneratorTest.Parsing)], [.. without, Reference("Weather", Weather, asFile: true)], new(OutputKind.DynamicallyLinkedLibrary));

        GeneratorTest.Driver().RunGenerators(app).GetRunResult().GeneratedTrees.ShouldBeEmpty();
    }

    private static IReadOnlyList<IncrementalStepRunReason> Reasons(GeneratorDriver driver, string step) =>
        [.. driver.GetRunResult().Results.Single().TrackedSteps[step].SelectMany(one => one.Outputs).Select(output => output.Reason)];

    /// <summary>The referenced project in its new state, at its place, as an IDE does it.</summary>
    private static CSharpCompilation Replace(CSharpCompilation app, CSharpCompilation project) =>
        app.WithReferences(app.References.Select(reference => reference is CompilationReference ? project.ToMetadataReference() : reference));

    private static CSharpCompilation Compile(string source, params MetadataReference[] references) => GeneratorTest.Compile(source).AddReferences(references);

    /// <summary>A project with what the generator adds to it, as others see it.</summary>
    private static CSharpCompilation Generate(string name, string source) =>
        GeneratorTest.Run(GeneratorTest.Compile(source, assemblyName: name, docs: DocumentationMode.Parse)).Compilation;

    private static MetadataReference Reference(string name, string source, bool asFile)
    {
        CSharpCompilation project = Generate(name, source);
        return asFile ? File(project) : project.ToMetadataReference();
    }

    /// <summary>A reference assembly, which is what the compiler is given for a project that is referenced.</summary>
    private static MetadataReference File(CSharpCompilation project)
    {
        using var stream = new MemoryStream();
        project.Emit(stream, options: new(metadataOnly: true, includePrivateMembers: false)).Success.ShouldBeTrue();
        return MetadataReference.CreateFromImage(stream.ToArray());
    }
}
