using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Secrets;

namespace Sluice.Worker.Tests;

/// <summary>What becomes of a claimed run: real processes that speak to a real API.</summary>
public sealed class ExecutionTests
{
    [Fact]
    public async Task A_run_is_executed_and_its_output_is_in_its_log()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work();

        FlowRun run = await bench.WaitForEndAsync(id);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        run.StateType.ShouldBe(StateType.Completed);
        (await bench.StatesAsync(id)).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
        (await bench.LogsAsync(id)).Select(log => (log.Name, log.Level, log.Message)).Order()
            .ShouldBe([("sluice.stderr", 40, "a warning"), ("sluice.stdout", 20, "first line")]);
        (await bench.WaitForEndAsync(id)).InfrastructurePid.ShouldStartWith(Environment.MachineName + ":");
    }

    [Fact]
    public async Task The_process_gets_the_environment_of_the_contract()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        string[] names =
        [
            "PREFECT__FLOW_RUN_ID", "PREFECT__FLOW_ID", "PREFECT__FLOW_NAME", "PREFECT__DEPLOYMENT_ID", "PREFECT__DEPLOYMENT_NAME", "PREFECT__WORKER_NAME",
            "PREFECT_API_URL", "PREFECT_API_KEY", "SLUICE_ENTRYPOINT", "SLUICE_LEASE_SECONDS", "SLUICE_RESULT_URL", "OF_DEPLOYMENT", "OF_RUN", "OF_BOTH", "LANG_REMOVED",
        ];
        Environment.SetEnvironmentVariable("LANG_REMOVED", "inherited");
        Guid deploymentId = await bench.DeployAsync(new Dictionary<string, object?>
        {
            ["command"] = $"'{WorkerBench.Program}' environment {string.Join(' ', names)}",
            ["env"] = new Dictionary<string, string?> { ["OF_DEPLOYMENT"] = "1", ["OF_BOTH"] = "2", ["LANG_REMOVED"] = null, ["PREFECT__FLOW_RUN_ID"] = "not yours" },
        });
        Guid id = await bench.RunAsync(deploymentId, jobVariables: new() { ["env.OF_BOTH"] = "3", ["env"] = new Dictionary<string, string?> { ["OF_RUN"] = "4" } });
        await using BenchWorker worker = bench.Work();

        await bench.WaitForEndAsync(id);
        string folder = await bench.WaitForLogAsync(id, message => message.StartsWith("folder=", StringComparison.Ordinal));

        Deployment deployment = (await bench.Api.ReadDeploymentAsync(deploymentId, default)).ShouldNotBeNull();
        (await bench.LogsAsync(id)).Select(log => log.Message).ShouldBe(
        [
            $"PREFECT__FLOW_RUN_ID={id:D}",
            $"PREFECT__FLOW_ID={deployment.FlowId:D}",
            "PREFECT__FLOW_NAME=Test flow",
            $"PREFECT__DEPLOYMENT_ID={deploymentId:D}",
            $"PREFECT__DEPLOYMENT_NAME={deployment.Name}",
            $"PREFECT__WORKER_NAME={worker.Name}",
            $"PREFECT_API_URL={bench.Host.Url.AbsoluteUri.TrimEnd('/')}",
            $"PREFECT_API_KEY={WorkerBench.Token}",
            "SLUICE_ENTRYPOINT=TestFlow.dll!Flow",
            "SLUICE_LEASE_SECONDS=30",
            $"SLUICE_RESULT_URL={bench.Host.Url.AbsoluteUri.TrimEnd('/')}/sluice/results/{id:D}",
            "OF_DEPLOYMENT=1",
            "OF_RUN=4",
            "OF_BOTH=3",
            "LANG_REMOVED=(unset)",
            folder,
        ]);
    }

    [Theory]
    [InlineData("exit 3", StateType.Crashed, "Flow run process exited with non-zero status code 3.")]
    [InlineData("die 4", StateType.Crashed, "Flow run process exited with non-zero status code 4.")]
    [InlineData("die 137", StateType.Crashed, "Flow run process exited with non-zero status code 137. It was ended by SIGKILL")]
    [InlineData("exit 0", StateType.Crashed, "Flow run process exited with status code 0 without reporting an outcome.")]
    [InlineData("die 0", StateType.Crashed, "Flow run process exited with status code 0 without reporting an outcome.")]
    [InlineData("retry-silently", StateType.Crashed, "Flow run process exited with status code 0 without reporting an outcome.")]
    [InlineData("fail", StateType.Failed, "")]
    public async Task An_end_without_an_outcome_is_a_crash_and_an_outcome_is_kept(string words, StateType state, string message)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync(words);
        await using BenchWorker worker = bench.Work();

        FlowRun run = await bench.WaitForEndAsync(id);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(state);
        (run.State?.Message ?? "").ShouldStartWith(message);
    }

    [Theory]
    [InlineData("/no/such/program", "Flow run process could not be started: there is no program '/no/such/program' on the worker's machine.")]
    [InlineData(null, "Flow run process could not be started: its deployment names neither a package nor a command: deploy it with `dotnet publish`, or set the job variable command.")]
    public async Task A_run_that_cannot_be_started_crashes_and_says_why_in_its_log(string? command, string message)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync(await bench.DeployAsync(new Dictionary<string, object?> { ["command"] = command }));
        await using BenchWorker worker = bench.Work();

        FlowRun run = await bench.WaitForEndAsync(id);

        run.StateType.ShouldBe(StateType.Crashed);
        run.State!.Message.ShouldBe(message);
        (await bench.LogsAsync(id)).ShouldHaveSingleItem().Message.ShouldBe(message);
    }

    [Theory]
    [InlineData(nameof(IOrchestrationApi.CreateLogsAsync), "'/no/such/program'", "Flow run process could not be started: there is no program '/no/such/program' on the worker's machine.")]
    [InlineData(nameof(IOrchestrationApi.ReadFlowAsync), "ok", "Flow run process could not be started: Refused.")]
    public async Task A_run_that_was_claimed_does_not_stay_PENDING_when_the_API_refuses_a_call(string refused, string words, string message)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        (IOrchestrationApi api, RecordedApi record) = RecordedApi.Over(bench.Api);
        record.Fault = (name, _) => name == refused ? new(OrchestrationErrorKind.Forbidden, "Refused.") : null;
        Guid id = await bench.RunAsync(await bench.DeployAsync(new Dictionary<string, object?> { ["command"] = words }));
        await using BenchWorker worker = bench.Work(api: api);

        FlowRun run = await bench.WaitForEndAsync(id);

        run.StateType.ShouldBe(StateType.Crashed);
        run.State!.Message.ShouldBe(message);
    }

    [Fact]
    public async Task Secrets_that_cannot_be_read_for_a_moment_are_asked_for_again()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        var secrets = new LateSecrets(failures: 2);
        Guid id = await bench.RunAsync(await bench.DeployAsync(new Dictionary<string, object?>
        {
            ["command"] = $"'{WorkerBench.Program}' ok",
            ["env"] = new Dictionary<string, string> { [RunSecrets.Variable] = "API_KEY" },
        }));
        await using BenchWorker worker = bench.Work(options => options with { Sources = new(secrets, StorageSources.Environment.Blocks) });

        FlowRun run = await bench.WaitForEndAsync(id);

        run.StateType.ShouldBe(StateType.Completed, run.State?.Message);
        secrets.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_run_is_started_before_it_is_due_and_begins_when_it_is()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using BenchWorker worker = bench.Work();
        DateTimeOffset due = DateTimeOffset.UtcNow.AddSeconds(5);
        Guid id = await bench.RunAsync(await bench.DeployAsync("ok"), due);

        await bench.WaitForEndAsync(id);
        await bench.WaitForLogAsync(id, message => message == "first line");

        IReadOnlyList<State> states = await bench.Api.ListFlowRunStatesAsync(id, default);
        DateTimeOffset pending = states.Single(state => state.Type == StateType.Pending).Timestamp;
        pending.ShouldBeInRange(due.AddSeconds(-2.1), due);
        // Prefect counts in whole seconds, and lets a run that is due within half a one be RUNNING; its code waits.
        states.Single(state => state.Type == StateType.Running).Timestamp.ShouldBeGreaterThanOrEqualTo(due.AddSeconds(-0.5));
        (await bench.LogsAsync(id)).Min(log => log.Timestamp).ShouldBeGreaterThanOrEqualTo(due);
    }

    /// <summary>Knows every secret, but at first cannot answer.</summary>
    private sealed class LateSecrets(int failures) : ISecretSource
    {
        private int _asked;

        public int Asked => _asked;

        public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) => Interlocked.Increment(ref _asked) <= failures
            ? throw new StorageException(StorageErrorKind.Unavailable, "The database is busy.")
            : new("value");
    }
}
