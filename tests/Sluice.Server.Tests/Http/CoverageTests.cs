using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Server.Http;
using Sluice.Testing;

namespace Sluice.Server.Tests.Http;

/// <summary>Which of Prefect's paths the server has; docs/api.md tells it (SLUICE_UPDATE_SNAPSHOTS=1 writes it anew).</summary>
public sealed class CoverageTests
{
    private static string Document => Path.Combine(Repository.Root, "docs", "api.md");

    [Fact]
    public async Task The_list_in_the_docs_is_what_the_server_has()
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        string current = Write(host.Paths);
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_SNAPSHOTS") == "1")
            await File.WriteAllTextAsync(Document, current);
        (await File.ReadAllTextAsync(Document)).ReplaceLineEndings("\n").ShouldBe(current, "run the tests with SLUICE_UPDATE_SNAPSHOTS=1 and read the diff");
    }

    [Fact]
    public void The_list_holds_every_path_of_Prefects_document()
    {
        using JsonDocument prefect = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "data", "openapi", "prefect3.json")));
        IEnumerable<string> paths = prefect.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        PrefectPath.All.Select(path => $"{path.Method} {path.Path}").ShouldBe(paths, ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_not_implemented_says_so()
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        foreach (PrefectPath path in host.Paths.Where(path => !path.Implemented))
        {
            string place = path.Path.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
            using HttpRequestMessage request = new(new HttpMethod(path.Method), host.Url + place) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            using HttpResponseMessage response = await http.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.NotImplemented, path.ToString());
            JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString().ShouldBe($"Sluice's server does not implement {path.Method} /api{path.Path}.");
        }
    }

    private static string Write(IReadOnlyList<PrefectPath> paths)
    {
        StringBuilder text = new();
        text.Append($"""
            # The API of the embedded server

            The server of `sluice server start` answers Prefect 3's clients. This is every path that a Prefect 3.8.3 server has, below `/api`:
            {paths.Count(path => path.Implemented)} of {paths.Count} are implemented, in Prefect's shape, with its status codes and error bodies. The others answer 501 and say so. A test
            writes this list from the server's routes, another plays recorded conversations of Prefect's own clients against the server and
            compares every answer (`tests/Sluice.Server.Tests/Replay`: `Known.cs` and `Ignored.cs` hold what differs, each with its reason).

            The server tells its parameters, bodies and answers at `/openapi.json` and `/api/openapi.json`, written from its routes. A test compares
            them with Prefect's document; [differences3.txt](../tests/data/openapi/differences3.txt) holds every difference, each with its reason.

            """.ReplaceLineEndings("\n"));
        foreach (IGrouping<string, PrefectPath> family in paths.GroupBy(path => path.Path.Split('/')[1] is "v2" or "ui" ? string.Join('/', path.Path.Split('/')[1..3]) : path.Path.Split('/')[1]))
        {
            text.Append($"\n## {family.Key}\n\n| path | methods | not implemented |\n|---|---|---|\n");
            foreach (IGrouping<string, PrefectPath> path in family.GroupBy(path => path.Path))
                text.Append($"| `{path.Key}` | {Methods(path, true)} | {Methods(path, false)} |\n");
        }
        return text.ToString();
    }

    private static string Methods(IEnumerable<PrefectPath> paths, bool implemented) => string.Join(", ", paths.Where(path => path.Implemented == implemented).Select(path => path.Method));
}
