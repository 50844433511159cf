using System.Text.Json;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Where results of packages on this machine's disk go, and how they are read back.</summary>
public sealed class ResultTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Theory]
    [InlineData(10, "inline")]
    [InlineData(100_000, "reference")]
    public async Task A_persisted_result_lies_beside_its_package_and_is_read_back(int size, string type)
    {
        await _sluice.DeployAsync();
        string expected = $"\"{new string('x', size)}\"";

        (await RunAsync("Fill/by-hand", "first", $"size={size}")).Succeeded().Output.ShouldContain(expected);

        JsonElement data = await DataAsync("first");
        data.Text("type").ShouldBe(type);
        data.GetProperty("size").GetInt32().ShouldBe(size + 2);
        string key = data.Text("storage_key")!;
        key.ShouldStartWith($"file://{_sluice.Home.Storage}/results/paces/");
        File.ReadAllText(new Uri(key).LocalPath).ShouldBe(expected);
        Directory.EnumerateFileSystemEntries(Path.Combine(_sluice.Home.Storage, ".uploads")).ShouldBeEmpty();
        (await _sluice.RunAsync("flow-run", "inspect", "first", "--result")).Succeeded().Output.ShouldBe(expected + "\n");
        (await _sluice.RunAsync("flow-run", "inspect", "first", "--result", "--output", "json")).Succeeded().Output.ShouldBe(expected + "\n");
        string inspect = (await _sluice.RunAsync("flow-run", "inspect", "first")).Succeeded().Output;
        inspect.ShouldContain(type == "inline" ? expected : $"kept at {key} (100,002 bytes); show it with: sluice flow-run inspect first --result");
    }

    [Fact]
    public async Task A_result_that_was_deleted_says_so_and_each_run_has_its_own()
    {
        await _sluice.DeployAsync();
        foreach (string run in (string[])["first", "second"])
            (await RunAsync("Fill/by-hand", run, "size=70000")).Succeeded();
        string key = (await DataAsync("first")).Text("storage_key")!;
        (await DataAsync("second")).Text("storage_key").ShouldNotBe(key);

        File.Delete(new Uri(key).LocalPath);

        (await _sluice.RunAsync("flow-run", "inspect", "first", "--result")).FailedWith(1).ShouldBe($"sluice: the result of flow run 'first' is gone: {key} was deleted, or its store was");
        (await _sluice.RunAsync("flow-run", "inspect", "second", "--result")).Succeeded();
    }

    [Fact]
    public async Task A_run_without_a_result_says_why()
    {
        await _sluice.DeployAsync();
        await _sluice.RunAsync("deployment", "run", "Fail/by-hand", "--watch", "--flow-run-name", "failed");
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--start-in", "3600", "--flow-run-name", "later")).Succeeded();

        (await _sluice.RunAsync("flow-run", "inspect", "failed", "--result")).FailedWith(1).ShouldContain("flow run 'failed' has no result: it is Failed");
        (await _sluice.RunAsync("flow-run", "inspect", "later", "--result")).FailedWith(1).ShouldContain("flow run 'later' has no result yet: it is Scheduled");
        (await _sluice.RunAsync("flow-run", "inspect", "nobody", "--result")).FailedWith(1).ShouldContain("there is no flow run 'nobody'");
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_told_of_and_the_run_completes()
    {
        await _sluice.DeployAsync();
        Directory.CreateDirectory(_sluice.Home.Storage);
        await File.WriteAllTextAsync(Path.Combine(_sluice.Home.Storage, "results"), "a file where a folder should be");

        SluiceProgram.Outcome run = (await RunAsync("Fill/by-hand", "first", "size=70000")).Succeeded();

        run.Output.ShouldContain("The result (70,002 bytes) could not be written to");
        (await _sluice.RunAsync("flow-run", "inspect", "first", "--result")).FailedWith(1).ShouldContain("the result of flow run 'first' (70,002 bytes) was not kept; its log says why: sluice flow-run logs first");
    }

    [Fact]
    public async Task A_package_of_a_webhook_runs_and_its_result_goes_to_the_server()
    {
        await using var webhook = new WebhookServer();
        await webhook.InitializeAsync();
        _sluice.With("WEBHOOK_TOKEN", WebhookServer.Token);
        string storage = $"webhook+http://127.0.0.1:{webhook.Port}/files/{{name}}/{{sha256}}?build_method=PUT&build_header_Authorization=Bearer%20${{WEBHOOK_TOKEN}}&get_header_Authorization=Bearer%20${{WEBHOOK_TOKEN}}";
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage)).Succeeded().Output.ShouldNotContain("CANARY");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage)).Succeeded().Output.ShouldContain("unchanged");
        webhook.Requests.Count(request => request.Method == "PUT").ShouldBe(1);

        (await RunAsync("Fill/by-hand", "first", "size=70000")).Succeeded();

        JsonElement run = (await _sluice.RunAsync("flow-run", "inspect", "first", "--output", "json")).Succeeded().Json;
        run.GetProperty("state").GetProperty("data").Text("storage_key").ShouldBe($"sluice/results/{run.Text("id")}");
        (await _sluice.RunAsync("flow-run", "inspect", "first", "--result", "--output", "json")).Succeeded().Output.Length.ShouldBe(70_003);
        foreach (string file in Directory.EnumerateFiles(_sluice.Home.Root, "*", SearchOption.AllDirectories))
            File.ReadAllBytes(file).AsSpan().IndexOf("CANARY"u8).ShouldBe(-1, file);
    }

    [Fact]
    public async Task A_worker_that_presigns_needs_a_store_that_signs_or_a_folder()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The run's command is found on PATH.");
            return;
        }
        await using var webhook = new WebhookServer();
        await webhook.InitializeAsync();
        _sluice.With("WEBHOOK_TOKEN", WebhookServer.Token).With("PATH", $"{Path.GetDirectoryName(SluiceProgram.Path)}:{Environment.GetEnvironmentVariable("PATH")}");
        string storage = $"webhook+http://127.0.0.1:{webhook.Port}/files/{{sha256}}?build_method=PUT&build_header_Authorization=Bearer%20${{WEBHOOK_TOKEN}}";
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage)).Succeeded();
        await using ProgramRun server = _sluice.Start("server", "start", "--port", "0");
        string line = await server.WaitForLineAsync(text => text.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound);
        _sluice.With("PREFECT_API_URL", line["Server: ".Length..].Trim());
        await using ProgramRun worker = _sluice.Start("worker", "start", "--presign", "--name", "tester");
        await worker.WaitForLineAsync(text => text.StartsWith("Worker 'tester' serves", StringComparison.Ordinal), SluiceProgram.Bound);

        SluiceProgram.Outcome refused = await RunAsync("Fill/by-hand", "refused");
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain($"its package's store webhook+http://127.0.0.1:{webhook.Port}/files/{{sha256}} makes no presigned URLs as this worker is signed in to it");

        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", new Uri(_sluice.Folder["store"]).AbsoluteUri)).Succeeded();
        (await RunAsync("Fill/by-hand", "taken", "size=70000")).Succeeded();
        (await DataAsync("taken")).Text("storage_key")!.ShouldStartWith(new Uri(_sluice.Folder["store"]).AbsoluteUri + "/results/");
    }

    private Task<SluiceProgram.Outcome> RunAsync(string deployment, string name, params string[] parameters) =>
        _sluice.RunAsync(["deployment", "run", deployment, "--watch", "--flow-run-name", name, .. parameters.SelectMany(parameter => (string[])["--param", parameter])]);

    private async Task<JsonElement> DataAsync(string run) =>
        (await _sluice.RunAsync("flow-run", "inspect", run, "--output", "json")).Succeeded().Json.GetProperty("state").GetProperty("data");
}
