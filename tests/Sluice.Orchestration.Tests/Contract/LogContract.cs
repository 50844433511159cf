namespace Sluice.Orchestration.Tests.Contract;

public sealed class LogContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task Logs_are_listed_oldest_first_filtered_and_in_pages(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        FlowRun other = await NewRunAsync(api, run.DeploymentId!.Value);
        DateTimeOffset at = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        LogCreate Line(string message, int level, int seconds, Guid of) => new() { Name = "flow", Level = level, Message = message, Timestamp = at.AddSeconds(seconds), FlowRunId = of };

        await api.CreateLogsAsync([], Cancel);
        await api.CreateLogsAsync([Line("two\nlines ✓", 40, 2, run.Id), Line("one", 20, 1, run.Id), Line("three", 10, 3, run.Id), Line("elsewhere", 20, 1, other.Id)], Cancel);
        LogsQuery ofRun = new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } };
        var logs = await api.ListLogsAsync(ofRun, Cancel);

        logs.Select(log => log.Message).ShouldBe(["one", "two\nlines ✓", "three"]);
        logs[0].Timestamp.ShouldBe(at.AddSeconds(1));
        logs[0].Level.ShouldBe(20);
        logs[0].Name.ShouldBe("flow");
        logs[0].FlowRunId.ShouldBe(run.Id);
        async Task<string[]> MessagesAsync(LogsQuery query) => [.. (await api.ListLogsAsync(query, Cancel)).Select(log => log.Message[..1])];
        (await MessagesAsync(ofRun with { Sort = "TIMESTAMP_DESC" })).ShouldBe(["t", "t", "o"]);
        (await MessagesAsync(ofRun with { Limit = 1, Offset = 2 })).ShouldBe(["t"]);
        (await MessagesAsync(ofRun with { Logs = ofRun.Logs with { Level = new() { Ge = 20 } } })).ShouldBe(["o", "t"]);
        (await MessagesAsync(ofRun with { Logs = ofRun.Logs with { Timestamp = new() { After = at.AddSeconds(3) } } })).ShouldBe(["t"]);
    }

    [Theory, AllDoors]
    public async Task Lines_of_one_moment_stay_in_their_order(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        DateTimeOffset at = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var lines = Enumerable.Range(0, 150).Select(n => new LogCreate { Name = "flow", Level = 20, Message = $"{n}", Timestamp = at.AddMicroseconds(n / 10), FlowRunId = run.Id }).ToArray();

        await api.CreateLogsAsync(lines[..75], Cancel);
        await api.CreateLogsAsync(lines[75..], Cancel);

        if (door != ApiDoors.Given) // which sorts by time alone
        {
            (await api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } }, Cancel)).Select(log => log.Message).ShouldBe(lines.Select(line => line.Message));
        }
    }

    [Theory, AllDoors]
    public async Task A_large_message_and_a_large_batch_are_kept(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        LogCreate line = new() { Name = "flow", Level = 20, Message = new string('y', 1_200_000), Timestamp = DateTimeOffset.UtcNow, FlowRunId = run.Id };

        await api.CreateLogsAsync([line], Cancel);
        await api.CreateLogsAsync([.. Enumerable.Range(0, 1001).Select(n => line with { Message = $"{n}", Timestamp = line.Timestamp.AddMilliseconds(n + 1) })], Cancel);

        LogsQuery ofRun = new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } };
        (await api.ListLogsAsync(ofRun, Cancel))[0].Message.Length.ShouldBe(1_200_000);
        (await api.ListLogsAsync(ofRun with { Offset = 1000 }, Cancel)).Count.ShouldBe(2);
    }
}
