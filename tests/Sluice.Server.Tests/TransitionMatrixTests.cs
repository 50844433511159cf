using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Transitions;

namespace Sluice.Server.Tests;

/// <summary>The recorded answers of Prefect 3.8.3 to every transition of a run without deployment (tests/data/transitions).</summary>
public sealed class TransitionMatrixTests
{
    public static TheoryData<string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (JsonProperty from in Matrix.EnumerateObject())
                foreach (JsonProperty to in from.Value.EnumerateObject())
                    cells.Add(from.Name, to.Name);
            return cells;
        }
    }

    private static JsonElement Matrix { get; } = JsonElement.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "transitions", "transitions3_no_deployment.json")));

    [Fact]
    public void The_recording_holds_every_pair() => Cells.Count.ShouldBe(11 * 9);

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_rules_answer_as_Prefect_did(string from, string to)
    {
        StateType[] path = PathTo(from);
        DateTimeOffset now = Home.Start;
        State current = At(path[^1], now - TimeSpan.FromSeconds(1), from.Contains("+1h", StringComparison.Ordinal) ? now + TimeSpan.FromHours(1) : null);
        Outcome outcome = TransitionRules.Decide(new()
        {
            From = current,
            To = At(Enum.Parse<StateType>(to, ignoreCase: true), now, null),
            Run = new() { RunCount = path.Contains(StateType.Running) ? 1 : 0 },
            Now = now,
            NewId = Guid.NewGuid,
        });
        (outcome.Next ?? current).ShouldBeRecorded(outcome.Status, outcome.Reason, outcome.DelaySeconds, Matrix.GetProperty(from).GetProperty(to));
    }

    [Fact]
    public async Task The_store_answers_as_Prefect_did()
    {
        await using Home home = await Home.OpenAsync();
        Flow flow = await home.FlowAsync();
        foreach (JsonProperty from in Matrix.EnumerateObject())
        {
            foreach (JsonProperty to in from.Value.EnumerateObject())
            {
                StateType[] path = PathTo(from.Name);
                StateCreate? first = from.Name == "(none)" ? null : new()
                {
                    Type = path[0],
                    StateDetails = from.Name.Contains("+1h", StringComparison.Ordinal) ? new() { ScheduledTime = home.Clock.GetUtcNow() + TimeSpan.FromHours(1) } : null,
                };
                FlowRun run = await home.Api.CreateFlowRunAsync(new() { FlowId = flow.Id, State = first }, default);
                foreach (StateType step in path[1..])
                    (await home.SetAsync(run.Id, step)).Status.ShouldBe(SetStateStatus.Accept);
                OrchestrationResult answer = await home.SetAsync(run.Id, Enum.Parse<StateType>(to.Name, ignoreCase: true));
                answer.State!.ShouldBeRecorded(answer.Status, answer.Details.Reason, answer.Details.DelaySeconds, to.Value);
                (await home.ReadAsync(run.Id)).State!.Id.ShouldBe(answer.State!.Id);
            }
        }
    }

    /// <summary>A deployment changes four pairs of the recording: what has ended can be scheduled again.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void With_a_deployment_what_has_ended_can_be_scheduled_again_and_nothing_else_differs(string from, string to)
    {
        StateType[] path = PathTo(from);
        DateTimeOffset now = Home.Start;
        State current = At(path[^1], now - TimeSpan.FromSeconds(1), from.Contains("+1h", StringComparison.Ordinal) ? now + TimeSpan.FromHours(1) : null);
        State proposed = At(Enum.Parse<StateType>(to, ignoreCase: true), now, null);
        Outcome outcome = TransitionRules.Decide(new()
        {
            From = current,
            To = proposed,
            Run = new() { RunCount = path.Contains(StateType.Running) ? 1 : 0, HasDeployment = true },
            Now = now,
            NewId = Guid.NewGuid,
        });
        if (current.Type.IsFinal() && proposed.Type == StateType.Scheduled)
        {
            outcome.Status.ShouldBe(SetStateStatus.Accept);
            outcome.Next!.Type.ShouldBe(StateType.Scheduled);
            outcome.Policy.RetryType.ShouldBe("reschedule");
        }
        else
        {
            (outcome.Next ?? current).ShouldBeRecorded(outcome.Status, outcome.Reason, outcome.DelaySeconds, Matrix.GetProperty(from).GetProperty(to));
        }
    }

    /// <summary>The states that the recording went through to get there.</summary>
    private static StateType[] PathTo(string from) => from switch
    {
        "(none)" or "PENDING" => [StateType.Pending],
        "SCHEDULED(past)" or "SCHEDULED(+1h)" => [StateType.Scheduled],
        "RUNNING" => [StateType.Pending, StateType.Running],
        _ => [StateType.Pending, StateType.Running, Enum.Parse<StateType>(from, ignoreCase: true)],
    };

    private static State At(StateType type, DateTimeOffset time, DateTimeOffset? due) => new()
    {
        Id = Guid.NewGuid(),
        Type = type,
        Name = type.ToString(),
        Timestamp = time,
        StateDetails = new() { ScheduledTime = type == StateType.Scheduled ? due ?? time : null },
    };
}

file static class Recorded
{
    public static void ShouldBeRecorded(this State state, SetStateStatus status, string? reason, double? delay, JsonElement cell)
    {
        JsonElement details = cell[3];
        bool detailed = details.ValueKind == JsonValueKind.Object;
        status.ToString().ToUpperInvariant().ShouldBe(cell[1].GetString());
        state.Type.ToString().ToUpperInvariant().ShouldBe(cell[2][0].GetString());
        state.Name.ShouldBe(cell[2][1].GetString());
        reason.ShouldBe(detailed ? details.GetProperty("reason").GetString() : null);
        if (detailed && details.TryGetProperty("delay_seconds", out JsonElement seconds))
            delay!.Value.ShouldBe(seconds.GetInt32(), tolerance: 1.01);
        else
            delay.ShouldBeNull();
    }
}
