using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Testing;

namespace Sluice.Server.Tests;

/// <summary>Replays recorded conversations with Prefect 3.8.3 (tests/data/conversations3) against the store, at their own times.</summary>
public sealed class RecordingTests
{
    [Theory]
    [InlineData("transition-matrix", 316)]
    [InlineData("set-state-errors", 3)] // the other three are malformed requests, which never reach the store
    [InlineData("transition-id-idempotency", 3)]
    [InlineData("retries-server-side", 5)]
    [InlineData("concurrency-limit-1-enqueue", 9)]
    public async Task The_store_answers_what_Prefect_answered(string conversation, int replayed)
    {
        await using var replay = new Replay(await Home.OpenAsync());
        int count = 0;
        foreach (JsonElement exchange in Read(conversation).EnumerateArray())
            count += await replay.PlayAsync(exchange) ? 1 : 0;
        count.ShouldBe(replayed);
    }

    private static JsonElement Read(string conversation) =>
        JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "conversations3", $"{conversation}.json")));

    private sealed class Replay(Home home) : IAsyncDisposable
    {
        private readonly Dictionary<string, Guid> _ids = [];

        /// <summary>Answers false for a malformed request.</summary>
        public async Task<bool> PlayAsync(JsonElement exchange)
        {
            DateTimeOffset time = DateTimeOffset.UnixEpoch.AddSeconds(exchange.GetProperty("t").GetDouble());
            if (time > home.Clock.GetUtcNow())
                home.Clock.AdvanceTo(time);
            string[] path = exchange.GetProperty("path").GetString()!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1..];
            JsonElement request = exchange.GetProperty("request"), response = exchange.GetProperty("response");
            int status = exchange.GetProperty("status").GetInt32();
            if (status == 422 || path is [_, "nope", ..])
                return false;
            switch (path)
            {
                case ["deployments"]:
                    await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
                    DeploymentCreate create = request.Deserialize(OrchestrationJson.Default.DeploymentCreate)!;
                    _ids[response.GetProperty("id").GetString()!] =
                        (await home.Api.UpsertDeploymentAsync(create with { FlowId = (await home.FlowAsync()).Id }, default)).Id;
                    return true;
                case ["deployments", var id, "create_flow_run"]:
                    if (!_ids.ContainsKey(id))
                        _ids[id] = (await home.DeployAsync()).Id;
                    Check(await home.Api.CreateDeploymentRunAsync(_ids[id], request.Deserialize(OrchestrationJson.Default.DeploymentRunCreate)!, default), response);
                    return true;
                case ["flow_runs"]:
                    FlowRunCreate run = request.Deserialize(OrchestrationJson.Default.FlowRunCreate)!;
                    Check(await home.Api.CreateFlowRunAsync(run with { FlowId = (await home.FlowAsync()).Id }, default), response);
                    return true;
                case ["flow_runs", var id]:
                    Check(await home.ReadAsync(_ids[id]), response);
                    return true;
                case ["flow_runs", var id, "set_state"]:
                    await SetAsync(id, request, response, status);
                    return true;
                default:
                    throw new InvalidOperationException($"Unknown request in the recording: {exchange}");
            }
        }

        public ValueTask DisposeAsync() => home.DisposeAsync();

        private async Task SetAsync(string recorded, JsonElement request, JsonElement response, int status)
        {
            if (status == 404)
            {
                OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => home.SetAsync(Guid.Parse(recorded), StateType.Running));
                error.Kind.ShouldBe(OrchestrationErrorKind.NotFound);
                error.Message.ShouldBe(response.GetProperty("exception_message").GetString());
                return;
            }
            if (!_ids.TryGetValue(recorded, out Guid id))
                id = _ids[recorded] = (await home.RunAsync(await home.DeployAsync())).Id; // a run of an earlier conversation
            StateCreate state = request.GetProperty("state").Deserialize(OrchestrationJson.Default.StateCreate)!;
            bool force = request.TryGetProperty("force", out JsonElement given) && given.GetBoolean();
            OrchestrationResult answer = await home.Api.SetFlowRunStateAsync(id, state, new() { Force = force }, default);
            answer.Status.ToString().ToUpperInvariant().ShouldBe(response.GetProperty("status").GetString());
            JsonElement details = response.GetProperty("details");
            answer.Details.Type.ShouldBe(details.GetProperty("type").GetString());
            answer.Details.Reason.ShouldBe(details.TryGetProperty("reason", out JsonElement reason) ? reason.GetString() : null);
            // Prefect answers whole seconds, ours are exact.
            if (details.TryGetProperty("delay_seconds", out JsonElement delay))
                answer.Details.DelaySeconds!.Value.ShouldBe(delay.GetDouble(), tolerance: 1);
            else
                answer.Details.DelaySeconds.ShouldBeNull();
            Check(answer.State!, response.GetProperty("state"));
        }

        private void Check(FlowRun run, JsonElement recorded)
        {
            _ids[recorded.GetProperty("id").GetString()!] = run.Id;
            run.StateName.ShouldBe(recorded.GetProperty("state_name").GetString());
            run.RunCount.ShouldBe(recorded.GetProperty("run_count").GetInt32());
            run.TotalRunTime.ShouldBe(recorded.GetProperty("total_run_time").GetDouble(), tolerance: 0.01);
            run.EmpiricalPolicy.RetryType.ShouldBe(recorded.GetProperty("empirical_policy").GetProperty("retry_type").GetString());
            Near(run.ExpectedStartTime, recorded.GetProperty("expected_start_time"));
            Near(run.NextScheduledStartTime, recorded.GetProperty("next_scheduled_start_time"));
            Near(run.StartTime, recorded.GetProperty("start_time"));
            Near(run.EndTime, recorded.GetProperty("end_time"));
            Check(run.State!, recorded.GetProperty("state"));
        }

        private static void Check(State state, JsonElement recorded)
        {
            state.Type.ShouldBe(recorded.GetProperty("type").Deserialize(OrchestrationJson.Default.StateType));
            state.Name.ShouldBe(recorded.GetProperty("name").GetString());
            state.Message.ShouldBe(recorded.GetProperty("message").GetString());
            Near(state.StateDetails.ScheduledTime, recorded.GetProperty("scheduled_time"));
            (state.StateDetails.DeploymentConcurrencyLeaseId is not null).ShouldBe(recorded.GetProperty("has_lease").GetBoolean());
        }

        /// <summary>The recording's times are those of its clock, a few milliseconds into each request.</summary>
        private static void Near(DateTimeOffset? time, JsonElement recorded)
        {
            if (recorded.ValueKind == JsonValueKind.Null)
                time.ShouldBeNull();
            else
                time!.Value.ShouldBe(recorded.GetDateTimeOffset(), tolerance: TimeSpan.FromMilliseconds(100));
        }
    }
}
