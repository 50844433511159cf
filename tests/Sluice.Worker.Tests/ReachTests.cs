using System.Collections.Concurrent;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage.Labels;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Which runs a worker leaves to others, because it cannot reach their package.</summary>
public sealed class ReachTests
{
    private static readonly string s_digest = new('a', 64);

    [Fact]
    public async Task A_run_whose_package_lies_on_another_host_is_left_to_the_worker_there()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using BenchWorker elsewhere = bench.Work(options => options with { Labels = ["elsewhere"] });
        Guid run = await bench.RunAsync(await DeployAsync(bench, host: "here"));
        await SaidAsync(bench, elsewhere, "left to other workers: its package lies on the disk of the host 'here' (file:///nowhere/flow)");
        (await bench.StatesAsync(run)).ShouldBe([StateType.Scheduled]);

        await using BenchWorker here = bench.Work(options => options with { Labels = ["HERE"] });
        (await bench.WaitForEndAsync(run)).State!.Message!.ShouldContain("its package could not be pulled", customMessage: "it was taken, and the package is made up");
        here.Lines.ShouldContain(line => line.Contains("its package could not be pulled"));
        elsewhere.Lines.Count(line => line.Contains("left to other workers")).ShouldBe(1);
        (await bench.Api.ListWorkersAsync(WorkerBench.Pool, default)).Select(worker => worker.Labels!.Single()).Order().ShouldBe(["elsewhere", "HERE"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_worker_that_shares_the_servers_disk_takes_packages_of_any_host()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid run = await bench.RunAsync(await DeployAsync(bench, host: "a container of yesterday"));
        await using BenchWorker worker = bench.Work(options => options with { Labels = ["today"], SharesDisk = true });
        (await bench.WaitForEndAsync(run)).State!.Message!.ShouldContain("its package could not be pulled");
    }

    [Fact]
    public async Task Runs_out_of_reach_do_not_take_the_place_of_others_where_the_pool_has_a_limit()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await bench.Api.UpdateWorkPoolAsync(WorkerBench.Pool, new() { ConcurrencyLimit = 1 }, default);
        Guid[] far = [await bench.RunAsync(await DeployAsync(bench, host: "one")), await bench.RunAsync(await DeployAsync(bench, host: "two"))];
        Guid near = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work(options => options with { Labels = ["here"] });

        (await bench.WaitForEndAsync(near)).StateType.ShouldBe(StateType.Completed);
        foreach (Guid run in far)
            (await bench.StatesAsync(run)).ShouldBe([StateType.Scheduled]);
    }

    [Fact]
    public async Task Variables_of_a_run_neither_hide_others_behind_a_limit_nor_keep_it_from_a_place_within_reach()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await bench.Api.UpdateWorkPoolAsync(WorkerBench.Pool, new() { ConcurrencyLimit = 1 }, default);
        Guid deployment = await DeployAsync(bench, host: "one");
        Guid[] far = [await bench.RunAsync(deployment, jobVariables: new() { ["env.ANY"] = "1" }), await bench.RunAsync(deployment, jobVariables: new() { ["env.ANY"] = "2" })];
        Guid near = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work(options => options with { Labels = ["here"] });

        (await bench.WaitForEndAsync(near)).StateType.ShouldBe(StateType.Completed);
        foreach (Guid run in far)
            (await bench.StatesAsync(run)).ShouldBe([StateType.Scheduled]);
        await bench.Api.UpdateWorkPoolAsync(WorkerBench.Pool, new() { ConcurrencyLimit = 10 }, default);
        Guid reached = await bench.RunAsync(deployment, jobVariables: new() { ["env.SLUICE_PACKAGE_HOST"] = "here" });
        (await bench.WaitForEndAsync(reached)).State!.Message!.ShouldContain("its package could not be pulled", customMessage: "it was taken, and the package is made up");
    }

    [Fact]
    public async Task A_deployment_that_cannot_be_read_holds_up_its_own_runs_alone_until_it_can()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        var faults = new ConcurrentDictionary<Guid, OrchestrationErrorKind>();
        var held = new List<Guid>();
        foreach (OrchestrationErrorKind kind in new[] { OrchestrationErrorKind.Unavailable, OrchestrationErrorKind.Forbidden, OrchestrationErrorKind.Invalid })
        {
            Guid deployment = await bench.DeployAsync("ok");
            faults[deployment] = kind;
            held.Add(await bench.RunAsync(deployment));
        }
        (IOrchestrationApi api, RecordedApi record) = RecordedApi.Over(bench.Api);
        record.Fault = (name, arguments) => name == nameof(IOrchestrationApi.ReadDeploymentAsync) && faults.TryGetValue((Guid)arguments[0]!, out OrchestrationErrorKind kind)
            ? new(kind, $"No answer: {kind}.")
            : null;
        Guid good = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work(api: api);

        (await bench.WaitForEndAsync(good)).StateType.ShouldBe(StateType.Completed);
        foreach (Guid run in held)
            (await bench.StatesAsync(run)).ShouldBe([StateType.Scheduled]);
        worker.Lines.Count(line => line.Contains("left alone for now, since its deployment cannot be read: No answer: Unavailable.")).ShouldBe(1);
        worker.Ended.IsCompleted.ShouldBeFalse();
        faults.Clear();
        foreach (Guid run in held)
            (await bench.WaitForEndAsync(run)).StateType.ShouldBe(StateType.Completed);
    }

    [Fact]
    public async Task A_deployment_that_is_published_to_another_place_is_taken_then()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await DeployAsync(bench, host: "one");
        Guid run = await bench.RunAsync(deployment);
        await using BenchWorker worker = bench.Work(options => options with { Labels = ["here"] });
        await SaidAsync(bench, worker, "left to other workers");

        await bench.Api.UpdateDeploymentAsync(deployment, new() { JobVariables = new Dictionary<string, JsonElement> { ["command"] = JsonSerializer.SerializeToElement($"'{WorkerBench.Program}' ok") } }, default);
        (await bench.WaitForEndAsync(run)).StateType.ShouldBe(StateType.Completed);
    }

    [Theory]
    [InlineData("file:///srv/flow", "laptop", "server", "its package lies on the disk of the host 'laptop' (file:///srv/flow)")]
    [InlineData("file:///srv/flow", "laptop", "LapTop", null)]
    [InlineData("file:///srv/flow", null, "server", null)]
    [InlineData("s3://bucket/flow", "laptop", "s3-flow-storage", null)]
    [InlineData("s3://bucket/flow?region=x", null, "server", "its package lies in s3:, and the worker lacks s3-flow-storage: start it with --label s3-flow-storage if it can")]
    [InlineData("block://s3/dev/flow", null, "s3-flow-storage", null)]
    [InlineData("block://gitlab-repository/flows", null, "gcs-flow-storage", "its package lies in block:, and the worker lacks gitlab-flow-storage: it needs the program git on its PATH and a .NET SDK")]
    [InlineData("rclone://backup/flow", null, "server", "its package lies in rclone:, and the worker lacks rclone-flow-storage: it needs the program rclone on its PATH")]
    [InlineData("git+https://git.example/flow", null, "git-flow-storage", null)]
    [InlineData("docker://registry.example/flow", null, "server", "its program is in a container image, and this worker starts processes: serve its queue by a Docker or Kubernetes worker of Prefect, or publish it with a storage of packages")]
    [InlineData("unheard-of://x/flow", null, "server", null)]
    public void A_worker_says_why_it_cannot_take_a_run(string place, string? host, string label, string? reason) =>
        new RunNeeds(new(place), new Uri(place).IsFile ? host : null, StorageLabels.Of(new(place))).Refuse([label]).ShouldBe(reason);

    [Fact]
    public void Needs_are_read_from_the_job_variables_of_deployment_and_run()
    {
        FlowRun run = new() { Id = Guid.NewGuid(), Name = "r", FlowId = Guid.NewGuid(), JobVariables = Variables("""{"env.SLUICE_PACKAGE_HOST": "b"}""") };
        Deployment deployment = new() { Id = Guid.NewGuid(), Name = "d", FlowId = run.FlowId, JobVariables = Variables($$$"""{"env": {"SLUICE_PACKAGE": "file:///x#sha256={{{s_digest}}}", "SLUICE_PACKAGE_HOST": "a"}}""") };
        RunNeeds.Of(deployment, run).ShouldBe(new RunNeeds(new("file:///x"), "b", null));
        RunNeeds.Of(deployment with { JobVariables = Variables("""{"env": {"SLUICE_PACKAGE": "github://o/r/a.cs#commit=abc", "SLUICE_PACKAGE_HOST": "a"}}""") }, run).ShouldBe(new RunNeeds(new("github://o/r/a.cs"), null, "github-flow-storage"));
        RunNeeds.Of(deployment with { JobVariables = Variables("""{"env": "nonsense"}""") }, run).ShouldBe(new RunNeeds(null, null, null));
        RunNeeds.Of(null, run).ShouldBe(new RunNeeds(null, null, null));
    }

    [Fact]
    public void A_worker_states_its_host_what_it_reads_and_what_its_operator_says()
    {
        using var folder = new TempFolder();
        foreach (string program in new[] { "bin/rclone", "bin/git", "dotnet/dotnet", "home/.dotnet/dotnet" })
        {
            string file = folder.Write(program, "");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        string[] always = ["box", "s3-flow-storage", "gcs-flow-storage", "azure-flow-storage", "webhook-flow-storage"];
        Detect("").ShouldBe(always);
        Detect("", "laptop", "BOX").ShouldBe([.. always, "laptop"]);
        Detect(folder["bin"]).ShouldBe([.. always, "rclone-flow-storage", "smb-flow-storage"], "without an SDK nothing can be built");
        Directory.CreateDirectory(folder["dotnet/sdk"]);
        Detect(folder["bin"]).ShouldBe([.. always, "rclone-flow-storage", "smb-flow-storage"], "an SDK that was removed leaves its folder");
        // The dotnet that runs this worker may have none, and another one builds.
        folder.Write("home/.dotnet/sdk/10.0.100/dotnet.dll", "");
        Detect(folder["bin"]).ShouldBe([.. always, "rclone-flow-storage", "smb-flow-storage",
            "github-flow-storage", "gitlab-flow-storage", "bitbucket-flow-storage", "codecommit-flow-storage", "git-flow-storage"]);

        IReadOnlyList<string> Detect(string path, params string[] further) =>
            WorkerLabels.Detect("box", further, new Dictionary<string, string?> { ["PATH"] = path }, [folder["dotnet/dotnet"], folder["home/.dotnet/dotnet"]]);
    }

    private static Dictionary<string, JsonElement> Variables(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    private static Task<Guid> DeployAsync(WorkerBench bench, string host) => bench.DeployAsync(new Dictionary<string, object?>
    {
        ["env"] = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = $"file:///nowhere/flow#sha256={s_digest}", ["SLUICE_PACKAGE_HOST"] = host },
    });

    /// <summary>Waits for a line of the worker: it writes one before it waits for the next change.</summary>
    private static async Task SaidAsync(WorkerBench bench, BenchWorker worker, string text)
    {
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        while (!worker.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(20, bound.Token);
    }
}
