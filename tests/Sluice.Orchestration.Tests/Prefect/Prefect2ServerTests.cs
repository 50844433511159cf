using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Prefect;

/// <summary>The fixture that stands in for Prefect 2.10 is itself held against what a real 2.10.21 answered.</summary>
public sealed class Prefect2ServerTests
{
    /// <summary>Places where the fixture answers otherwise, with the reason. Whoever mends one deletes its line.</summary>
    private static readonly Dictionary<string, string> s_known = new()
    {
        ["cli-deployment-run-empty-bld--p-n=3 #3 POST /api/deployments/f2513c24-e1a9-422d-9e3a-868075886db1/create_flow_run.infrastructure_document_id"] = "runs do not inherit the block",
        ["create-flow-run #3 POST /api/deployments/a62a744b-a934-46a5-bb42-fc9ce5032725/create_flow_run.detail"] = "the text says more",
        ["work-pools-queues-crud #2 POST /api/work_pools/.detail"] = "the text says more",
        ["work-pools-queues-crud #13 POST /api/work_queues/"] = "not there yet",
        ["work-pools-queues-crud #14 GET /api/work_queues/"] = "not there yet",
        ["set-state-errors #2 POST /api/flow_runs/a62a744b-a934-46a5-bb42-fc9ce5032725/set_state"] = "the text is under another key",
        ["deployments-create-update-errors #2 POST /api/deployments/.detail"] = "the text says more",
        ["deployments-create-update-errors #4 POST /api/deployments/"] = "the request's body is not repeated",
        ["deployments-create-update-errors #8 POST /api/deployments/.detail"] = "the validator's own words",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_recorded_conversations_as_Prefect_2_did()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        using Recordings recordings = new(server.Url);
        await InstallProcessBlockAsync(server, recordings);

        int played = 0;
        foreach (string name in (string[])
        [
            "admin-misc", "cli-work-pool-create", "cli-work-pool-inspect-p", "cli-deployment-build", "cli-deployment-apply", "cli-deployment-inspect-empty-bld", "cli-deployment-ls",
            "cli-deployment-pause-schedule-empty-bld", "cli-deployment-resume-schedule-empty-bld", "cli-deployment-set-schedule-empty-bld---interval-3600", "cli-deployment-run-empty-bld--p-n=3",
            "rest-apply-deployment", "rest-apply-agent-deployment", "create-flow-run", "deployments-read-list-filter", "set-state-errors", "logs", "work-pools-queues-crud", "deployments-create-update-errors", "delete-deployment",
        ])
        {
            played += await recordings.PlayAsync(name, Cancel);
        }

        played.ShouldBeGreaterThan(80);
        server.TakeMisfits();
        recordings.Differences.Where(difference => !s_known.Keys.Any(known => difference.StartsWith(known, StringComparison.Ordinal))).ShouldBeEmpty();
    }


    private static JsonElement Matrix { get; } = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "transitions", "transitions2_no_deployment.json")));

    [Fact]
    public async Task It_decides_on_every_transition_as_Prefect_2_did()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        Flow flow = await server.Store.EnsureFlowAsync(new() { Name = "f" }, Cancel);
        List<string> differences = [];
        foreach (JsonProperty from in Matrix.EnumerateObject())
        {
            foreach (JsonProperty to in from.Value.EnumerateObject())
            {
                Guid run = (await server.Store.CreateFlowRunAsync(new() { FlowId = flow.Id }, Cancel)).Id;
                if (from.Name != "(none)")
                {
                    await server.Store.SetFlowRunStateAsync(run, State(from.Name), new() { Force = true }, Cancel);
                }

                using HttpResponseMessage response = await http.PostAsJsonAsync($"{server.Url}/flow_runs/{run}/set_state", new { state = new { type = to.Name } }, Cancel);
                JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
                string told = $"{(int)response.StatusCode} {answer.GetProperty("status")} {answer.GetProperty("state").GetProperty("type")} {(answer.GetProperty("details").TryGetProperty("reason", out JsonElement reason) ? reason : default)}";
                string recorded = $"{to.Value[0]} {to.Value[1]} {to.Value[2]} {(to.Value[3].ValueKind == JsonValueKind.Object ? to.Value[3].GetProperty("reason") : default)}";
                if (told != recorded)
                {
                    differences.Add($"{from.Name} to {to.Name}: {told} for {recorded}");
                }
            }
        }

        differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_it_does_not_know_is_refused_and_fails_the_test()
    {
        Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage response = await http.PostAsJsonAsync(server.Url + "/flows/", new { name = "f", labels = new { a = 1 } }, Cancel);

        ((int)response.StatusCode).ShouldBe(422);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("""{"loc":["body","labels"],"msg":"extra fields not permitted","type":"value_error.extra"}""");
        (await Should.ThrowAsync<InvalidOperationException>(() => server.DisposeAsync().AsTask())).Message.ShouldContain("POST /flows/ body.labels: extra fields not permitted");
    }

    private static StateCreate State(string name) => name switch
    {
        "SCHEDULED(past)" => new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddMinutes(-1) } },
        "SCHEDULED(+1h)" => new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddHours(1) } },
        _ => new() { Type = Enum.Parse<StateType>(name, ignoreCase: true) },
    };

    /// <summary>Prefect has its own block types; ours gets the one that the recordings use.</summary>
    private static async Task InstallProcessBlockAsync(Prefect2Server server, Recordings recordings)
    {
        JsonElement blocks = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "prefect2", "blocks.json"), Cancel));
        JsonElement type = blocks.GetProperty("block_type"), schema = blocks.GetProperty("block_schema");
        BlockType own = await server.Store.CreateBlockTypeAsync(
            new() { Name = "Process", Slug = "process", Description = type.GetProperty("description").GetString(), LogoUrl = type.GetProperty("logo_url").GetString(), DocumentationUrl = type.GetProperty("documentation_url").GetString(), CodeExample = type.GetProperty("code_example").GetString() }, Cancel);
        BlockSchema ownSchema = await server.Store.EnsureBlockSchemaAsync(new()
        {
            BlockTypeId = own.Id,
            Fields = schema.GetProperty("fields"),
            Capabilities = [.. schema.GetProperty("capabilities").EnumerateArray().Select(capability => capability.GetString()!)],
            Version = schema.GetProperty("version").GetString(),
        }, Cancel);
        recordings.Map(type.GetProperty("id").GetGuid(), own.Id);
        recordings.Map(schema.GetProperty("id").GetGuid(), ownSchema.Id);
    }
}
