using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Runtime;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Tests;

/// <summary>A flow that runs another deployment by its name: both as real programs, on our server and on servers that answer as Prefect's.</summary>
public sealed class RunDeploymentTests
{
    [Fact]
    public async Task A_flow_runs_another_deployment_waits_for_its_result_and_is_shown_as_its_parent()
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAsync(server.Api);
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily"}""");
        await using ProgramRun program = server.StartProgram(parent.Id);

        FlowRun child = await ChildAsync(server.Api);
        child.Parameters["name"].GetString().ShouldBe("Ada");
        child.Parameters["days"].GetInt32().ShouldBe(3);
        child.Parameters["at"].GetString().ShouldBe("2026-12-01");
        child.Parameters["cities"].EnumerateArray().Select(city => city.GetString()).ShouldBe(["Oslo", "Rome"]);
        (child.Name, child.Tags.Contains("by-flow")).ShouldBe(("child", true));

        JsonElement link = (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem();
        link.GetProperty("id").GetGuid().ShouldBe(child.ParentTaskRunId!.Value);
        link.GetProperty("name").GetString().ShouldBe("Greet people/daily");
        link.GetProperty("state_type").GetString().ShouldBe("SCHEDULED", "it has the states of the run that it stands for");

        await SetAsync(server.Api, child.Id, new() { Type = StateType.Pending }, new() { Type = StateType.Running }, Completed("""{"rain":true}"""));
        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        FlowRun ended = await server.ReadAsync(parent.Id);
        (ended.StateType, ended.State!.Data!.Value.GetProperty("value").GetString()).ShouldBe((StateType.Completed, """Completed: {"rain":true}"""));
        link = (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem();
        link.GetProperty("state_type").GetString().ShouldBe("COMPLETED");
        link.GetProperty("state").GetProperty("state_details").GetProperty("child_flow_run_id").GetGuid().ShouldBe(child.Id);
        (await server.Api.ListFlowRunsAsync(new() { FlowRuns = new() { ParentFlowRunId = new() { Any = [parent.Id] } } }, default)).ShouldHaveSingleItem().Id.ShouldBe(child.Id);
    }

    /// <summary>Parameters of the flow, and whether it is shown as a part.</summary>
    [Theory]
    [InlineData("""{"deployment":"Greet people/daily","timeoutSeconds":0,"asSubflow":false}""", false)]
    [InlineData("""{"deployment":"ID","timeoutSeconds":0}""", true)]
    public async Task Without_waiting_it_answers_at_once_and_a_deployment_is_named_by_its_id_too(string parameters, bool linked)
    {
        await using TestServer server = await TestServer.StartAsync();
        Deployment deployment = await DeployAsync(server.Api);
        FlowRun parent = await server.CreateRunAsync("Run another", parameters.Replace("ID", deployment.Id.ToString(), StringComparison.Ordinal));

        await using ProgramRun program = server.StartProgram(parent.Id);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        (await server.ReadAsync(parent.Id)).State!.Data!.Value.GetProperty("value").GetString().ShouldBe("Scheduled: ");
        ((await ChildAsync(server.Api)).ParentTaskRunId is not null).ShouldBe(linked);
        (await TaskRunsAsync(server, parent.Id)).Count.ShouldBe(linked ? 1 : 0);
    }

    /// <summary>Waiting ends, and the run goes on: it is given as it is then.</summary>
    [Fact]
    public async Task After_its_timeout_it_answers_with_the_run_as_it_is_and_leaves_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAsync(server.Api);
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily","timeoutSeconds":0.2}""");

        await using ProgramRun program = server.StartProgram(parent.Id);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        FlowRun ended = await server.ReadAsync(parent.Id);
        (ended.StateType, ended.State!.Data!.Value.GetProperty("value").GetString()).ShouldBe((StateType.Completed, "Scheduled: "));
        FlowRun child = await ChildAsync(server.Api);
        child.StateType.ShouldBe(StateType.Scheduled, "only a flow that is cancelled cancels it");
        (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem().GetProperty("id").GetGuid().ShouldBe(child.ParentTaskRunId!.Value);
    }

    [Fact]
    public async Task A_flow_that_is_run_again_with_its_key_starts_and_links_nothing_twice()
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAsync(server.Api);
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily","timeoutSeconds":0,"key":"once"}""");
        for (int attempt = 0; attempt < 2; attempt++)
        {
            await using ProgramRun program = server.StartProgram(parent.Id);
            (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
            await SetAsync(server.Api, parent.Id, new StateCreate { Type = StateType.Pending });
        }

        (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem().GetProperty("id").GetGuid().ShouldBe((await ChildAsync(server.Api)).ParentTaskRunId!.Value);
    }

    [Fact]
    public async Task Cancelling_the_flow_that_waits_cancels_the_run_that_it_started_when_asked_to()
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAsync(server.Api);
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily"}""");
        await using ProgramRun program = server.StartProgram(parent.Id);
        FlowRun child = await ChildAsync(server.Api);
        await SetAsync(server.Api, child.Id, new() { Type = StateType.Pending }, new() { Type = StateType.Running });

        await server.Api.SetFlowRunStateAsync(parent.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);
        program.Process.Send(Signal.Terminate);

        await server.WaitForAsync(child.Id, run => run.StateType == StateType.Cancelling);
        await program.WaitForExitAsync(TestServer.Bound);
    }

    [Fact]
    public async Task A_run_that_is_refused_leaves_no_part_that_is_pending_for_ever()
    {
        await using TestServer server = await TestServer.StartAsync();
        Deployment deployment = await DeployAsync(server.Api, """{"type":"object","properties":{"name":{"type":"integer"}}}""");
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily"}""");

        await using ProgramRun program = server.StartProgram(parent.Id);

        await program.WaitForExitAsync(TestServer.Bound);
        (await server.ReadAsync(parent.Id)).StateType.ShouldBe(StateType.Failed, program.Error);
        JsonElement link = (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem();
        link.GetProperty("state_type").GetString().ShouldBe("FAILED");
        link.GetProperty("state").GetProperty("message").GetString()!.ShouldStartWith("The run of the deployment was not created: ");
        (await server.Api.ListFlowRunsAsync(new() { FlowRuns = new() { DeploymentId = new() { Any = [deployment.Id] } } }, default)).ShouldBeEmpty();
    }

    /// <summary>Said by its key, so that the second time it is the same part that is linked to the run which is then made.</summary>
    [Fact]
    public async Task A_part_whose_run_was_refused_has_the_states_of_the_one_that_is_made_after_all()
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAsync(server.Api, """{"type":"object","properties":{"name":{"type":"integer"}}}""");
        FlowRun parent = await server.CreateRunAsync("Run another", """{"deployment":"Greet people/daily","timeoutSeconds":0,"key":"once"}""");
        await using (ProgramRun refused = server.StartProgram(parent.Id))
            await refused.WaitForExitAsync(TestServer.Bound);
        (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem().GetProperty("state_type").GetString().ShouldBe("FAILED");

        await DeployAsync(server.Api);
        await SetAsync(server.Api, parent.Id, new StateCreate { Type = StateType.Pending });
        await using ProgramRun program = server.StartProgram(parent.Id);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        JsonElement link = (await TaskRunsAsync(server, parent.Id)).ShouldHaveSingleItem();
        (link.GetProperty("id").GetGuid(), link.GetProperty("state_type").GetString()).ShouldBe(((await ChildAsync(server.Api)).ParentTaskRunId!.Value, "SCHEDULED"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task On_prefect_the_part_of_a_run_that_is_refused_is_failed(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        await DeployAsync(server.Store);
        server.Fault = request => request.Path.EndsWith("/create_flow_run", StringComparison.Ordinal) ? new() { Answer = 409 } : null;
        FlowRun parent = await ParentAsync(server, """{"deployment":"Greet people/daily"}""");

        await using ProgramRun program = Start(server, parent);

        await program.WaitForExitAsync(TestServer.Bound);
        (await server.Store.ReadFlowRunAsync(parent.Id, default))!.StateType.ShouldBe(StateType.Failed, program.Error);
        using JsonDocument said = JsonDocument.Parse(server.Requests.Single(request => request.Path.StartsWith("/task_runs/", StringComparison.Ordinal) && request.Path.EndsWith("/set_state", StringComparison.Ordinal)).Body);
        said.RootElement.GetProperty("state").GetProperty("type").GetString().ShouldBe("FAILED");
        said.RootElement.GetProperty("state").GetProperty("message").GetString()!.ShouldContain("Broken on purpose");
    }

    /// <summary>Its next state would not show it right again: it has none.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task On_prefect_a_flow_that_is_tried_again_leaves_the_part_alone_whose_run_came_to_its_end(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        await DeployAsync(server.Store);
        FlowRun parent = await ParentAsync(server, """{"deployment":"Greet people/daily","timeoutSeconds":0,"key":"once"}""");
        await using (ProgramRun first = Start(server, parent))
            (await first.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, first.Error);
        await SetAsync(server.Store, (await ChildAsync(server.Store)).Id, new() { Type = StateType.Pending }, new() { Type = StateType.Running }, new() { Type = StateType.Completed });
        await SetAsync(server.Store, parent.Id, new StateCreate { Type = StateType.Pending });
        server.Forget();
        server.Fault = request => request.Path.EndsWith("/create_flow_run", StringComparison.Ordinal) ? new() { Answer = 409 } : null;

        await using ProgramRun program = Start(server, parent);

        await program.WaitForExitAsync(TestServer.Bound);
        (await server.Store.ReadFlowRunAsync(parent.Id, default))!.StateType.ShouldBe(StateType.Failed, program.Error);
        server.Requests.ShouldContain(request => request.Path == "/task_runs/");
        server.Requests.ShouldNotContain(request => request.Path.StartsWith("/task_runs/", StringComparison.Ordinal) && request.Path.EndsWith("/set_state", StringComparison.Ordinal));
    }

    /// <summary>The request is on its way when the wait is cancelled: the run is made, and must not be left alone.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cancellation_while_the_run_is_created_cancels_the_run(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        await DeployAsync(server.Store);
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim cancelled = new();
        server.Fault = request =>
        {
            if (request.Path.EndsWith("/create_flow_run", StringComparison.Ordinal))
            {
                arrived.TrySetResult();
                cancelled.Wait(TestServer.Bound);
            }
            return null;
        };
        using CancellationTokenSource cancellation = new();
        Task<DeploymentRun> start = DeploymentRuns.StartAsync(server.Endpoint, new("Greet people", "daily", null), null, new() { Wait = Timeout.InfiniteTimeSpan, CancelTogether = true }, null, cancellation.Token);
        await arrived.Task.WaitAsync(TestServer.Bound);

        await cancellation.CancelAsync();
        cancelled.Set();

        await Should.ThrowAsync<OperationCanceledException>(() => start);
        (await server.Store.ListFlowRunsAsync(new(), default)).ShouldHaveSingleItem().StateType.ShouldBeOneOf(StateType.Cancelled, StateType.Cancelling);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task On_prefect_the_link_is_a_task_run_of_the_parent(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        await DeployAsync(server.Store);
        FlowRun parent = await ParentAsync(server, """{"deployment":"Greet people/daily","timeoutSeconds":0}""");

        await using ProgramRun program = Start(server, parent);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        using JsonDocument made = JsonDocument.Parse(server.Requests.Single(request => request is { Method: "POST", Path: "/task_runs/" }).Body);
        made.RootElement.GetProperty("flow_run_id").GetGuid().ShouldBe(parent.Id);
        made.RootElement.GetProperty("task_key").GetString().ShouldBe("sluice.run_deployment.Greet people/daily");
        using JsonDocument run = JsonDocument.Parse(server.Requests.Single(request => request.Path.EndsWith("/create_flow_run", StringComparison.Ordinal)).Body);
        run.RootElement.GetProperty("parent_task_run_id").GetGuid().ShouldBe((await ChildAsync(server.Store)).ParentTaskRunId!.Value);
    }

    [Fact]
    public void Parameters_are_written_as_a_collection_from_a_dictionary_from_JSON_and_from_an_object()
    {
        RunParameters written = new() { ["city"] = "Oslo", ["days"] = 3, ["none"] = null, ["at"] = TimeSpan.FromMinutes(90), ["map"] = new Dictionary<string, object?> { ["a"] = 1.5 } };
        Text(written).ShouldBe("""{"city":"Oslo","days":3,"none":null,"at":"PT1H30M","map":{"a":1.5}}""");
        Text(new Dictionary<string, object?> { ["city"] = "Oslo" }).ShouldBe("""{"city":"Oslo"}""");
        Text(RunParameters.OfJson("""{"city": "Oslo", "map": {"a": [1]}}""")).ShouldBe("""{"city":"Oslo","map":{"a": [1]}}""");
        Text(RunParameters.OfObject(new { city = "Oslo", days = 3 })).ShouldBe("""{"city":"Oslo","days":3}""");
        Text(new RunParameters().Set("tags", ["a"], OrchestrationJson.Default.IReadOnlyListString)).ShouldBe("""{"tags":["a"]}""");

        Should.Throw<ArgumentException>(() => RunParameters.OfJson("[1]")).Message.ShouldContain("Parameters are a JSON object, and this is Array.");
        Should.Throw<ArgumentException>(() => new RunParameters { ["server"] = new TempFolder() }).Message.ShouldContain("The parameter 'server' is a Sluice.Testing.TempFolder, which is written by Set(\"server\", value,");

        static string Text(RunParameters parameters) => "{" + string.Join(',', parameters.Select(pair => $"\"{pair.Key}\":{pair.Value.GetRawText()}")) + "}";
    }

    [Theory]
    [InlineData("daily")]
    [InlineData("a/b/c")]
    [InlineData("/daily")]
    public async Task What_is_no_name_is_refused_before_anything_is_asked(string name) =>
        (await Should.ThrowAsync<ArgumentException>(() => DeploymentRun.StartAsync(name))).Message.ShouldContain($"'{name}' is no deployment's name, which is written flow/deployment");

    private static async Task<Deployment> DeployAsync(IOrchestrationApi api, string schema = "{}")
    {
        Flow flow = await api.EnsureFlowAsync(new() { Name = "Greet people" }, default);
        return await api.UpsertDeploymentAsync(new() { Name = "daily", FlowId = flow.Id, ParameterOpenapiSchema = JsonElement.Parse(schema), EnforceParameterSchema = true }, default);
    }

    private static async Task<FlowRun> ParentAsync(PrefectServer server, string parameters)
    {
        Flow flow = await server.Store.EnsureFlowAsync(new() { Name = "Run another" }, default);
        return await server.Store.CreateFlowRunAsync(
            new() { FlowId = flow.Id, Parameters = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(parameters), State = new() { Type = StateType.Pending } }, default);
    }

    private static ProgramRun Start(PrefectServer server, FlowRun run) =>
        ProgramRun.Start(TestServer.TestProgram, [], new Dictionary<string, string?> { ["PREFECT__FLOW_RUN_ID"] = run.Id.ToString(), ["PREFECT_API_URL"] = server.Url.AbsoluteUri });

    private static async Task<FlowRun> ChildAsync(IOrchestrationApi api)
    {
        using CancellationTokenSource bound = new(TestServer.Bound);
        for (long change = 0; ; change = await api.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), bound.Token))
        {
            if (await api.ListFlowRunsAsync(new() { FlowRuns = new() { Name = new() { Any = ["child"] } } }, bound.Token) is { Count: > 0 } runs)
                return runs.ShouldHaveSingleItem();
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> TaskRunsAsync(TestServer server, Guid parent)
    {
        using HttpClient http = new();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.Token);
        using StringContent query = new("{\"flow_runs\":{\"id\":{\"any_\":[\"" + parent + "\"]}}}", new MediaTypeHeaderValue("application/json"));
        HttpResponseMessage answer = await http.PostAsync($"{server.Endpoint.Url}/task_runs/filter", query);
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray()];
    }

    private static async Task SetAsync(IOrchestrationApi api, Guid run, params StateCreate[] states)
    {
        foreach (StateCreate state in states)
            (await api.SetFlowRunStateAsync(run, state, new() { Force = true }, CancellationToken.None)).Status.ShouldBe(SetStateStatus.Accept);
    }

    private static StateCreate Completed(string result)
    {
        using JsonDocument data = JsonDocument.Parse($$$"""{"type":"inline","value":{{{result}}},"size":{{{result.Length}}}}""");
        return new() { Type = StateType.Completed, Data = data.RootElement.Clone() };
    }
}
