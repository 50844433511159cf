using System.Text.Json;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

public class ManifestTests
{
    private const string Everything = """"
        public enum Unit { Celsius, Fahrenheit }

        /// <summary>A place.</summary>
        /// <param name="City">The city.</param>
        public record Place(string City, double? Height = null);

        public static class Reports
        {
            /// <summary>
            /// Builds <c>one</c> report,
            /// see <see cref="Place"/>.
            /// </summary>
            /// <param name="place">Where &amp; when.</param>
            /// <param name="unit">The unit.</param>
            [Flow("Weather", Version = "2.1", Retries = 2, RetryDelaySeconds = 0.5, CrashRetries = 3, TimeoutSeconds = 600, PersistResult = true)]
            [Deployment("daily", Cron = "0 6 * * *", TimeZone = "Europe/Paris", DayOr = false, WorkPool = "pool", WorkQueue = "etl", Tags = ["a", "b"],
                Parameters = """ { "place" : {"city": "Saint-Étienne \u2028"}, "unit": "Fahrenheit" } """, Description = "Own", Version = "7", Paused = false,
                Storage = "s3://bucket", StorageKey = "key", Secrets = ["TOKEN"], AddDefaultLabels = false, Infrastructure = "docker", Image = "app:1",
                JobVariables = """{"env": {"N": 1.50}}""", ConcurrencyLimit = 3)]
            [Schedule("daily", Interval = "PT6H", AnchorDate = "2026-01-01")]
            [Schedule("daily", RRule = "FREQ=DAILY", Slug = "rule", Parameters = """{"unit":"Celsius"}""")]
            [Deployment("bare")]
            public static void Build(Place place, Microsoft.Extensions.Logging.ILogger logger, FlowContext context, Unit unit = Unit.Celsius, int? limit = null, CancellationToken cancellation = default) { }
        }
        """";

    [Fact]
    public void Everything_an_attribute_says_is_in_the_manifest()
    {
        JsonElement manifest = GeneratorTest.Run(Everything).Manifest;
        Snapshot.Check("manifest.json", JsonSerializer.Serialize(manifest, new JsonSerializerOptions
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }));
    }

    [Fact]
    public void The_shim_is_readable_code() =>
        Snapshot.Check("shim.cs.txt", string.Join("\n", GeneratorTest.Run(Everything).File("Reports_Build").Split('\n').Where(line => !line.StartsWith("[assembly", StringComparison.Ordinal))));

    [Fact]
    public void Docs_are_read_with_and_without_a_documentation_file()
    {
        string Files(DocumentationMode mode) =>
            string.Join("\n", GeneratorTest.Run(GeneratorTest.Compile(Everything, docs: mode)).Result.GeneratedSources.Select(source => source.SourceText));
        Files(DocumentationMode.Diagnose).ShouldBe(Files(DocumentationMode.None));
    }

    [Theory]
    [InlineData("fi-FI")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    [InlineData("th-TH")]
    [InlineData("fa-IR")]
    public void Output_is_the_same_under_every_culture(string culture)
    {
        const string Source = """
            public static class Issues
            {
                [Flow(RetryDelaySeconds = 0.25, TimeoutSeconds = 1e6)]
                [Deployment("i-i", Interval = "0.5")]
                public static double IssueIndexAsync(double I = -1.5, decimal d = -2.5m, float f = -1e-5f, int n = -7, long l = -8) => I;
            }
            """;
        string Output() => string.Join("\n", new[] { Source, TypeCases.Source, Everything }.SelectMany(source => GeneratorTest.Run(source).Result.GeneratedSources).Select(source => source.SourceText));
        string invariant = Output();
        var before = (System.Globalization.CultureInfo.CurrentCulture, System.Globalization.CultureInfo.CurrentUICulture);
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.CurrentUICulture = new(culture);
            Output().ShouldBe(invariant);
        }
        finally
        {
            (System.Globalization.CultureInfo.CurrentCulture, System.Globalization.CultureInfo.CurrentUICulture) = before;
        }
        invariant.ShouldContain("\\\"default\\\":-1.5");
        invariant.ShouldContain("\\\"interval\\\":0.5,");
    }

    [Theory]
    [InlineData("BuildReportAsync", "Build report")]
    [InlineData("ImportCSVFiles", "Import CSV files")]
    [InlineData("run", "Run")]
    [InlineData("Async", "Async")]
    [InlineData("load_all_Data", "Load all data")]
    [InlineData("ETL", "ETL")]
    [InlineData("Top10Cities", "Top10 cities")]
    public void The_default_name_is_the_methods_in_words(string method, string name) =>
        GeneratorTest.Run($"public static class C {{ [Flow] public static void {method}() {{ }} }}").Manifest.GetProperty("name").GetString().ShouldBe(name);

    [Theory]
    [InlineData("cityName", "cityName")]
    [InlineData("URLValue", "urlValue")]
    [InlineData("ID", "id")]
    [InlineData("İx", "İx")]
    [InlineData("@class", "class")]
    [InlineData("A1B", "a1B")]
    public void Json_names_are_System_Text_Jsons_camel_case(string parameter, string name)
    {
        JsonNamingPolicy.CamelCase.ConvertName(parameter.TrimStart('@')).ShouldBe(name);
        GeneratorTest.Run($"public static class C {{ [Flow] public static void M(int {parameter}) {{ }} }}")
            .Schema.GetProperty("properties").EnumerateObject().Single().Name.ShouldBe(name);
    }

    [Fact]
    public void A_deployment_with_broken_json_or_schedule_is_left_out_and_the_rest_stays() =>
        GeneratorTest.Run("""
            public static class C
            {
                [Flow]
                [Deployment("a", Parameters = "[1]")]
                [Deployment("b", JobVariables = "{")]
                [Deployment("c", Cron = "* * * * *", Interval = "5")]
                [Deployment("d", Interval = "soon")]
                [Deployment("e/f")]
                [Deployment("g")]
                [Deployment("g")]
                public static void M() { }
            }
            """).Manifest.GetProperty("deployments").EnumerateArray().Select(deployment => deployment.GetProperty("name").GetString()).ShouldBe(["g"]);

    [Theory]
    [InlineData("", "")]
    [InlineData("Misfire = MisfirePolicy.Skip, MaxMisfires = 7, Dst = DstPolicy.PrefectCompatible", "")]
    [InlineData("Misfire = MisfirePolicy.RunOnce", ",\"misfire\":\"run_once\"")]
    [InlineData("Misfire = MisfirePolicy.RunAll, MaxMisfires = 100", ",\"misfire\":\"run_all\"")]
    [InlineData("Misfire = MisfirePolicy.RunAll, MaxMisfires = 7, Dst = DstPolicy.VixieLike", ",\"misfire\":\"run_all\",\"max_misfires\":7,\"dst\":\"vixie_like\"")]
    [InlineData("Misfire = (MisfirePolicy)9, Dst = (DstPolicy)(-1)", "")]
    public void Misfire_and_dst_are_in_the_manifest_only_where_they_are_not_the_default(string options, string written)
    {
        string comma = options.Length > 0 ? ", " : "";
        JsonElement schedules = GeneratorTest.Run($$"""
            public static class C { [Flow] [Deployment("a", Cron = "0 6 * * *"{{comma}}{{options}})] [Schedule("a", Cron = "0 6 * * *"{{comma}}{{options}})] public static void M() { } }
            """).Manifest.GetProperty("deployments")[0].GetProperty("schedules");
        for (int i = 0; i < 2; i++)
            schedules[i].GetRawText().ShouldBe($$"""{"slug":"schedule-{{i + 1}}","active":null,"parameters":null,"schedule":{"cron":"0 6 * * *","timezone":null,"day_or":true}{{written}}}""");
    }

    [Fact]
    public void Two_types_of_one_name_are_two_definitions()
    {
        JsonElement schema = GeneratorTest.Run("""
            namespace A { public record Item(int N); }
            namespace B { public record Item(string S); }
            public static class C { [Flow] public static void M(A.Item a, B.Item[] b) { } }
            """).Schema;
        schema.GetProperty("definitions").EnumerateObject().Select(definition => definition.Name).ShouldBe(["Item", "Item2"]);
        schema.GetProperty("properties").GetProperty("b").GetProperty("items").GetProperty("$ref").GetString().ShouldBe("#/definitions/Item2");
    }
}
