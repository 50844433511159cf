using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>Typed clients in a user's projects, and what becomes of them when a flow changes.</summary>
[Collection(nameof(PackedFeed))]
public sealed class ClientTests(PackedFeed feed) : IDisposable
{
    private const string Weather = """
        using Sluice;

        namespace Weather;

        public record Place(string City, double? Height = null);

        public static class Flows
        {
            [Flow("Weather report"), Deployment("daily", Parameters = "{\"days\": 7}")]
            public static string Report(Place place, int days) => $"{place.City}: {days}";
        }
        """;

    private const string Program = """
        #pragma warning disable
        using Py3 = My.App.Deployments;
        namespace My.App;
        internal static class Program
        {
            private static async Task Main()
            {
                await Say(Deployments.WeatherReport.Daily.RunAsync(new("Oslo", Height: 23)));
                await Say(Deployments.WeatherReport.Daily.RunAsync(days: 3, place: new("Bergen"), options: new() { Name = "by-hand", Tags = ["x"] }));
                await Say(Py3.Py3IntFloatBool.D.RunAsync(5, b: true));
                await Say(Py3.Py3Datetimes.D.RunAsync(new DateTimeOffset(2026, 1, 31, 6, 0, 0, TimeSpan.FromHours(1)), new DateOnly(2026, 1, 31), new TimeOnly(6, 30), TimeSpan.FromMinutes(90)));
                await Say(Py3.Py3Enum.D.RunAsync(Py3.Py3Enum.Color.Green, l: Py3.Py3Enum.Level.Value1));
                await Say(Py3.Py3Literal.D.RunAsync(Py3.Py3Literal.Mode.Slow, mixed: Py3.Py3Literal.Mixed.True));
                await Say(Py3.Py3List.D.RunAsync([1, 2], ys: ["a", 2, null]));
                await Say(Py3.Py3Dict.D.RunAsync(new Dictionary<string, long> { ["a b"] = 1 }, nested: new Dictionary<string, IReadOnlyCollection<double>> { ["x"] = [1.5] }));
                await Say(Py3.Py3Tuple.D.RunAsync((1, "b")));
                await Say(Py3.Py3Optional.D.RunAsync(null, z: Py3.Py3Optional.Color.Red));
                await Say(Py3.Py3Union.D.RunAsync("text", m: new Py3.Py3Union.Node(1, Children: [new(2)])));
                await Say(Py3.Py3ModelNested.D.RunAsync(new("Ada", new("Main", Zip: "1"), Tags: [])));
                await Say(Py3.Py3Kwargs.D.RunAsync(1, new System.Text.Json.Nodes.JsonObject { ["k"] = 1 }));
                await Say(Py3.Py3SnakeCaseNames.D.RunAsync(myLongName: 1, url: "u"));
                await Say(Py3.Py2Literal.D.RunAsync(Py3.Py2Literal.Mode.Fast, mixed: Py3.Py2Literal.Mixed.Value1));
            }

            private static async Task Say(Task<Sluice.DeploymentRun> run) => Console.WriteLine((await run).Id);
        }
        """;

    /// <summary>What each call of the program sent.</summary>
    private static readonly string[] Sent =
    [
        """{"place":{"city":"Oslo","height":23},"days":7}""",
        """{"place":{"city":"Bergen"},"days":3}""",
        """{"i":5,"b":true}""",
        """{"dt":"2026-01-31T06:00:00+01:00","d":"2026-01-31","t":"06:30:00","td":"PT1H30M"}""",
        """{"c":"green","l":1}""",
        """{"mode":"slow","mixed":true}""",
        """{"xs":[1,2],"ys":["a",2,null]}""",
        """{"m":{"a b":1},"nested":{"x":[1.5]}}""",
        """{"t":[1,"b"]}""",
        """{"x":null,"z":"red"}""",
        """{"x":"text","m":{"value":1,"children":[{"value":2}]}}""",
        """{"p":{"name":"Ada","address":{"street":"Main","zip":"1"},"tags":[]}}""",
        """{"a":1,"kwargs":{"k":1}}""",
        """{"my_long_name":1,"URL":"u"}""",
        """{"mode":"fast","mixed":1}""",
    ];

    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task Clients_of_a_referenced_project_and_of_a_server_build_without_a_warning_and_start_runs()
    {
        _user.WriteProject("Weather/Weather.csproj");
        _user.Write("Weather/Flows.cs", Weather);
        await _user.PublishAsync("Weather");
        await using ProgramRun server = ProgramRun.Start("dotnet", ["exec", _user.Tool, "server", "start", "--port", "0"], _user.Environment, _user.Path);
        string line = await server.WaitForLineAsync(text => text.StartsWith("Server: ", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        string url = line["Server: ".Length..].Trim();
        using var http = new HttpClient();
        foreach (string version in new[] { "2", "3" })
            await DeployRecordedAsync(http, url, version);

        (int generated, string said) = await _user.SluiceAsync("client", "generate", "--from", url, "--filter", "py*/*", "--namespace", "My.App", "--output", "App/Server.cs");
        generated.ShouldBe(0, said);
        _user.WriteProject(
            "App/App.csproj", "<OutputType>Exe</OutputType><RootNamespace>My.App</RootNamespace><AnalysisLevel>latest-all</AnalysisLevel><GenerateDocumentationFile>true</GenerateDocumentationFile>",
            "<ProjectReference Include=\"../Weather/Weather.csproj\" />");
        _user.Write("App/Program.cs", Program);
        (int built, string output) = await _user.DotNetAsync("build", "App", "-nologo", "-tl:off");
        built.ShouldBe(0, output);
        output.ShouldContain("0 Warning(s)");

        await using ProgramRun app = await ProgramRun.CompleteAsync(
            "dotnet", ["exec", _user["App", "bin", "Debug", "net10.0", "App.dll"]], new Dictionary<string, string?>(_user.Environment) { ["PREFECT_API_URL"] = url }, _user.Path);
        app.Process.ExitCode.ShouldBe(0, app.Output + app.Error);
        string[] ids = app.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ids.Length.ShouldBe(Sent.Length);
        foreach ((string id, string sent) in ids.Zip(Sent))
        {
            JsonElement run = await http.GetFromJsonAsync<JsonElement>($"{url}/flow_runs/{id.Trim()}");
            JsonElement.DeepEquals(run.GetProperty("parameters"), JsonElement.Parse(sent)).ShouldBeTrue($"{run.GetProperty("parameters")} is not {sent}");
        }
    }

    [Fact]
    public async Task A_breaking_change_stops_the_publish_as_a_coded_error_unless_a_property_allows_it()
    {
        _user.WriteProject("Weather/Weather.csproj");
        _user.Write("Weather/Flows.cs", Weather);
        await _user.PublishAsync("Weather");
        string before = (await _user.DeploymentsAsync()).ShouldHaveSingleItem().GetRawText();
        _user.Write("Weather/Flows.cs", Weather.Replace("string City", "string City, string Country", StringComparison.Ordinal));

        (int exit, string output) = await _user.DotNetAsync("publish", "Weather", "-nologo", "-tl:off");
        exit.ShouldBe(1, output);
        output.ShouldContain("error SLC1019: Weather report/daily: the new parameters refuse what the deployed ones accept");
        output.ShouldContain("$.place.country is new and required");
        (await _user.DeploymentsAsync()).ShouldHaveSingleItem().GetRawText().ShouldBe(before);

        (await _user.PublishAsync("Weather", "-p:SluiceAllowBreakingChanges=true")).ShouldContain("Weather report/daily: updated (");
        (await _user.PublishAsync("Weather")).ShouldContain("Weather report/daily: unchanged");
    }

    /// <summary>A deployment for each Python signature whose schema was recorded.</summary>
    private static async Task DeployRecordedAsync(HttpClient http, string url, string version)
    {
        using JsonDocument recorded = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "data", $"parameter_schemas_{version}.json")));
        foreach (JsonProperty signature in recorded.RootElement.EnumerateObject().Where(signature => signature.Value.TryGetProperty("schema", out _)))
        {
            JsonElement flow = await PostAsync(http, $"{url}/flows/", $$"""{"name":"py{{version}} {{signature.Name}}"}""");
            await PostAsync(http, $"{url}/deployments/", $$"""{"name":"d","flow_id":"{{flow.GetProperty("id")}}","parameter_openapi_schema":{{signature.Value.GetProperty("schema")}}}""");
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string url, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(new Uri(url), content);
        string text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonElement.Parse(text);
    }
}
