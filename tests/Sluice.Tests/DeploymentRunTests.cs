using System.Net.Sockets;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;

namespace Sluice.Tests;

/// <summary>What the generated clients do, from a program of its own.</summary>
public sealed class DeploymentRunTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flow_starts_a_run_of_another_deployment(bool byVariable)
    {
        await using TestServer server = await TestServer.StartAsync();
        using TempFolder home = new();
        Deployment deployment = await CreateDeploymentAsync(server);
        new ServerRecord { Url = server.Endpoint.Url, Pid = Environment.ProcessId, ApiKey = TestServer.Token }.Write(new SluiceHome(home.Path));

        await using ProgramRun program = byVariable
            ? TestServer.StartLocally(["start", "--deployment", "daily"], ("PREFECT_API_URL", server.Endpoint.Url), ("PREFECT_API_KEY", TestServer.Token))
            : TestServer.StartLocally(["start", "--deployment", "daily"], ("SLUICE_HOME", home.Path));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        FlowRun run = await server.ReadAsync(JsonSerializer.Deserialize<Guid>(program.Output));
        run.DeploymentId.ShouldBe(deployment.Id);
        run.StateType.ShouldBe(StateType.Scheduled);
        run.Name.ShouldBe("started by a test");
        run.Parameters["name"].GetString().ShouldBe("Ada");
    }

    [Fact]
    public async Task A_run_can_be_waited_for_to_its_end()
    {
        await using TestServer server = await TestServer.StartAsync();
        Deployment deployment = await CreateDeploymentAsync(server);
        await using ProgramRun program = Start(server, "-1");
        FlowRun run = await StartedRunAsync(server, deployment);

        foreach (StateCreate state in new StateCreate[] { new() { Type = StateType.Running }, new() { Type = StateType.Failed, Message = "no such station" } })
            (await server.Api.SetFlowRunStateAsync(run.Id, state, new() { Force = true }, CancellationToken.None)).Status.ShouldBe(SetStateStatus.Accept);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        program.Output.ShouldBe("\"Failed: no such station\"\n");
    }

    /// <summary>What the state carries, and what the program that waited has of it. KEPT is what the server keeps, HALF a part of it, FILE a file of this machine, BROKEN no JSON, HUGE too much.</summary>
    [Theory]
    [InlineData("""{"type":"inline","value":{"rain":true},"size":13}""", "13 bytes")]
    [InlineData("""{"type":"inline","value":null,"size":4}""", "4 bytes")]
    [InlineData("""{"type":"reference","storage_key":"sluice/results/KEPT","size":70000}""", "70000 bytes")]
    [InlineData("""{"type":"reference","storage_key":"sluice/results/GONE","size":70000}""", "at sluice/results/")]
    [InlineData("""{"type":"reference","storage_key":"FILE","size":70000}""", "70000 bytes")]
    [InlineData("""{"type":"reference","storage_key":"file:///no/such/file.json","size":70000}""", "at file:///no/such/file.json")]
    [InlineData("""{"type":"reference","storage_key":"s3://bucket/results/weather/a.json","size":70000}""", "at s3://bucket/results/weather/a.json")]
    [InlineData("""{"type":"reference","storage_key":"s3://bucket/results/weather/read by the server.json","size":70000}""", "70000 bytes")]
    [InlineData("""{"type":"reference","storage_key":"BROKEN","size":70000}""", "at file:///")]
    [InlineData("""{"type":"reference","storage_key":"HUGE","size":70000000}""", "at file:///")]
    [InlineData("""{"type":"reference","storage_key":"sluice/results/HALF","size":70000}""", "at sluice/results/")]
    [InlineData("""{"type":"unpersisted","size":70000}""", "")]
    [InlineData("""{"serializer":{"type":"pickle"},"storage_key":7}""", "")]
    public async Task The_result_of_a_run_that_was_waited_for_is_read_as_far_as_a_program_reaches(string data, string said)
    {
        await using TestServer server = await TestServer.StartAsync();
        using TempFolder folder = new();
        Deployment deployment = await CreateDeploymentAsync(server);
        await using ProgramRun program = Start(server, "-1");
        FlowRun run = await StartedRunAsync(server, deployment);
        string large = $"\"{new string('x', 69_998)}\"";
        if (data.Contains("KEPT", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(server.ResultsFolder);
            await File.WriteAllTextAsync(Path.Combine(server.ResultsFolder, run.Id + ".json"), large);
        }

        if (data.Contains("HALF", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(server.ResultsFolder);
            await File.WriteAllTextAsync(Path.Combine(server.ResultsFolder, run.Id + ".json"), large[..1000]);
            data = data.Replace("HALF", run.Id.ToString(), StringComparison.Ordinal);
        }

        if (data.Contains("HUGE", StringComparison.Ordinal))
            data = data.Replace("HUGE", new Uri(folder.Write("huge.json", $"\"{new string('x', 64 * 1024 * 1024)}\"")).AbsoluteUri, StringComparison.Ordinal);

        data = data.Replace("BROKEN", new Uri(folder.Write("broken.json", large[..1000])).AbsoluteUri, StringComparison.Ordinal);
        data = data.Replace("KEPT", run.Id.ToString(), StringComparison.Ordinal).Replace("GONE", run.Id.ToString(), StringComparison.Ordinal)
            .Replace("FILE", new Uri(folder.Write("a result.json", large)).AbsoluteUri, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(data);

        foreach (StateCreate state in new StateCreate[] { new() { Type = StateType.Running }, new() { Type = StateType.Completed, Data = document.RootElement } })
            (await server.Api.SetFlowRunStateAsync(run.Id, state, new() { Force = true }, CancellationToken.None)).Status.ShouldBe(SetStateStatus.Accept);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        program.Output.ShouldStartWith($"\"Completed: {(said.Length > 0 ? " " + said : "\"")}");
    }

    [Fact]
    public void A_result_is_read_as_a_type_or_it_is_said_why_not()
    {
        using JsonDocument json = JsonDocument.Parse("""["Seattle"]""");
        DeploymentRun run = new(Guid.Empty, "brave-otter") { State = StateType.Completed, Result = json.RootElement };
        run.ReadResult(Sluice.Orchestration.Json.OrchestrationJson.Default.IReadOnlyListString).ShouldBe(["Seattle"]);

        (DeploymentRun Run, string Says)[] without =
        [
            (run with { Result = null, State = StateType.Running }, "The run brave-otter has no result: it is Running. Wait for its end"),
            (run with { Result = null, State = null }, "it is not known how it is"),
            (run with { Result = null, ResultLocation = "s3://bucket/results/a/b.json" }, "is kept at s3://bucket/results/a/b.json, out of this program's reach, over 64 MiB, or not readable now: `sluice flow-run inspect"),
            (run with { Result = null }, "completed without a result that was kept"),
        ];
        foreach ((DeploymentRun one, string says) in without)
            Should.Throw<InvalidOperationException>(() => one.ReadResult(Sluice.Orchestration.Json.OrchestrationJson.Default.IReadOnlyListString)).Message.ShouldContain(says);
    }

    /// <summary>Seconds to wait, the exit code, and what is said.</summary>
    [Theory]
    [InlineData("0", 0, "\"Scheduled: ")]
    [InlineData("0.2", 0, "\"Scheduled: ")]
    [InlineData("-5", 1, "Wait is 0 or more, or Timeout.InfiniteTimeSpan.")]
    public async Task When_the_time_is_over_the_run_goes_on(string seconds, int exitCode, string said)
    {
        await using TestServer server = await TestServer.StartAsync();
        await CreateDeploymentAsync(server);

        await using ProgramRun program = Start(server, seconds);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(exitCode, program.Error);
        (program.Output + program.Error).ShouldContain(said);
    }

    [Fact]
    public async Task An_unknown_deployment_is_named_in_one_line()
    {
        await using TestServer server = await TestServer.StartAsync();

        await using ProgramRun program = TestServer.StartLocally(["start", "--deployment", "nightly"], ("PREFECT_API_URL", server.Endpoint.Url), ("PREFECT_API_KEY", TestServer.Token));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(1);
        program.Error.ShouldContain($"There is no deployment 'Greet people/nightly' at {server.Endpoint}: publish its project there with `dotnet publish`.\n");
    }

    /// <summary>Whether the start is meant for outside of the environment, and which deployment's run is started.</summary>
    [Theory]
    [InlineData(false, "daily-pr-123")]
    [InlineData(true, "daily")]
    public async Task A_run_of_an_environment_starts_the_copy_of_the_same_environment(bool outside, string started)
    {
        await using TestServer server = await TestServer.StartAsync();
        await CreateDeploymentAsync(server);
        await CreateDeploymentAsync(server, "daily-pr-123");

        await using ProgramRun program = StartInEnvironment(server, outside);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        FlowRun run = await server.ReadAsync(JsonSerializer.Deserialize<Guid>(program.Output));
        (await server.Api.ReadDeploymentAsync(run.DeploymentId!.Value, CancellationToken.None))!.Name.ShouldBe(started);
    }

    [Fact]
    public async Task A_run_of_an_environment_starts_nothing_of_outside_unless_it_says_so()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CreateDeploymentAsync(server);

        await using ProgramRun program = StartInEnvironment(server, outside: false);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(1);
        program.Error.ShouldContain(
            $"There is no deployment 'Greet people/daily-pr-123' at {server.Endpoint}: publish its project there with `dotnet publish -p:SluiceEnvironment=pr-123`. "
            + "A run of the environment pr-123 starts runs of the same environment; for 'Greet people/daily' itself, set OutsideEnvironment of the options.\n");
        (await server.Api.ListFlowRunsAsync(new(), CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_an_API_it_says_how_to_start_one()
    {
        Assert.SkipWhen(await AnswersAsync(new Uri(ApiEndpoint.DefaultUrl)), "Something listens at the default address.");
        using TempFolder home = new();

        await using ProgramRun program = TestServer.StartLocally(["start", "--deployment", "daily"], ("SLUICE_HOME", home.Path));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(1);
        program.Error.ShouldContain("No orchestration API answers at http://127.0.0.1:4200/api: start one with `sluice dev`, or set PREFECT_API_URL.");
    }

    private static ProgramRun Start(TestServer server, string seconds) => TestServer.StartLocally(
        ["start", "--params", $$"""{"deployment":"daily","waitSeconds":{{seconds}}}"""], ("PREFECT_API_URL", server.Endpoint.Url), ("PREFECT_API_KEY", TestServer.Token));

    private static ProgramRun StartInEnvironment(TestServer server, bool outside) => TestServer.StartLocally(
        ["start", "--params", JsonSerializer.Serialize(new { deployment = "daily", outside })],
        ("PREFECT_API_URL", server.Endpoint.Url), ("PREFECT_API_KEY", TestServer.Token), ("SLUICE_ENVIRONMENT", "pr-123"));

    private static async Task<FlowRun> StartedRunAsync(TestServer server, Deployment deployment)
    {
        using CancellationTokenSource bound = new(TestServer.Bound);
        long change = 0;
        while (true)
        {
            if (await server.Api.ListFlowRunsAsync(new() { FlowRuns = new() { DeploymentId = new() { Any = [deployment.Id] } } }, bound.Token) is [var run])
                return run;
            change = await server.Api.WaitForChangeAsync(change, TestServer.Bound, bound.Token);
        }
    }

    private static async Task<Deployment> CreateDeploymentAsync(TestServer server, string name = "daily")
    {
        Flow flow = await server.Api.EnsureFlowAsync(new() { Name = "Greet people" }, CancellationToken.None);
        return await server.Api.UpsertDeploymentAsync(new() { Name = name, FlowId = flow.Id }, CancellationToken.None);
    }

    private static async Task<bool> AnswersAsync(Uri address)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
