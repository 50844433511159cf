using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Server.Tests.Security;

/// <summary>
/// Texts that mean something to SQL, file systems, templates, JSON or terminals, in every place of every operation of Prefect's OpenAPI document where a text
/// can stand: nothing fails inside, nothing is told of the inside, and the database is whole.
/// </summary>
public sealed partial class InjectionTests : IAsyncLifetime
{
    private const int LeastOperations = 70;

    /// <summary>Raw JSON texts; some of them are none.</summary>
    private static readonly string[] _payloads =
    [
        "\"'; DROP TABLE flow; --\"",
        "\"\\\" OR 1=1 --\"",
        "\"%' UNION SELECT sql, name, 1 FROM sqlite_master --\"",
        "\"../../../../etc/passwd\"",
        "\"..\\\\..\\\\windows\\\\win.ini\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"{{ 7 * 7 }}{% for x in range(99999999) %}a{% endfor %}\"",
        "\"%_[a-z\\\\\"",
        "\"\\u202e\\u001b[31m\\r\\nSet-Cookie: a=b\"",
        "\"${jndi:ldap://x}$(id)`id`\"",
        "\"\"",
        "\"" + new string('a', 70_000) + "\"",
        "{\"$ref\":{\"block_document_id\":\"00000000-0000-0000-0000-000000000000\"}}",
        "1e400",
        "-1",
        "[[[[[[[[]]]]]]]]",
        "99999999999999999999",
        "\"9999-12-31T23:59:59.9999999+00:00\"",
        "\"0001-01-01T00:00:00+14:00\"",
    ];

    /// <summary>Path segments as they travel.</summary>
    private static readonly string[] _segments =
    [
        "%27%3B%20DROP%20TABLE%20flow%3B%20--", "..%2F..%2F..%2Fetc%2Fpasswd", "%2e%2e", "%00", "a%00b", "%FF%FE", "%F0%9F%92%A9", "%25%32%66", "%5C..%5C", "%0D%0ASet-Cookie:%20a=b", "'", "*", "%", new string('a', 3_000), "00000000-0000-0000-0000-000000000000",
        "%E2%80%AE", "null", "{id}", "1%20OR%201=1",
    ];

    private readonly TempFolder _folder = new();
    private readonly List<string> _reports = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;
    private Dictionary<string, string> _ids = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, default);
        _host = await ApiHost.StartAsync(_store, new() { ResultsFolder = _folder["results"], Report = _reports.Add }, default);
        _ids = await SeedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Texts_that_mean_something_elsewhere_are_texts()
    {
        JsonElement document = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "openapi", "prefect3.json")));
        var random = new Random(Fuzz.Seed);
        var implemented = new HashSet<string>();
        string schema = Schema();
        for (int round = 0; round < Fuzz.Count(1); round++)
        {
            foreach (Operation operation in Operation.All(document))
            {
                // By an id that is nobody's, so that what others need is not deleted.
                bool destroys = operation.Method == "DELETE" || operation.Path.Contains("delete", StringComparison.Ordinal);
                string path = Fill(operation, destroys ? _ => Guid.Empty.ToString() : Known);
                (int status, string answer) = await SendAsync(operation.Method, path, operation.Body(null, null)?.ToJsonString());
                if (status == 501 || (status is 404 or 405 && answer is """{"detail":"Not Found"}""" or """{"detail":"Method Not Allowed"}"""))
                    continue;
                implemented.Add($"{operation.Method} {operation.Path}");
                foreach (string parameter in operation.Parameters)
                {
                    string payload = _segments[random.Next(_segments.Length)];
                    await SendAsync(operation.Method, Fill(operation, name => name == parameter ? payload : Known(name)), operation.Body(null, null)?.ToJsonString());
                }
                foreach (string[] place in operation.Texts())
                {
                    const string Mark = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
                    string payload = _payloads[random.Next(_payloads.Length)];
                    string body = operation.Body(place, JsonValue.Create(Mark))!.ToJsonString().Replace($"\"{Mark}\"", payload, StringComparison.Ordinal);
                    await SendAsync(operation.Method, path, body);
                }
                if (operation.Method == "GET")
                    await SendAsync("GET", $"{path}?limit={_segments[random.Next(_segments.Length)]}&include_secrets={_segments[random.Next(_segments.Length)]}&offset=-1&version='", null);
            }
        }
        implemented.Count.ShouldBeGreaterThan(LeastOperations);
        _reports.ShouldBeEmpty();
        Schema().ShouldBe(schema);
        Sql("PRAGMA integrity_check").ShouldBe("ok");
        Sql("PRAGMA foreign_key_check").ShouldBeNull();
        (await _store.FindVariableAsync("sentinel", default)).ShouldNotBeNull().Value.GetString().ShouldBe("here");
        Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).ShouldBeSubsetOf(["home", "results"]);
    }

    [Theory]
    [InlineData("POST", "/flows/", 200)]
    [InlineData("POST", "/flow_runs/filter", 5_000)]
    [InlineData("POST", "/deployments/", 60)]
    public async Task Json_that_is_nested_too_deeply_is_refused(string method, string path, int depth)
    {
        (int status, _) = await SendAsync(method, path, string.Concat(Enumerable.Repeat("{\"a\":[", depth)) + "1" + string.Concat(Enumerable.Repeat("]}", depth)));
        status.ShouldBe(422);
    }

    [Fact]
    public async Task Lists_of_ids_and_names_may_be_long()
    {
        Guid flow = Guid.Parse(_ids["flows.id"]);
        Guid[] many = [.. Enumerable.Range(0, 40_000).Select(_ => Guid.NewGuid()), flow];
        (await _store.ListFlowsAsync(new() { Flows = new() { Id = new() { Any = many } } }, default)).ShouldHaveSingleItem().Id.ShouldBe(flow);
        (await _store.ListFlowsAsync(new() { Flows = new() { Id = new() { NotAny = many } } }, default)).ShouldBeEmpty();
        (await _store.ListFlowsAsync(new() { Flows = new() { Name = new() { Any = [.. many.Select(id => $"'\u0000\"{id}"), "seed"] } } }, default)).ShouldHaveSingleItem().Id.ShouldBe(flow);
        string ids = string.Join(',', Enumerable.Range(0, 40_000).Select(_ => $"\"{Guid.NewGuid()}\""));
        foreach ((string path, string body) in new[]
        {
            ("/flow_runs/filter", """{"flow_runs":{"id":{"any_":[IDS]}}}"""),
            ("/flow_runs/filter", """{"flow_runs":{"id":{"not_any_":[IDS]}}}"""),
            ("/deployments/filter", """{"deployments":{"name":{"any_":[IDS]},"tags":{"all_":[IDS]}}}"""),
            ("/flows/filter", """{"flows":{"tags":{"all_":[IDS]}}}"""),
            ("/deployments/get_scheduled_flow_runs", """{"deployment_ids":[IDS]}"""),
            ("/logs/filter", """{"logs":{"flow_run_id":{"any_":[IDS]}}}"""),
        })
        {
            (int status, _) = await SendAsync("POST", path, body.Replace("IDS", ids, StringComparison.Ordinal));
            status.ShouldBeOneOf(200, 422);
        }
    }

    private async Task<(int Status, string Answer)> SendAsync(string method, string path, string? body)
    {
        var url = new Uri(_host.Url + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using HttpRequestMessage request = new(new HttpMethod(method), url);
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using HttpResponseMessage response = await _http.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        string told = string.Create(CultureInfo.InvariantCulture, $"seed {Fuzz.Seed}: {method} {Short(path)} {Short(body ?? "")} answered {(int)response.StatusCode} {Short(answer)}\n{string.Join('\n', _reports)}");
        ((int)response.StatusCode is < 500 or 501).ShouldBeTrue(told);
        Inside().IsMatch(answer).ShouldBeFalse(told);
        answer.ShouldNotContain(_folder.Path, customMessage: told);
        response.Headers.Contains("Set-Cookie").ShouldBeFalse(told);
        return ((int)response.StatusCode, answer);
    }

    private static string Short(string text) => text.Length > 600 ? text[..600] + "…" : text;

    private string Known(string name) => _ids.GetValueOrDefault(name) ?? "x";

    /// <summary>The path with its parameters; <c>id</c> is of the family that the path begins with.</summary>
    private static string Fill(Operation operation, Func<string, string> value)
    {
        string family = operation.Path.Split('/')[1];
        return string.Join('/', operation.Path.Split('/').Select(step => !step.StartsWith('{') ? step : step is "{id}" or "{name}" && value(step[1..^1]) is "x" ? value($"{family}.{step[1..^1]}") : value(step[1..^1])));
    }

    private async Task<Dictionary<string, string>> SeedAsync()
    {
        Flow flow = await _store.EnsureFlowAsync(new() { Name = "seed" }, default);
        await _store.CreateVariableAsync(new() { Name = "sentinel", Value = JsonElement.Parse("\"here\"") }, default);
        Variable variable = await _store.CreateVariableAsync(new() { Name = "seed", Value = JsonElement.Parse("\"here\"") }, default);
        WorkPool pool = await _store.CreateWorkPoolAsync(new() { Name = "seed", Type = "process" }, default);
        Deployment deployment = await _store.UpsertDeploymentAsync(new() { Name = "seed", FlowId = flow.Id, WorkPoolName = "seed", Schedules = [new() { Slug = "seed", Schedule = new() { Cron = "0 6 * * *" } }] }, default);
        FlowRun run = await _store.CreateDeploymentRunAsync(deployment.Id, new(), default);
        return new()
        {
            ["flows.id"] = flow.Id.ToString(),
            ["flows.name"] = "seed",
            ["flow_name"] = "seed",
            ["deployment_name"] = "seed",
            ["deployments.id"] = deployment.Id.ToString(),
            ["schedule_id"] = deployment.Schedules[0].Id.ToString(),
            ["flow_runs.id"] = run.Id.ToString(),
            ["variables.id"] = variable.Id.ToString(),
            ["variables.name"] = "seed",
            ["work_pools.name"] = pool.Name,
            ["work_pool_name"] = pool.Name,
            ["work_queues.id"] = (await _store.FindWorkQueueAsync("seed", "default", default))!.Id.ToString(),
            ["work_queues.name"] = "default",
        };
    }

    private string Schema() => (string)Sql("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)")!;

    private object? Sql(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["home", "sluice.db"]};Pooling=False");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>What only the inside says.</summary>
    [GeneratedRegex(@"SQLite|SqliteException|System\.|Microsoft\.|   at |\.cs:line|no such (table|column)|syntax error|sluice\.db|FROM (flow|deployment) ", RegexOptions.None)]
    private static partial Regex Inside();
}
