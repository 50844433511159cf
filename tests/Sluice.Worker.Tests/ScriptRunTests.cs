using System.Diagnostics;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Storage.Packages;
using Sluice.Testing;
using Sluice.Worker.Launch;
using Sluice.Worker.Programs;

namespace Sluice.Worker.Tests;

/// <summary>Runs of deployments whose package is source: real builds by this machine's SDK.</summary>
public sealed class ScriptRunTests
{
    [Fact]
    public async Task Runs_that_begin_at_once_build_a_script_once_and_later_ones_take_it_from_the_cache()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var witness = new TempFolder();
        Environment.SetEnvironmentVariable("WORKER_SECRET", "canary");
        Environment.SetEnvironmentVariable("NUGET_OF_THE_WORKER", "1");
        Guid deployment = await bench.DeployScriptAsync(("flow.cs", ScriptBench.Flow), ("Directory.Build.targets", ScriptBench.Witness(witness.Path)));
        Guid[] runs = [await bench.RunAsync(deployment), await bench.RunAsync(deployment)];
        await using BenchWorker first = bench.Work(options => options with { Limit = 1 }), second = bench.Work(options => options with { Limit = 1 });
        foreach (Guid run in runs)
            (await bench.WaitForEndAsync(run)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));

        string[] messages = [.. await bench.MessagesAsync(runs[0]), .. await bench.MessagesAsync(runs[1])];
        messages.Count(message => message.StartsWith("Building the script flow.cs (package ", StringComparison.Ordinal)).ShouldBe(1);
        messages.Count(message => message.StartsWith("Built the script flow.cs ", StringComparison.Ordinal)).ShouldBe(1);
        Guid later = await bench.RunAsync(deployment);
        (await bench.WaitForEndAsync(later)).StateType.ShouldBe(StateType.Completed);
        string program = (await bench.WaitForLogAsync(later, message => message.StartsWith("program=", StringComparison.Ordinal)))["program=".Length..];
        program.ShouldStartWith(Path.Combine(bench.Home.Cache, "builds"));
        (await bench.MessagesAsync(later)).ShouldBe([$"program={program}"]);
        bench.Builds().ShouldHaveSingleItem();

        string variables = await File.ReadAllTextAsync(Directory.EnumerateFiles(witness.Path, "build-*.txt").ShouldHaveSingleItem());
        variables.ShouldContain("NUGET_OF_THE_WORKER=1");
        variables.ShouldNotContain("canary");
        variables.ShouldNotContain("OF_THE_RUN");
        variables.ShouldNotContain("PREFECT_API");
    }

    [Fact]
    public async Task What_does_not_compile_crashes_its_run_with_the_compilers_lines()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();

        string message = await CrashesAsync(bench, ("flow.cs", "#:include helper.cs\nint x = Helper.Word;"), ("helper.cs", "static class Helper { public const string Word = \"\"; }"));

        message.ShouldContain(") does not build: flow.cs(2,9): error CS0029: Cannot implicitly convert type 'string' to 'int'. The whole output is in ");
        string log = Directory.EnumerateFiles(Path.Combine(bench.Home.Cache, "builds"), "*.log").ShouldHaveSingleItem();
        message.ShouldContain(log);
        (await File.ReadAllTextAsync(log)).ShouldContain("error CS0029");
        bench.Builds().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_package_and_a_missing_sdk_say_what_the_worker_needs()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var feed = new TempFolder();

        (await CrashesAsync(
            bench,
            ("flow.cs", "#:package NoSuchPackageAnywhere@1.0.0\nreturn 0;"),
            ("Directory.Build.props", $"<Project><PropertyGroup><RestoreSources>{feed.Path}</RestoreSources></PropertyGroup></Project>")))
            .ShouldContain("error NU1101: Unable to find package NoSuchPackageAnywhere");
        (await CrashesAsync(bench, ("flow.cs", "return 0;"), ("global.json", """{"sdk":{"version":"99.0.100"}}""")))
            .ShouldContain("its global.json asks for the .NET SDK 99.0.100, and the worker's machine has ");
        bench.Builds().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_run_ends_its_build_and_is_cancelled()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var witness = new TempFolder();
        witness.Write("hold", "");
        Guid run = await bench.RunAsync(await bench.DeployScriptAsync(("flow.cs", ScriptBench.Flow), ("Directory.Build.targets", ScriptBench.Witness(witness.Path))));
        (IOrchestrationApi api, RecordedApi record) = RecordedApi.Over(bench.Api);
        await using BenchWorker worker = bench.Work(options => options with { Lease = TimeSpan.FromSeconds(3) }, api);
        using Process sleeping = Process.GetProcessById(int.Parse(await ScriptBench.WaitForFileAsync(witness["begun"]), CultureInfo.InvariantCulture));
        // Longer than the lease, which is renewed three times in its length.
        await record.WaitAsync(nameof(IOrchestrationApi.RenewLeasesAsync), record.Count(nameof(IOrchestrationApi.RenewLeasesAsync)) + 5);
        (await bench.Api.ReadFlowRunAsync(run, default)).ShouldNotBeNull().StateType.ShouldBe(StateType.Pending);
        await bench.CancelAsync(run);

        FlowRun ended = await bench.WaitForEndAsync(run);

        ended.StateType.ShouldBe(StateType.Cancelled, ended.State?.Message);
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        await sleeping.WaitForExitAsync(bound.Token);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);
        bench.Builds().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_build_that_takes_longer_than_its_limit_is_ended()
    {
        using TempFolder work = new(), witness = new();
        witness.Write("hold", "");
        work.Write("source/flow.cs", "return 0;");
        work.Write("source/Directory.Build.targets", ScriptBench.Witness(witness.Path));
        IDictionary<string, string?> environment = new ProcessStartInfo().Environment;
        ProgramSource source = new() { Identity = "test", Name = "the script flow.cs", Project = "flow.cs", FetchAsync = (_, _) => Task.CompletedTask };
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var build = new DotnetBuild(DotnetSdk.Find(environment)!, source, BuildVariables.Of(environment, work.Path), TimeSpan.FromMinutes(30), time);
        Task building = build.RunAsync(work.Path, work["files"], work["build.log"], default);
        using Process sleeping = Process.GetProcessById(int.Parse(await ScriptBench.WaitForFileAsync(witness["begun"]), CultureInfo.InvariantCulture));

        time.Advance(TimeSpan.FromMinutes(30));

        (await Should.ThrowAsync<LaunchException>(building.WaitAsync(WorkerBench.Bound))).Message
            .ShouldStartWith("the script flow.cs was not built within 1800 s (SLUICE_BUILD_TIMEOUT_SECONDS), and its build was ended; its last lines: ");
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        await sleeping.WaitForExitAsync(bound.Token);
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_build_leaves_nothing_that_another_would_run()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var witness = new TempFolder();
        witness.Write("hold", "");
        Guid deployment = await bench.DeployScriptAsync(("flow.cs", ScriptBench.Flow), ("Directory.Build.targets", ScriptBench.Witness(witness.Path)));
        Guid lost = await bench.RunAsync(deployment);
        int? sleeping = null;
        try
        {
            await using (ProgramRun worker = ProgramRun.Start(
                WorkerBench.Program,
                ["worker", WorkerBench.Pool, "killed"],
                new Dictionary<string, string?> { ["PREFECT_API_URL"] = bench.Host.Url.AbsoluteUri, ["PREFECT_API_KEY"] = WorkerBench.Token, ["SLUICE_HOME"] = bench.Home.Root }))
            {
                sleeping = int.Parse(await ScriptBench.WaitForFileAsync(witness["begun"]), CultureInfo.InvariantCulture);
                worker.Process.Kill();
                await worker.WaitForExitAsync(WorkerBench.Bound);
            }
            bench.Builds().ShouldHaveSingleItem().ShouldStartWith(".build-");
            File.Delete(witness["hold"]);

            Guid next = await bench.RunAsync(deployment);
            await using BenchWorker other = bench.Work();
            (await bench.WaitForEndAsync(next)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));

            bench.Builds().ShouldHaveSingleItem().ShouldNotStartWith(".build-");
            (await bench.MessagesAsync(next)).Count(message => message.StartsWith("Built ", StringComparison.Ordinal)).ShouldBe(1);
            (await bench.Api.ReadFlowRunAsync(lost, default)).ShouldNotBeNull().StateType.ShouldNotBe(StateType.Completed);
        }
        finally
        {
            // Nobody else ends what the killed worker leaves: dotnet, MSBuild and what they wait for.
            if (sleeping is { } orphan)
            {
                ProcessSignals.KillGroup(Signal.GroupOf(orphan));
                using var bound = new CancellationTokenSource(WorkerBench.Bound);
                await ScriptBench.WaitForEndAsync(orphan, bound.Token);
            }
        }
    }

    [Fact]
    public async Task A_worker_of_Prefect_builds_and_runs_a_script_by_the_command_it_starts()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        PackageReference package = await bench.StoreScriptAsync(("flow.cs", ScriptBench.Flow)), broken = await bench.StoreScriptAsync(("flow.cs", "no C#"));
        Guid deployment = await bench.DeployAsync("ok"), run = await bench.RunAsync(deployment), crashing = await bench.RunAsync(deployment);

        (await ExecuteAsync(run, package)).ShouldContain("program=" + Path.Combine(bench.Home.Cache, "builds"));
        (await bench.WaitForEndAsync(run)).StateType.ShouldBe(StateType.Completed);
        (await bench.MessagesAsync(run)).ShouldContain(message => message.StartsWith("Built the script flow.cs ", StringComparison.Ordinal));
        await ExecuteAsync(crashing, broken);
        FlowRun crashed = await bench.WaitForEndAsync(crashing);
        crashed.StateType.ShouldBe(StateType.Crashed);
        crashed.State!.Message!.ShouldContain(" does not build: flow.cs(1,");

        async Task<string> ExecuteAsync(Guid id, PackageReference reference)
        {
            await bench.Api.SetFlowRunStateAsync(id, new() { Type = StateType.Pending }, default, default);
            await using ProgramRun execute = await ProgramRun.CompleteAsync(
                WorkerBench.Program,
                ["execute"],
                new Dictionary<string, string?>
                {
                    ["PREFECT_API_URL"] = bench.Host.Url.AbsoluteUri.TrimEnd('/'), ["PREFECT_API_KEY"] = WorkerBench.Token, ["SLUICE_HOME"] = bench.Home.Root,
                    ["PREFECT__FLOW_RUN_ID"] = id.ToString("N"), ["SLUICE_PACKAGE"] = reference.ToString(),
                });
            execute.Process.ExitCode.ShouldBe(0, execute.Output + execute.Error);
            return execute.Output;
        }
    }

    private static async Task<string> CrashesAsync(WorkerBench bench, params (string Path, string Text)[] files)
    {
        Guid id = await bench.RunAsync(await bench.DeployScriptAsync(files));
        await using BenchWorker worker = bench.Work();

        FlowRun run = await bench.WaitForEndAsync(id);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        run.StateType.ShouldBe(StateType.Crashed);
        (await bench.MessagesAsync(id)).ShouldContain(run.State!.Message!);
        return run.State.Message!;
    }
}
