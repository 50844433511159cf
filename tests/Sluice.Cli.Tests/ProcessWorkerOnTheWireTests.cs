using Sluice.Orchestration;
using Sluice.Testing.ProcessWorker;

namespace Sluice.Cli.Tests;

/// <summary>
/// The re-enacted process worker, 3.8.3's and 2.10.21's, as a whole: it finds the deployed flows' runs by itself, over HTTP and WebSockets, starts
/// <c>sluice flow-run execute</c> and ends what is cancelled. How each run can end is <see cref="PrefectProcessWorkerContract"/>'s matter.
/// </summary>
/// <remarks>3.8.3's worker sends nulls that its server takes (recorded) and its OpenAPI document does not allow, so it is played on our own server only.</remarks>
public sealed class ProcessWorkerOnTheWireTests
{
    [Theory]
    [InlineData("sluice", 3)]
    [InlineData("prefect 2", 2)]
    public async Task Deployed_flows_run_under_it_unchanged(string server, int generation)
    {
        PrefectProcessWorker place = server == "prefect 2" ? new Prefect2ProcessWorker() : new PrefectProcessWorker();
        await using (place)
        {
            await place.InitializeAsync();
            await using ProcessWorker worker = await ProcessWorker.StartAsync(new()
            {
                Api = new Uri(place.ApiUrl),
                Generation = generation,
                ApiKey = PrefectProcessWorker.Token,
                Pool = "default-agent-pool",
                Environment = new Dictionary<string, string?>
                {
                    ["PATH"] = $"{place["bin of Ada"]}:{Environment.GetEnvironmentVariable("PATH")}",
                    [SluiceHome.Variable] = place.Home.Root,
                    ["SLUICE_PACKAGE"] = null,
                },
            });
            FlowRun greet = await place.CreateAsync("Greet"), fail = await place.CreateAsync("Fail");
            FlowRun wait = await place.CreateAsync("Wait", $$"""{"file":"{{place["never"]}}"}""");
            await place.WaitForLogAsync(wait.Id, "Waiting as process ");
            (await place.ProposeAsync(wait.Id, new() { Type = StateType.Cancelling })).Status.ShouldBe(SetStateStatus.Accept);
            foreach (FlowRun run in (FlowRun[])[greet, fail, wait])
                await worker.WaitForRunAsync(run.Id);

            string begin = generation == 3 ? "Scheduled Pending Submitting Running " : "Scheduled Pending Running ";
            (await place.StatesAsync(greet.Id)).ShouldBe(begin + "Completed", worker.OutputOf(greet.Id));
            (await place.StatesAsync(fail.Id)).ShouldBe(begin + "Failed", worker.OutputOf(fail.Id));
            // The flow says so itself, and the worker, which sets the state whatever it is, says it once more.
            (await place.StatesAsync(wait.Id)).ShouldStartWith(begin + "Cancelling Cancelled", customMessage: worker.OutputOf(wait.Id));
            (await place.ReadAsync(wait.Id)).StateType.ShouldBe(StateType.Cancelled);
            (await place.LogsAsync(greet.Id)).ShouldContain("Greeting 1: hello world");
            worker.Trouble.ShouldBeEmpty();
        }
    }
}
