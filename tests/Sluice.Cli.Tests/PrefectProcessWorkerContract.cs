using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>
/// Every way in which a run can end under Prefect's own process worker: the worker's part re-enacted, everything else real: the command that
/// <c>dotnet publish</c> deploys, the package, processes and signals, the server.
/// </summary>
public abstract class PrefectProcessWorkerContract(PrefectProcessWorker worker)
{
    private const string Reschedule = "PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR";

    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["completes"] = new("Greet") { States = "Running Completed", Log = "Greeting 1: hello world" },
        ["completes under 2.10, which writes ids without dashes"] = new("Greet") { Is210 = true, States = "Running Completed", Log = "Greeting 1: hello world" },
        ["fails"] = new("Fail") { States = "Running Failed", Message = "Flow run encountered an exception: System.InvalidOperationException: It failed of course.", Log = "About to fail" },
        ["fails, is tried again in its process and fails again"] = new("Fail")
        {
            Policy = new() { Retries = 1, RetryDelay = 1 },
            States = "Running AwaitingRetry Retrying Failed",
            Message = "Flow run encountered an exception: System.InvalidOperationException",
        },
        ["has parameters that do not fit"] = new("Greet") { Parameters = """{"times":"often"}""", States = "Failed", Message = "Validation of flow parameters failed with error: $.times: expected an integer" },
        ["ends its own process"] = new("Vanish") { States = "Running Crashed", Exit = 7, Message = "The flow's code ended its process (exit code 7) before the flow returned." },
        ["is killed"] = new("Wait")
        {
            During = (_, _, process) => { process.Process.Kill(); return Task.CompletedTask; },
            States = "Running Crashed", Exit = 137, Message = "Flow run process exited with non-zero status code 137.",
        },
        ["gets SIGTERM while it runs"] = new("Wait") { During = TerminateAsync, States = "Running Crashed", Exit = 143, Message = "Flow run process exited with non-zero status code 143.", Log = "The process was asked to end (SIGTERM)" },
        ["gets SIGTERM and is to be put back"] = new("Wait") { Environment = new() { [Reschedule] = "reschedule" }, During = TerminateAsync, States = "Running AwaitingRetry", Message = "Its process was terminated." },
        ["gets SIGTERM and is to be relinquished"] = new("Wait") { Environment = new() { [Reschedule] = "relinquish" }, During = TerminateAsync, States = "Running Crashed", Exit = 143 },
        ["is cancelled, by SIGTERM to its process alone"] = new("Wait") { During = CancelAsync, States = "Running Cancelling Cancelled", Message = "Flow run was cancelled." },
        ["is cancelled under 2.10"] = new("Wait") { Is210 = true, During = CancelAsync, States = "Running Cancelling Cancelled", Message = "Flow run was cancelled." },
        ["is cancelled, and nobody sends a signal"] = new("Wait") { During = (w, run, _) => w.ProposeAsync(run.Id, new() { Type = StateType.Cancelling }), States = "Running Cancelling Cancelled", Message = "Flow run was cancelled." },
        ["is started ten seconds early"] = new("Greet") { DueIn = TimeSpan.FromSeconds(4), States = "Running Completed" },
        ["asks a server that goes away and comes back"] = new("Wait")
        {
            RestartsServer = true,
            During = async (w, run, _) =>
            {
                await w.StopListeningAsync();
                await File.WriteAllTextAsync(FileOf(w, run), "");
                await w.ListenAsync();
            },
            States = "Running Completed",
        },
        ["has a package that was tampered with"] = new("Greet") { Package = package => package[..^64] + new string('0', 64), States = "Crashed", Message = "Flow run process could not be started: its package could not be pulled", Log = "Flow run process could not be started: " },
        ["has a package that is gone"] = new("Greet") { Package = _ => $"file:///nowhere/at/all/manifest.json#sha256={new string('a', 64)}", States = "Crashed", Message = "Flow run process could not be started: its package could not be pulled" },
        ["has a package in a place that is no URI"] = new("Greet") { Package = _ => "C:\\flows", States = "Crashed", Message = "Flow run process could not be started: SLUICE_PACKAGE is 'C:\\flows' and should be URI#sha256=DIGEST" },
        ["has no package"] = new("Greet") { IsOf3 = true, Package = _ => null, States = "Crashed", Message = "Flow run process could not be started: its deployment names no package (SLUICE_PACKAGE among its job variables)" },
    };

    /// <summary>What can happen under a server of a generation of Prefect, or under Sluice's own, which alone is stopped and started again.</summary>
    protected static TheoryData<string> Of(int? generation) =>
        [.. s_cases.Where(one => generation is null || !(one.Value.RestartsServer || (one.Value.Is210 && generation == 3) || (one.Value.IsOf3 && generation == 2))).Select(one => one.Key)];

    protected async Task HappensAsync(string happens)
    {
        Case what = s_cases[happens];
        DateTimeOffset? due = what.DueIn is { } later ? DateTimeOffset.UtcNow + later : null;
        string? variables = what.Package is { } change ? JsonSerializer.Serialize(new { env = new { SLUICE_PACKAGE = change(await worker.PackageAsync(what.Flow)) } }) : null;
        FlowRun run = await worker.CreateAsync(what.Flow, what.Parameters, due, what.Policy, variables);
        if (what.Flow == "Wait")
            await worker.Api.UpdateFlowRunAsync(run.Id, new() { Parameters = new Dictionary<string, JsonElement> { ["file"] = JsonSerializer.SerializeToElement(FileOf(worker, run)) } }, CancellationToken.None);
        int generationOfWorker = what.Is210 ? 2 : worker.Generation ?? 3;
        await using ProgramRun process = await worker.SubmitAsync(run, generationOfWorker, what.Environment);
        if (what.During is not null)
        {
            string line = await worker.WaitForLogAsync(run.Id, "Waiting as process ");
            line.ShouldEndWith($" {process.Process.Id}", customMessage: "the flow is the process that the worker started, and signals");
            await what.During(worker, run, process);
        }

        int exit = await worker.JudgeAsync(run, process);

        string said = $"exit code {exit}\n{process.Output}\n{process.Error}";
        (await worker.StatesAsync(run.Id)).ShouldBe($"Scheduled Pending {(generationOfWorker == 3 ? "Submitting " : "")}{what.States}", said);
        exit.ShouldBe(what.Exit, said);
        FlowRun ended = await worker.ReadAsync(run.Id);
        (ended.State!.Message ?? "").ShouldStartWith(what.Message);
        if (what.Log is not null)
            (await worker.LogsAsync(run.Id)).ShouldContain(line => line.StartsWith(what.Log, StringComparison.Ordinal), said);
        // Prefect answers whole seconds to wait for, rounded.
        if (due is not null)
            ended.StartTime!.Value.ShouldBeGreaterThanOrEqualTo(due.Value.AddSeconds(-0.5));
    }

    [Theory]
    [InlineData(StateType.Cancelling, "Cancelling Cancelled")]
    [InlineData(StateType.Completed, "Completed")]
    [InlineData(StateType.Cancelled, "Cancelled")]
    [InlineData(StateType.Crashed, "Crashed")]
    public async Task A_run_that_was_ended_before_its_process_began_is_not_executed(StateType state, string states)
    {
        FlowRun run = await worker.CreateAsync("Greet");
        await worker.ProposeAsync(run.Id, new() { Type = StateType.Pending });
        await worker.Api.SetFlowRunStateAsync(run.Id, new() { Type = state }, new() { Force = true }, CancellationToken.None);

        await using ProgramRun process = await ProgramRun.CompleteAsync(SluiceProgram.Path, ["flow-run", "execute", run.Id.ToString("N")], Direct());

        process.Process.ExitCode.ShouldBe(0, process.Output + process.Error);
        (await worker.StatesAsync(run.Id)).ShouldBe($"Scheduled Pending {states}");
        (await worker.LogsAsync(run.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task By_hand_the_id_is_enough_and_the_deployment_names_the_package()
    {
        FlowRun run = await worker.CreateAsync("Greet");

        await using ProgramRun process = await ProgramRun.CompleteAsync(SluiceProgram.Path, ["flow-run", "execute", run.Id.ToString("N")], Direct());

        process.Process.ExitCode.ShouldBe(0, process.Output + process.Error);
        (await worker.StatesAsync(run.Id)).ShouldBe("Scheduled Running Completed");
    }

    /// <summary>A store that takes connections and never answers: whatever comes, comes while the package is pulled.</summary>
    [Theory]
    [InlineData(false, null, 143, "Scheduled Pending")]
    [InlineData(false, "relinquish", 143, "Scheduled Pending")]
    [InlineData(false, "reschedule", 0, "Scheduled Pending AwaitingRetry")]
    [InlineData(true, null, 0, "Scheduled Pending Cancelling Cancelled")]
    [InlineData(true, "reschedule", 0, "Scheduled Pending Cancelling Cancelled")]
    public async Task SIGTERM_while_the_package_is_pulled(bool cancelled, string? behaviour, int exit, string states)
    {
        using var store = new TcpListener(IPAddress.Loopback, 0);
        store.Start();
        string package = string.Create(CultureInfo.InvariantCulture, $"webhook+http://127.0.0.1:{((IPEndPoint)store.LocalEndpoint).Port}/{{sha256}}.zip#sha256={new string('a', 64)}");
        FlowRun run = await worker.CreateAsync("Greet", jobVariables: $$$"""{"env":{"SLUICE_PACKAGE":"{{{package}}}"}}""");
        await using ProgramRun process = await worker.SubmitAsync(run, worker.Generation ?? 3, new Dictionary<string, string?> { [Reschedule] = behaviour });
        Task<TcpClient> pulls = store.AcceptTcpClientAsync();
        (await Task.WhenAny(pulls, process.WaitForExitAsync(PrefectProcessWorker.Bound))).ShouldBe(pulls, process.Output + process.Error);
        using TcpClient pulling = await pulls;

        if (cancelled)
            await worker.ProposeAsync(run.Id, new() { Type = StateType.Cancelling });
        process.Process.Send(Signal.Terminate);

        (await process.WaitForExitAsync(PrefectProcessWorker.Bound)).ShouldBe(exit, process.Output + process.Error);
        (await worker.StatesAsync(run.Id)).Replace(" Submitting", "", StringComparison.Ordinal).ShouldBe(states);
    }

    /// <summary>The environment in which somebody starts <c>sluice flow-run execute</c> by hand.</summary>
    private protected Dictionary<string, string?> Direct() => new()
    {
        [SluiceHome.Variable] = worker.Home.Root,
        ["PREFECT_API_URL"] = worker.ApiUrl,
        ["PREFECT_API_KEY"] = PrefectProcessWorker.Token,
        ["PREFECT__FLOW_RUN_ID"] = null,
        ["SLUICE_PACKAGE"] = null,
    };

    /// <summary>What a run of <c>Wait</c> waits for.</summary>
    private static string FileOf(PrefectProcessWorker worker, FlowRun run) => worker[run.Id.ToString()];

    private static Task TerminateAsync(PrefectProcessWorker worker, FlowRun run, ProgramRun process)
    {
        process.Process.Send(Signal.Terminate);
        return Task.CompletedTask;
    }

    private static async Task CancelAsync(PrefectProcessWorker worker, FlowRun run, ProgramRun process)
    {
        (await worker.ProposeAsync(run.Id, new() { Type = StateType.Cancelling })).Status.ShouldBe(SetStateStatus.Accept);
        process.Process.Send(Signal.Terminate);
    }

    /// <summary>What happens to a run of <c>FLOW/by-hand</c> of the fixture Paces, and what must come of it.</summary>
    private sealed record Case(string Flow)
    {
        public string? Parameters { get; init; }

        /// <summary>Whether the worker is one of Prefect 2.10, whatever the server.</summary>
        public bool Is210 { get; init; }

        /// <summary>Whether it needs job variables of the run itself, which 2.10 has not.</summary>
        public bool IsOf3 { get; init; }

        /// <summary>Whether the server goes away in between.</summary>
        public bool RestartsServer { get; init; }

        public TimeSpan? DueIn { get; init; }

        public FlowRunPolicy? Policy { get; init; }

        public Dictionary<string, string?>? Environment { get; init; }

        /// <summary>Makes another package of the deployment's; null leaves it to the deployment.</summary>
        public Func<string, string?>? Package { get; init; }

        /// <summary>What is done once the flow waits.</summary>
        public Func<PrefectProcessWorker, FlowRun, ProgramRun, Task>? During { get; init; }

        /// <summary>The states after the worker's own.</summary>
        public required string States { get; init; }

        public int Exit { get; init; }

        /// <summary>How the last state's message begins.</summary>
        public string Message { get; init; } = "";

        /// <summary>How a line of its log begins.</summary>
        public string? Log { get; init; }
    }
}

/// <summary>On a Sluice server.</summary>
public sealed class PrefectProcessWorkerTests(PrefectProcessWorker worker) : PrefectProcessWorkerContract(worker), IClassFixture<PrefectProcessWorker>
{
    private readonly PrefectProcessWorker _worker = worker;

    public static TheoryData<string> Cases => Of(null);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_run_that(string happens) => HappensAsync(happens);

    [Fact]
    public async Task A_server_that_is_not_there_at_the_start_leaves_the_run_to_its_worker()
    {
        FlowRun run = await _worker.CreateAsync("Greet");
        await _worker.ProposeAsync(run.Id, new() { Type = StateType.Pending });
        Dictionary<string, string?> environment = Direct();
        environment["PREFECT_API_URL"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Take(1)[0]}/api");
        environment["PREFECT__FLOW_RUN_ID"] = run.Id.ToString();

        await using ProgramRun process = await ProgramRun.CompleteAsync(SluiceProgram.Path, ["flow-run", "execute"], environment);

        process.Process.ExitCode.ShouldBe(1);
        process.Error.ShouldStartWith("sluice: ");
        process.Error.TrimEnd().ShouldNotContain('\n');
        (await _worker.StatesAsync(run.Id)).ShouldBe("Scheduled Pending");
    }

    [Theory]
    [InlineData("seven", "'seven' is no flow run's id")]
    [InlineData("0199f3a1-5c3e-7c00-8a4e-2f6d1c9b7e10", "There is no flow run 0199f3a1-5c3e-7c00-8a4e-2f6d1c9b7e10 at http")]
    [InlineData(null, "PREFECT__FLOW_RUN_ID names no run")]
    public async Task A_run_that_is_none_is_one_line(string? id, string message)
    {
        await using ProgramRun process = await ProgramRun.CompleteAsync(SluiceProgram.Path, ["flow-run", "execute", .. id is null ? Array.Empty<string>() : [id]], Direct());

        process.Process.ExitCode.ShouldBe(id?.Contains('-', StringComparison.Ordinal) == true ? 1 : 2);
        process.Error.ShouldStartWith("sluice: " + message);
        process.Error.TrimEnd().ShouldNotContain('\n');
    }
}

/// <summary>On a server that answers as Prefect 3.8.3.</summary>
public sealed class Prefect3ProcessWorkerTests(Prefect3ProcessWorker worker) : PrefectProcessWorkerContract(worker), IClassFixture<Prefect3ProcessWorker>
{
    public static TheoryData<string> Cases => Of(3);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_run_that(string happens) => HappensAsync(happens);
}

/// <summary>On a server that answers as Prefect 2.10.21.</summary>
public sealed class Prefect2ProcessWorkerTests(Prefect2ProcessWorker worker) : PrefectProcessWorkerContract(worker), IClassFixture<Prefect2ProcessWorker>
{
    public static TheoryData<string> Cases => Of(2);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_run_that(string happens) => HappensAsync(happens);
}
