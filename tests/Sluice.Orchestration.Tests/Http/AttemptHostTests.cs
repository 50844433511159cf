using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>What the endpoints take from an attempt of a run that was given up: nothing; and what they read in headers.</summary>
public sealed class AttemptHostTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly FakeTimeProvider _clock = new(new(2026, 6, 1, 10, 0, 0, TimeSpan.Zero));
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), _clock, Cancel);
        _host = await ApiHost.StartAsync(_store, new() { ResultsFolder = _folder["results"], Time = _clock }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_taken_from_an_attempt_that_was_given_up()
    {
        FlowRun run = await RunAsync(new() { Name = "d", FlowId = default });
        Guid dead = await ClaimAsync(run.Id);
        await using var program = new HttpOrchestrationApi(new(_host.Url.AbsoluteUri)) { Attempt = (run.Id, dead) };
        await program.CreateLogsAsync([Line(run.Id, "alive")], Cancel);

        // As the services do when its lease has run out, and another worker claims it.
        await _store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Scheduled }, new() { Force = true }, Cancel);
        Guid next = await ClaimAsync(run.Id);

        foreach (Func<Task> write in new Func<Task>[]
        {
            () => program.CreateLogsAsync([Line(run.Id, "late")], Cancel),
            () => program.UpdateFlowRunAsync(run.Id, new() { Name = "late" }, Cancel),
            () => program.RenewLeasesAsync([run.Id], TimeSpan.FromHours(1), Cancel),
            () => program.CreateArtifactAsync(new() { Key = "late", FlowRunId = run.Id }, Cancel),
            () => program.CreateFlowRunAsync(new() { FlowId = run.FlowId }, Cancel),
        })
        {
            OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(write);
            refused.Kind.ShouldBe(OrchestrationErrorKind.Conflict);
            refused.Message.ShouldContain($"The server gave this attempt of the flow run {run.Id} up, since it showed no sign of life");
        }
        using HttpRequestMessage result = new(HttpMethod.Put, $"{_host.Url}/sluice/results/{run.Id}") { Content = new StringContent("{}") };
        result.Headers.Add(HttpTransport.AttemptHeader, $"{run.Id}/{dead}");
        (await _http.SendAsync(result, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await program.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Completed }, new() { Attempt = dead }, Cancel)).Status.ShouldBe(SetStateStatus.Abort);
        (await program.ReadFlowRunAsync(run.Id, Cancel))!.StateType.ShouldBe(StateType.Pending);
        (await _store.ListLogsAsync(new(), Cancel)).Select(log => log.Message).ShouldBe(["alive"]);
        (await program.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Running }, new() { Attempt = next }, Cancel)).Status.ShouldBe(SetStateStatus.Accept);
    }

    public static TheoryData<string, bool> Agents => new()
    {
        { "prefect/3.4.11 (API 0.8.4)", true },
        { "prefect/3.8.3 (API 0.8.4)", true },
        { "prefect/3.8.4.dev1+abc (API 0.8.4)", true },
        { "prefect/3.4.10 (API 0.8.4)", false },
        { "prefect/2.10.21 (API 0.8.4)", false },
        { "prefect/3.8.3", false },
        { "Python-urllib/3.11", false },
        { "sluice", false },
        { "prefect/99999999999.1.1 (API 0.8.4)", false },
    };

    [Theory]
    [MemberData(nameof(Agents))]
    public async Task Whether_a_client_renews_the_lease_of_its_slot_is_read_in_its_user_agent(string agent, bool renews)
    {
        FlowRun run = await RunAsync(new() { Name = "d", FlowId = default, ConcurrencyLimit = 1 });
        await _store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, default, Cancel);
        using HttpRequestMessage request = new(HttpMethod.Post, $"{_host.Url}/flow_runs/{run.Id}/set_state") { Content = JsonContent.Create(new { state = new { type = "RUNNING" } }) };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        Guid lease = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("state").GetProperty("state_details").GetProperty("deployment_concurrency_lease_id").GetGuid();
        HttpResponseMessage renewed = await _http.PostAsJsonAsync($"{_host.Url}/v2/concurrency_limits/leases/{lease}/renew", new { lease_duration = 60 }, Cancel);
        renewed.IsSuccessStatusCode.ShouldBe(renews, await renewed.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task The_delay_of_WAIT_is_a_whole_number()
    {
        FlowRun run = await RunAsync(new() { Name = "d", FlowId = default }, due: _clock.GetUtcNow().AddSeconds(2.26));
        HttpResponseMessage answer = await _http.PostAsJsonAsync($"{_host.Url}/flow_runs/{run.Id}/set_state", new { state = new { type = "RUNNING" } }, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("details").GetRawText().ShouldEndWith("\"delay_seconds\":2}");
    }

    private async Task<FlowRun> RunAsync(DeploymentCreate deployment, DateTimeOffset? due = null)
    {
        Flow flow = await _store.EnsureFlowAsync(new() { Name = "f" }, Cancel);
        Deployment made = await _store.UpsertDeploymentAsync(deployment with { FlowId = flow.Id, WorkQueueName = "default" }, Cancel);
        return await _store.CreateDeploymentRunAsync(made.Id, new() { State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due } } }, Cancel);
    }

    private async Task<Guid> ClaimAsync(Guid run)
    {
        var claim = Guid.NewGuid();
        await using var worker = new HttpOrchestrationApi(new(_host.Url.AbsoluteUri));
        OrchestrationResult answer = await worker.SetFlowRunStateAsync(
            run, new() { Type = StateType.Pending, StateDetails = new() { TransitionId = claim } }, new() { Lease = TimeSpan.FromSeconds(30) }, Cancel);
        answer.Status.ShouldBe(SetStateStatus.Accept);
        return claim;
    }

    private LogCreate Line(Guid run, string message) => new() { Name = "test", Level = 20, Message = message, Timestamp = _clock.GetUtcNow(), FlowRunId = run };
}
