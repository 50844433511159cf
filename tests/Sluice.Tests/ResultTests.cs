using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Testing;

namespace Sluice.Tests;

public sealed class ResultTests
{
    [Theory]
    [InlineData("Result of size", 100, true, "inline", null, false)]
    [InlineData("Result of size", 65536, true, "inline", null, false)]
    [InlineData("Result of size", 65537, true, "reference", "sluice/results/", true)]
    [InlineData("Result of size", 65537, false, "unpersisted", null, false)]
    [InlineData("Persisted", 100, true, "inline", "sluice/results/", true)]
    [InlineData("Persisted", 200000, true, "reference", "sluice/results/", true)]
    [InlineData("Persisted", 100, false, "inline", null, false)]
    public async Task A_result_is_kept_by_its_size_and_the_flows_wish(string flow, int size, bool hasPlace, string type, string? key, bool stored)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync(flow, $$"""{"size":{{size}}}""");

        (await server.ExecuteAsync(run.Id, environment: environment => hasPlace ? environment : environment with { ResultUrl = null })).ExitCode.ShouldBe(0);

        ResultData result = (await server.ReadAsync(run.Id)).State!.Data!.Value.Deserialize(OrchestrationJson.Default.ResultData)!;
        result.Type.ShouldBe(type);
        result.Size.ShouldBe(size);
        result.StorageKey.ShouldBe(key is null ? null : key + run.Id);
        (result.Value is not null).ShouldBe(type == "inline");
        string file = Path.Combine(server.ResultsFolder, run.Id + ".json");
        File.Exists(file).ShouldBe(stored);
        if (stored)
        {
            new FileInfo(file).Length.ShouldBe(size);
        }
    }

    [Fact]
    public async Task A_result_that_cannot_be_put_is_told_of_in_the_log_and_the_run_completes()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Result of size", """{"size":70000}""");

        (await server.ExecuteAsync(run.Id, environment: environment => environment with { ResultUrl = new(server.Endpoint.Url + "/no/such/place?signature=secret") })).ExitCode.ShouldBe(0);

        FlowRun done = await server.ReadAsync(run.Id);
        done.StateType.ShouldBe(StateType.Completed);
        string message = (await server.LogsAsync(run.Id)).ShouldHaveSingleItem().Message;
        message.ShouldBe($"The result (70,000 bytes) could not be put to {server.Endpoint.Url}/no/such/place: HTTP 404");
    }

    /// <summary>FILE cannot be written (a file lies where its folder would be), GONE answers nobody, NONE is no path of the server.</summary>
    [Theory]
    [InlineData("FILE")]
    [InlineData("GONE")]
    [InlineData("NONE")]
    public async Task A_result_that_its_place_does_not_take_is_kept_by_the_second_place_under_that_ones_name(string first)
    {
        await using TestServer server = await TestServer.StartAsync();
        using TempFolder folder = new();
        folder.Write("results", "");
        FlowRun run = await server.CreateRunAsync("Result of size", """{"size":70000}""");
        Uri place = first switch
        {
            "FILE" => new(folder["results/flow/result.json"]),
            "GONE" => new($"http://127.0.0.1:{FreePort.Take(1)[0]}/result"),
            _ => new(server.Endpoint.Url + "/no/such/place"),
        };

        (await server.ExecuteAsync(run.Id, environment: environment => environment with { ResultUrl = place, ResultKey = "s3://bucket/results/a/b.json", ResultFallbackUrl = environment.ResultUrl })).ExitCode.ShouldBe(0);

        ResultData result = (await server.ReadAsync(run.Id)).State!.Data!.Value.Deserialize(OrchestrationJson.Default.ResultData)!;
        (result.Type, result.StorageKey).ShouldBe(("reference", $"sluice/results/{run.Id}"));
        new FileInfo(Path.Combine(server.ResultsFolder, run.Id + ".json")).Length.ShouldBe(70_000);
        string[] messages = [.. (await server.LogsAsync(run.Id)).Select(log => log.Message)];
        messages.Length.ShouldBe(2);
        messages[1].ShouldBe($"The result is kept as sluice/results/{run.Id} instead.");
    }

    [Fact]
    public async Task A_result_is_written_into_a_local_store_whole_and_under_the_name_that_the_worker_gave()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TempFolder store = new();
        FlowRun run = await server.CreateRunAsync("Persisted", """{"size":70000}""");
        string file = store["results", "a flow", "result.json"];

        (await server.ExecuteAsync(run.Id, environment: environment => environment with { ResultUrl = new(file), ResultKey = "file:///the/name?region=x" })).ExitCode.ShouldBe(0);

        new FileInfo(file).Length.ShouldBe(70000);
        (await server.ReadAsync(run.Id)).State!.Data!.Value.GetProperty("storage_key").GetString().ShouldBe("file:///the/name?region=x");
        Directory.EnumerateFileSystemEntries(store[".uploads"]).ShouldBeEmpty();
        Directory.EnumerateFiles(store.Path, "*", SearchOption.AllDirectories).ShouldBe([file]);
    }
}
