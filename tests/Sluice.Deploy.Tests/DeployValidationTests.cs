using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests;

/// <summary>What is held against the server before anything is stored or sent.</summary>
public sealed class DeployValidationTests : IDisposable
{
    private const string Template = """
        {
          "job_configuration": {},
          "variables": {
            "type": "object",
            "required": ["image_pull"],
            "properties": {
              "command": {"type": ["string", "null"]},
              "env": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
              "image": {"type": ["string", "null"]},
              "cpu": {"type": "integer", "minimum": 1, "maximum": 64},
              "size": {"type": "string", "enum": ["small", "large"]},
              "image_pull": {"type": "string", "default": "always"}
            },
            "additionalProperties": false
          }
        }
        """;

    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_does_not_fit_the_server_is_told_at_once_and_nothing_is_stored()
    {
        await using (IOrchestrationApi api = await _bench.OpenAsync())
        {
            await api.CreateWorkPoolAsync(new() { Name = "k8s", Type = "kubernetes", BaseJobTemplate = JsonElement.Parse(Template) }, Cancel);
            await api.CreateWorkPoolAsync(new() { Name = "other", Type = "docker" }, Cancel);
        }
        JsonNode flow = JsonNode.Parse(DeployBench.Flow)!;
        JsonNode one = flow["deployments"]![0]!;
        flow["deployments"] = new JsonArray(
            With(one, "cpu", """{"work_pool_name":"k8s","job_variables":{"cpu":"two","size":"middle"}}"""),
            With(one, "unknown", """{"work_pool_name":"k8s","job_variables":{"gpu":1,"env":{"N":5}}}"""),
            With(one, "fits", """{"work_pool_name":"k8s","job_variables":{"cpu":2,"size":"small"}}"""),
            With(one, "kind", """{"work_pool_name":"other","infrastructure":"kubernetes"}"""),
            With(one, "alone", """{"infrastructure":"docker"}"""),
            With(one, "lost", """{"work_pool_name":"none"}"""),
            With(one, "lost too", """{"work_pool_name":"none"}"""));
        _bench.WriteFlows(flow);

        foreach (bool plan in new[] { false, true })
        {
            DeployResult result = await _bench.RunAsync(_bench.Request with { PlanOnly = plan });
            result.Outcome.ShouldBeNull();
            result.Diagnostics.Select(error => $"{error.Code} {error.Message}").ShouldBe(
            [
                "SLC1078 Weather report/alone names the infrastructure 'docker' and no work pool, and without one its runs are started as processes: name a work pool of that type by WorkPool or -p:SluiceWorkPool.",
                "SLC1095 Weather report/cpu: its job variables do not fit the work pool 'k8s': $.cpu \"two\" is not an integer; $.size \"middle\" is not one of \"small\", \"large\". Mend JobVariables, or name another pool.",
                "SLC1095 Weather report/unknown: its job variables do not fit the work pool 'k8s': $.gpu is not a known parameter; known: command, env, image, cpu, size, image_pull; $.env.N 5 is not a string or null. Mend JobVariables, or name another pool.",
                "SLC1078 Weather report/kind names the infrastructure 'kubernetes', and its work pool 'other' is of type 'docker': name a pool of that type, or leave out Infrastructure.",
                "SLC1005 The work pool 'none' of Weather report/lost, Weather report/lost too does not exist. There are: k8s, other. Name one of them, create it (sluice work-pool create none), or publish with -p:SluiceCreateWorkPool=true.",
            ], ignoreOrder: true);
        }
        _bench.Manifests().ShouldBeEmpty();
        (await _bench.LiveAsync("fits")).ShouldBeNull();
    }

    [Fact]
    public async Task A_pool_that_would_be_created_is_held_against_its_template_and_its_name()
    {
        _bench.ChangeFlow(flow => flow["deployments"]![1]!["job_variables"] = JsonNode.Parse("""{"termination_grace_seconds":"long"}"""));
        DeployError refused = await _bench.FailAsync(_bench.Request with { WorkPool = "mine", CreateWorkPool = true });
        refused.Code.ShouldBe(DeployCodes.JobVariablesDoNotFit);
        refused.Message.ShouldContain("$.termination_grace_seconds");

        _bench.ChangeFlow(_ => { });
        (await _bench.FailAsync(_bench.Request with { WorkPool = "Prefect-mine", CreateWorkPool = true })).Message.ShouldContain("names that begin with 'prefect' are reserved");
        (await _bench.FailAsync(_bench.Request with { WorkPool = "a&b", CreateWorkPool = true })).Code.ShouldBe(DeployCodes.DeclarationInvalid);
        _bench.Manifests().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Prefect_is_asked_and_sent_nothing_that_it_would_refuse(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        string template = Template.Replace("\"default\": \"always\"", "\"title\": \"Pull\"", StringComparison.Ordinal);
        await server.Store.CreateWorkPoolAsync(new() { Name = "k8s", Type = "kubernetes", BaseJobTemplate = JsonElement.Parse(template) }, Cancel);
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]!.AsArray().RemoveAt(1);
            flow["deployments"]![0]!["job_variables"] = JsonNode.Parse("""{"cpu":100}""");
        });
        DeployResult result = await _bench.RunAsync(_bench.Request with { WorkPool = "k8s" }, server.Url);

        DeployError error = result.Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.JobVariablesDoNotFit);
        error.Message.ShouldContain("$.cpu");
        error.Message.Contains("$.image_pull is required", StringComparison.Ordinal).ShouldBe(generation == 2, "Prefect 3 does not ask for it before a run is there");
        server.Writes.ShouldBeEmpty();
        _bench.Manifests().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_pool_that_a_person_moved_a_deployment_to_is_checked_and_the_one_of_the_code_is_not(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await using IOrchestrationApi person = await PersonAsync(server);
        await PoolAsync(person, "of the code", "kubernetes");
        await PoolAsync(person, "hers", "docker");
        WriteOne(_ => { }, infrastructure: "kubernetes");
        DeployRequest request = _bench.Request with { WorkPool = "of the code", CreateWorkPool = true };
        (await _bench.RunAsync(request, server?.Url)).Diagnostics.ShouldBeEmpty();
        await person.UpdateDeploymentAsync((await LiveAsync(person)).Id, new() { WorkPoolName = "hers" }, Cancel);
        await person.DeleteWorkPoolAsync("of the code", Cancel);

        // The pool of the code is gone, and nobody needs it.
        _bench.Temp.Write("publish/data/cities.csv", "Bergen");
        DeployResult moved = await _bench.RunAsync(request, server?.Url);
        DeployError told = moved.Diagnostics.ShouldHaveSingleItem();
        (told.Code, told.IsWarning).ShouldBe((DeployCodes.InfrastructureDiffers, true));
        told.Message.ShouldBe("Weather report/daily names the infrastructure 'kubernetes', and the work pool 'hers', to which it was moved on the server and where it stays, is of type 'docker': move it back there, or leave out Infrastructure.");
        moved.Outcome!.Deployments[0].Outcome.ShouldBe("updated");
        (await LiveAsync(person)).WorkPoolName.ShouldBe("hers");
        (await person.FindWorkPoolAsync("of the code", Cancel)).ShouldBeNull();
        (await _bench.RunAsync(request with { CreateWorkPool = false }, server?.Url)).Outcome!.ApiWrites.ShouldBe(0);

        // The template of the one that it is in refuses what the code says now.
        await person.UpdateWorkPoolAsync("hers", new() { BaseJobTemplate = JsonElement.Parse(Template) }, Cancel);
        WriteOne(deployment => deployment["job_variables"] = JsonNode.Parse("""{"cpu":"two"}"""), infrastructure: null);
        int stored = _bench.Manifests().Length;
        server?.Forget();
        foreach (bool plan in new[] { true, false })
        {
            DeployError refused = (await _bench.RunAsync(request with { PlanOnly = plan }, server?.Url)).Diagnostics.ShouldHaveSingleItem();
            refused.Message.ShouldBe("Weather report/daily: its job variables do not fit the work pool 'hers': $.cpu \"two\" is not an integer. Kept as changed on the server: work_pool_name. Change that there, or: Mend JobVariables, or name another pool.");
        }
        _bench.Manifests().Length.ShouldBe(stored);
        server?.Writes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Job_variables_that_a_person_keeps_are_held_against_the_new_pool_of_the_code(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await using IOrchestrationApi person = await PersonAsync(server);
        await PoolAsync(person, "any", "process");
        await PoolAsync(person, "strict", "process", Template);
        WriteOne(_ => { });
        (await _bench.RunAsync(_bench.Request with { WorkPool = "any" }, server?.Url)).Diagnostics.ShouldBeEmpty();
        Deployment live = await LiveAsync(person);
        await person.UpdateDeploymentAsync(live.Id, new() { JobVariables = new Dictionary<string, JsonElement>(live.JobVariables) { ["cpu"] = JsonElement.Parse("99"), ["size"] = JsonElement.Parse("\"small\""), ["env"] = Env(live, "API_TOKEN", 271828) } }, Cancel);

        int stored = _bench.Manifests().Length;
        server?.Forget();
        _bench.Temp.Write("publish/data/cities.csv", "Bergen");
        DeployError refused = (await _bench.RunAsync(_bench.Request with { WorkPool = "strict" }, server?.Url)).Diagnostics.ShouldHaveSingleItem();
        refused.Code.ShouldBe(DeployCodes.JobVariablesDoNotFit);
        refused.Message.ShouldContain("$.cpu 99 is above the maximum of 64");
        refused.Message.ShouldContain("Kept as changed on the server: job_variables.cpu, job_variables.env.API_TOKEN, job_variables.size. Change that there");
        refused.Message.ShouldContain("$.env.API_TOKEN does not fit");
        refused.Message.ShouldNotContain("271828");
        _bench.Manifests().Length.ShouldBe(stored);
        server?.Writes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_deployment_whose_pool_was_deleted_goes_to_the_one_of_the_code_again(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await using IOrchestrationApi person = await PersonAsync(server);
        WriteOne(_ => { });
        DeployRequest request = _bench.Request with { WorkPool = "gone", CreateWorkPool = true };
        (await _bench.RunAsync(request, server?.Url)).Diagnostics.ShouldBeEmpty();
        await person.DeleteWorkPoolAsync("gone", Cancel);
        (await LiveAsync(person)).WorkPoolName.ShouldBeNull();

        (await _bench.RunAsync(request with { CreateWorkPool = false }, server?.Url)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.WorkPoolMissing);
        DeployResult again = await _bench.RunAsync(request, server?.Url);
        again.Diagnostics.ShouldBeEmpty();
        again.Outcome!.Deployments[0].Changes.ShouldBe(["work pool", "work queue"]);
        Deployment live = await LiveAsync(person);
        (live.WorkPoolName, live.WorkQueueName).ShouldBe(("gone", "default"));
        (await _bench.RunAsync(request, server?.Url)).Outcome!.ApiWrites.ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_conflict_over_the_pool_is_told_and_not_that_one_of_both_is_missing(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await using IOrchestrationApi person = await PersonAsync(server);
        await PoolAsync(person, "first", "process");
        await PoolAsync(person, "hers", "process");
        WriteOne(_ => { });
        (await _bench.RunAsync(_bench.Request with { WorkPool = "first" }, server?.Url)).Diagnostics.ShouldBeEmpty();
        await person.UpdateDeploymentAsync((await LiveAsync(person)).Id, new() { WorkPoolName = "hers" }, Cancel);

        DeployRequest request = _bench.Request with { WorkPool = "none yet" };
        (await _bench.RunAsync(request, server?.Url)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.Conflict);
        (await _bench.RunAsync(request with { Conflicts = "code" }, server?.Url)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.WorkPoolMissing);
        (await _bench.RunAsync(request with { Conflicts = "keep" }, server?.Url)).Diagnostics.ShouldBeEmpty();
        (await LiveAsync(person)).WorkPoolName.ShouldBe("hers");
    }

    [Fact]
    public async Task A_plan_says_where_the_storage_cannot_be_reached_and_writes_nothing()
    {
        int nobody = FreePort.Take(1)[0];
        DeployRequest plan = _bench.Request with { PlanOnly = true, Storage = $"s3://bucket/flows?region=eu-central-1&endpoint_url=http://127.0.0.1:{nobody}" };
        DeployResult result = await _bench.RunAsync(plan);
        result.Outcome.ShouldNotBeNull().Deployments.ShouldAllBe(one => one.Outcome == "created");
        DeployError warning = result.Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.StorageFailed, true));
        warning.Message.ShouldStartWith("A publish would fail: ");
        warning.Message.ShouldContain("bucket");

        string empty = _bench.Temp["not there yet"];
        await _bench.DeployAsync(plan with { Storage = new Uri(empty).AbsoluteUri });
        Directory.Exists(empty).ShouldBeFalse();
    }

    private static async Task<PrefectServer?> StartAsync(int generation) => generation switch
    {
        2 => await Prefect2Server.StartAsync(cancellationToken: Cancel),
        3 => await Prefect3Server.StartAsync(cancellationToken: Cancel),
        _ => null,
    };

    private async Task<IOrchestrationApi> PersonAsync(PrefectServer? server) => server is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(server.Endpoint);

    private static Task PoolAsync(IOrchestrationApi api, string name, string type, string template = "{}") =>
        api.CreateWorkPoolAsync(new() { Name = name, Type = type, BaseJobTemplate = JsonElement.Parse(template) }, Cancel);

    private static async Task<Deployment> LiveAsync(IOrchestrationApi api) => (await api.FindDeploymentAsync("Weather report", "daily", Cancel)).ShouldNotBeNull();

    private static JsonElement Env(Deployment live, string name, int value)
    {
        JsonNode env = JsonNode.Parse(live.JobVariables["env"].GetRawText())!;
        env[name] = value;
        return JsonElement.Parse(env.ToJsonString());
    }

    /// <summary>One deployment, so that each diagnostic is one.</summary>
    private void WriteOne(Action<JsonNode> change, string? infrastructure = null) => _bench.ChangeFlow(flow =>
    {
        flow["deployments"]!.AsArray().RemoveAt(1);
        JsonNode deployment = flow["deployments"]![0]!;
        deployment["infrastructure"] = infrastructure;
        change(deployment);
    });

    private static JsonNode With(JsonNode deployment, string name, string edit)
    {
        JsonNode one = deployment.DeepClone();
        one["name"] = name;
        foreach ((string key, JsonNode? value) in JsonNode.Parse(edit)!.AsObject())
            one[key] = value?.DeepClone();
        return one;
    }
}
