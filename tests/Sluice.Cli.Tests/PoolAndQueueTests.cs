using System.Text.Json;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary><c>work-pool …</c>, <c>work-queue …</c> and <c>flow ls</c> on the embedded API.</summary>
public sealed class PoolAndQueueTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task An_empty_home_has_the_built_in_pool_which_is_listed_once_it_is_used_and_nothing_else()
    {
        // As on a Prefect server, it is listed from when somebody needs it; to look at it is no need.
        (await _sluice.RunAsync("work-pool", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        (await _sluice.RunAsync("work-pool", "inspect", "default-agent-pool", "--output", "json")).Succeeded().Json.Text("type").ShouldBe("prefect-agent");
        (await _sluice.RunAsync("work-queue", "ls", "--output", "json")).Succeeded().Json.EnumerateArray().Single().Text("name").ShouldBe("default");
        (await _sluice.RunAsync("work-pool", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        foreach (string noun in new[] { "flow", "deployment", "flow-run" })
        {
            SluiceProgram.Outcome list = (await _sluice.RunAsync(noun, "ls", "--output", "json")).Succeeded();
            list.Json.GetArrayLength().ShouldBe(0);
            list.Error.ShouldBeEmpty();
            (await _sluice.RunAsync(noun, "ls")).Succeeded().Error.ShouldNotBeEmpty();
        }
        (await _sluice.RunAsync("deployment", "inspect", "a/b")).FailedWith(1).ShouldContain("nothing is deployed yet");

        await using Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync();
        await api.CreateWorkQueueAsync("default-agent-pool", new() { Name = "fast" }, default);
        (await _sluice.RunAsync("work-pool", "ls", "--output", "json")).Succeeded().Json.EnumerateArray().Single().Text("name").ShouldBe("default-agent-pool");
    }

    [Fact]
    public async Task A_pool_of_sluice_workers_has_their_template_and_refuses_what_they_cannot_read()
    {
        (await _sluice.RunAsync("work-pool", "create", "typed", "--type", "dotnet")).Succeeded();
        JsonElement template = (await InspectAsync("work-pool", "typed")).GetProperty("base_job_template");
        string[] variables = [.. template.GetProperty("variables").GetProperty("properties").EnumerateObject().Select(property => property.Name)];
        variables.ShouldBe(["env", "command", "working_dir", "stream_output", "termination_grace_seconds"]);
        template.GetProperty("job_configuration").EnumerateObject().Select(member => $"{member.Name}={member.Value.GetString()}").ShouldBe(variables.Select(name => $"{name}={{{{ {name} }}}}"));

        await using Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync();
        Orchestration.Flow flow = await api.EnsureFlowAsync(new() { Name = "f" }, default);
        Orchestration.DeploymentCreate deployment = new() { Name = "d", FlowId = flow.Id, WorkPoolName = "typed" };
        foreach (string refused in new[] { """{"env":{"A":1}}""", """{"stream_output":"yes"}""", """{"termination_grace_seconds":-1}""" })
        {
            (await Should.ThrowAsync<Orchestration.OrchestrationException>(() => api.UpsertDeploymentAsync(
                deployment with { JobVariables = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(refused) }, default))).Kind.ShouldBe(Orchestration.OrchestrationErrorKind.Invalid);
        }
        await api.UpsertDeploymentAsync(
            deployment with { JobVariables = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{"env":{"A":"1","B":null},"command":null,"termination_grace_seconds":2.5,"image":"kept"}""") }, default);
    }

    [Fact]
    public async Task A_pools_template_comes_from_a_file_that_is_checked_first()
    {
        string file = _sluice.Folder["template.json"];
        (await _sluice.RunAsync("work-pool", "create", "p", "--base-job-template", file)).FailedWith(2).ShouldContain($"--base-job-template: '{file}' cannot be read");
        await File.WriteAllTextAsync(file, "{");
        (await _sluice.RunAsync("work-pool", "create", "p", "--base-job-template", file)).FailedWith(2).ShouldContain("is not JSON at line 1, character 2: ");
        await File.WriteAllTextAsync(file, "{}");
        (await _sluice.RunAsync("work-pool", "create", "p", "--base-job-template", file)).FailedWith(2).ShouldContain("is no base job template: it is a JSON object with the members job_configuration and variables");
        await File.WriteAllTextAsync(file, """{"job_configuration":{"command":"{{ command }}"},"variables":{"properties":{"command":{"type":"string","default":"a"}}}}""");
        (await _sluice.RunAsync("work-pool", "create", "p", "--base-job-template", file)).Succeeded();
        (await InspectAsync("work-pool", "p")).GetProperty("base_job_template").GetProperty("job_configuration").Text("command").ShouldBe("{{ command }}");
        await File.WriteAllTextAsync(file, """{"job_configuration":{},"variables":{}}""");
        (await _sluice.RunAsync("work-pool", "update", "p", "--base-job-template", file)).Succeeded();
        (await InspectAsync("work-pool", "p")).GetProperty("base_job_template").GetProperty("job_configuration").EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pool_is_created_changed_paused_resumed_and_deleted()
    {
        (await _sluice.RunAsync("work-pool", "create", "etl", "--limit", "4", "--description", "Nightly loads")).Succeeded().Output.ShouldContain("sluice worker start --pool etl");
        JsonElement pool = await InspectAsync("work-pool", "etl");
        pool.Text("type").ShouldBe("process");
        pool.Text("description").ShouldBe("Nightly loads");
        pool.GetProperty("concurrency_limit").GetInt32().ShouldBe(4);

        (await _sluice.RunAsync("work-pool", "update", "etl", "--limit", "8")).Succeeded();
        (await _sluice.RunAsync("work-pool", "pause", "etl")).Succeeded();
        pool = await InspectAsync("work-pool", "etl");
        pool.GetProperty("concurrency_limit").GetInt32().ShouldBe(8);
        pool.Text("description").ShouldBe("Nightly loads");
        pool.GetProperty("is_paused").GetBoolean().ShouldBeTrue();
        (await _sluice.RunAsync("work-pool", "ls")).Output.ShouldContain("paused");
        (await _sluice.RunAsync("work-pool", "resume", "etl")).Succeeded();
        (await InspectAsync("work-pool", "etl")).GetProperty("is_paused").GetBoolean().ShouldBeFalse();
        (await _sluice.RunAsync("work-pool", "inspect", "etl")).Succeeded().Output.ShouldContain("default (priority 1)");

        (await _sluice.RunAsync("work-pool", "create", "etl")).FailedWith(1).ShouldContain("etl");
        (await _sluice.RunAsync("work-pool", "inspect", "elt")).FailedWith(1).ShouldContain("there is no work pool 'elt'. Did you mean 'etl'?");
        (await _sluice.RunAsync("work-pool", "update", "etl")).FailedWith(2).ShouldContain("nothing to change");
        (await _sluice.RunAsync("work-pool", "delete", "etl")).Succeeded();
        (await _sluice.RunAsync("work-pool", "delete", "etl")).FailedWith(1).ShouldContain("there is no work pool 'etl'");
    }

    [Fact]
    public async Task A_queue_is_created_changed_paused_resumed_and_deleted()
    {
        (await _sluice.RunAsync("work-queue", "create", "urgent", "--priority", "1", "--limit", "2")).Succeeded();
        (await _sluice.RunAsync("work-queue", "ls", "--output", "json")).Json.EnumerateArray()
            .Select(queue => (queue.Text("name"), queue.GetProperty("priority").GetInt32())).ShouldBe([("urgent", 1), ("default", 2)]);
        (await _sluice.RunAsync("work-queue", "update", "urgent", "--priority", "3", "--description", "First")).Succeeded();
        (await _sluice.RunAsync("work-queue", "pause", "urgent")).Succeeded();
        JsonElement queue = await InspectAsync("work-queue", "urgent");
        queue.GetProperty("priority").GetInt32().ShouldBe(3);
        queue.GetProperty("concurrency_limit").GetInt32().ShouldBe(2);
        queue.GetProperty("is_paused").GetBoolean().ShouldBeTrue();
        (await _sluice.RunAsync("work-queue", "resume", "urgent")).Succeeded();
        (await InspectAsync("work-queue", "urgent")).GetProperty("is_paused").GetBoolean().ShouldBeFalse();
        (await _sluice.RunAsync("work-queue", "inspect", "urgent")).Succeeded().Output.ShouldContain("default-agent-pool");

        (await _sluice.RunAsync("work-queue", "inspect", "urgnet")).FailedWith(1).ShouldContain("has no queue 'urgnet'. Did you mean 'urgent'?");
        (await _sluice.RunAsync("work-queue", "ls", "--pool", "etl")).FailedWith(1).ShouldContain("there is no work pool 'etl'");
        (await _sluice.RunAsync("work-queue", "delete", "urgent")).Succeeded();
        (await _sluice.RunAsync("work-queue", "delete", "urgent")).FailedWith(1).ShouldContain("has no queue 'urgent'");
    }

    /// <summary>On the embedded API (0), and on servers that answer as Prefect 2.10.21 and 3.8.3.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_limit_is_set_changed_and_taken_away(int generation)
    {
        await using PrefectServer? server = generation switch { 2 => await Prefect2Server.StartAsync(), 3 => await Prefect3Server.StartAsync(), _ => null };
        if (server is not null)
            _sluice.With("PREFECT_API_URL", server.Url.AbsoluteUri);
        (await _sluice.RunAsync("work-pool", "create", "etl", "--limit", "4")).Succeeded();
        (await _sluice.RunAsync("work-queue", "create", "fast", "--pool", "etl", "--limit", "2", "--priority", "1")).Succeeded();

        (await _sluice.RunAsync("work-pool", "update", "etl", "--limit", "none")).Succeeded();
        (await _sluice.RunAsync("work-queue", "update", "fast", "--pool", "etl", "-l", "none", "--description", "at once")).Succeeded();
        (await LimitsAsync()).ShouldBe(("none", "none"));
        (await _sluice.RunAsync("work-queue", "ls", "--pool", "etl", "--output", "json")).Succeeded().Json.EnumerateArray().First().Text("description").ShouldBe("at once");

        (await _sluice.RunAsync("work-pool", "update", "etl", "--limit", "0")).Succeeded();
        (await _sluice.RunAsync("work-queue", "update", "fast", "--pool", "etl", "--limit", "1")).Succeeded();
        (await LimitsAsync()).ShouldBe(("0", "1"));

        (await _sluice.RunAsync("work-pool", "clear-concurrency-limit", "etl")).Succeeded().Output.ShouldBe("Work pool 'etl' has no limit any more (it was 0).\n");
        (await _sluice.RunAsync("work-pool", "clear-concurrency-limit", "etl")).Succeeded().Output.ShouldBe("Work pool 'etl' has no limit already.\n");
        (await _sluice.RunAsync("work-queue", "clear-concurrency-limit", "fast", "--pool", "etl")).Succeeded().Output.ShouldBe("Queue 'fast' of pool 'etl' has no limit any more (it was 1).\n");
        (await _sluice.RunAsync("work-queue", "clear-concurrency-limit", "fast", "--pool", "etl")).Succeeded().Output.ShouldBe("Queue 'fast' of pool 'etl' has no limit already.\n");
        (await LimitsAsync()).ShouldBe(("none", "none"));

        foreach (string bad in new[] { "None", "four", "-1", "1.5", "99999999999", "" })
            (await _sluice.RunAsync("work-pool", "update", "etl", $"--limit={bad}")).FailedWith(2).ShouldContain("--limit");
        (await _sluice.RunAsync("work-queue", "update", "fast", "--pool", "etl", "--limit", "four")).FailedWith(2).ShouldContain("--limit is 'four'; it takes a number from 0, or none for no limit");
        (await _sluice.RunAsync("work-queue", "clear-concurrency-limit", "fats", "--pool", "etl")).FailedWith(1).ShouldContain("Did you mean 'fast'?");

        async Task<(string Pool, string Queue)> LimitsAsync() => (Of(await InspectAsync("work-pool", "etl")), Of((await _sluice.RunAsync("work-queue", "inspect", "fast", "--pool", "etl", "--output", "json")).Succeeded().Json));
        static string Of(JsonElement json) => json.TryGetProperty("concurrency_limit", out JsonElement limit) && limit.ValueKind == JsonValueKind.Number ? limit.GetRawText() : "none";
    }

    [Fact]
    public async Task A_damaged_database_is_named_in_one_line()
    {
        Directory.CreateDirectory(_sluice.Home.Root);
        await File.WriteAllTextAsync(_sluice.Home.Database, string.Concat(Enumerable.Repeat("this is no database\n", 500)));

        foreach (string[] verb in new string[][] { ["deployment", "ls"], ["flow-run", "ls", "--output", "json"], ["server", "start", "--port", "0"], ["worker", "start"] })
            (await _sluice.RunAsync(verb)).FailedWith(1).ShouldContain(_sluice.Home.Database);
    }

    [Fact]
    public async Task A_home_that_is_a_file_is_named_in_one_line()
    {
        string file = _sluice.Folder.Write("file", "");
        (await _sluice.With("SLUICE_HOME", file).RunAsync("deployment", "ls")).FailedWith(1).ShouldContain(file);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_in_one_line() =>
        (await _sluice.RunAsync("deployment", "ls", "--api-url", "http://127.0.0.1:9/api")).FailedWith(1).ShouldContain("http://127.0.0.1:9/api");

    private async Task<JsonElement> InspectAsync(string noun, string name) => (await _sluice.RunAsync(noun, "inspect", name, "--output", "json")).Succeeded().Json;
}
