using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Files;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Files;

/// <summary>Files of Prefect 2's own <c>deployment build</c> for Python flows.</summary>
public sealed class PrefectFileTests : IDisposable
{
    /// <summary>The file that 2.10.21's command line applied in the recorded conversation <c>cli-deployment-apply</c>, in the layout in which it writes files.</summary>
    private const string File210 = """
        ###
        ### A complete description of a Prefect Deployment for flow 'empty'
        ###
        name: bld
        description: "An empty flow.\n\nArgs:\n    name: a name\n    n: a number"
        version: 48eba8aa0be546adee9e73402fe5f66b
        # The work queue that will handle this deployment's runs
        work_queue_name: default
        work_pool_name: p
        tags:
        - tag1
        parameters:
          n: 2
        schedule:
          cron: 0 6 * * *
          timezone: null
          day_or: true
        is_schedule_active: null
        infra_overrides:
          env.X: '1'
        infrastructure:
          type: process
          env: {}
          labels: {}
          name: null
          command: null
          stream_output: true
          working_dir: null
          block_type_slug: process
          _block_type_slug: process

        ###
        ### DO NOT EDIT BELOW THIS LINE
        ###
        flow_name: empty
        manifest_path: null
        storage: null
        path: /srv/demo
        entrypoint: flow.py:empty
        parameter_openapi_schema:
          title: Parameters
          type: object
          properties:
            name:
              title: name
              description: a name
              default: x
              position: 0
              type: string
            n:
              title: n
              description: a number
              default: 1
              position: 1
              type: integer
          required: null
          definitions: null
        timestamp: '2026-11-22T02:56:07.257146+00:00'
        triggers: []

        """;

    /// <summary>Ids are the server's, and of blocks for workers see below.</summary>
    private static readonly string[] s_ids = ["flow_id", "storage_document_id", "infrastructure_document_id", "infra_overrides"];

    private readonly FileBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_file_of_Prefect_2_is_sent_field_by_field_as_its_own_command_line_sends_it()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        server.Forget();

        DeployResult result = await ApplyAsync(File210, server);

        result.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        JsonObject sent = JsonNode.Parse(server.Requests.Single(request => request is { Method: "POST", Path: "/deployments/" }).Body)!.AsObject();
        JsonNode recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "data", "conversations2", "cli-deployment-apply.json")))!.AsArray()
            .Single(exchange => (string?)exchange!["method"] == "POST" && (string?)exchange["path"] == "/api/deployments/")!["request"]!;
        foreach ((string field, JsonNode? value) in recorded.AsObject().Where(pair => !s_ids.Contains(pair.Key)))
        {
            JsonNode? ours = sent[field];
            // A null that 2.10 fills in itself need not be sent.
            if (field == "schedule" && ours is JsonObject schedule && !schedule.ContainsKey("timezone"))
                schedule["timezone"] = null;
            JsonNode.DeepEquals(ours, value).ShouldBeTrue($"{field}: {ours?.ToJsonString()} in place of {value?.ToJsonString()}");
        }
        // Workers go by their pool: the anonymous block that 2.10's command line makes for every pool is read by nobody there, and is not made.
        server.Requests.ShouldNotContain(request => request.Method == "POST" && request.Path == "/block_documents/");
        // The dotted name as the member that it means, since 2.10's workers read no dots; besides it our own variables.
        sent["infra_overrides"]!.AsObject().Select(pair => pair.Key).ShouldBe(["env"]);
        sent["infra_overrides"]!["env"]!.AsObject().Where(pair => !pair.Key.StartsWith("SLUICE_", StringComparison.Ordinal)).Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["X=1"]);
        sent.ContainsKey("is_schedule_active").ShouldBeFalse("null keeps what people set");

        server.Forget();
        (await ApplyAsync(File210, server)).Outcome!.Deployments.ShouldHaveSingleItem().Outcome.ShouldBe("unchanged");
        server.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task On_Sluices_server_Prefects_workers_find_all_that_they_run_a_Python_flow_by()
    {
        string file = _bench.Temp.Write("empty-deployment.yaml", File210.Replace("work_pool_name: p", "work_pool_name: null", StringComparison.Ordinal)
            .Replace("storage: null\npath: /srv/demo", "storage:\n  _block_document_id: 1c0f2f4e-4c4f-4d4e-9a52-7c6a3a5d7b11\n  _block_document_name: prod\n  _is_anonymous: false\n  block_type_slug: s3\n  _block_type_slug: s3\n  bucket_path: bucket\npath: flows", StringComparison.Ordinal));
        await _bench.AppliedAsync(file);

        Deployment live = (await _bench.LiveAsync("bld", "empty"))!;
        (live.Path, live.Entrypoint, live.WorkPoolName, live.WorkQueueName).ShouldBe(("flows", "flow.py:empty", "default-agent-pool", "default"));
        live.JobVariables.Keys.ShouldBe(["env"], "no command of ours: Prefect's worker starts Python by its own");
        live.JobVariables["env"].GetProperty("X").GetString().ShouldBe("1");
        live.JobVariables["env"].TryGetProperty("SLUICE_PACKAGE", out _).ShouldBeFalse();
        live.PullSteps!.Value.GetRawText().ShouldContain("pull_with_block");
        live.PullSteps!.Value[0].GetProperty("prefect.deployments.steps.pull_with_block").GetProperty("block_document_name").GetString().ShouldBe("prod");
        live.PullSteps!.Value[1].GetProperty("prefect.deployments.steps.set_working_directory").GetProperty("directory").GetString().ShouldBe("{{ pull.directory }}/flows");
        live.Schedules.ShouldHaveSingleItem().Schedule.Cron.ShouldBe("0 6 * * *");
        (await _bench.AppliedAsync(file)).Deployments[0].Outcome.ShouldBe("unchanged");
    }

    [Theory]
    [InlineData("schedule:\n  interval: 900.0\n  anchor_date: '2026-01-01T00:05:00+01:00'\n  timezone: Europe/Paris\n", null, 900.0, null, "Europe/Paris")]
    [InlineData("schedule:\n  rrule: FREQ=DAILY;BYHOUR=9\n  timezone: UTC\n", null, null, "FREQ=DAILY;BYHOUR=9", "UTC")]
    [InlineData("schedule: null\n", null, null, null, null)]
    public async Task Every_kind_of_schedule_that_Prefect_writes_is_read(string schedule, string? cron, double? interval, string? rule, string? zone)
    {
        await _bench.AppliedAsync(_bench.Temp.Write("f.yaml", File210.Replace("work_pool_name: p", "work_pool_name: null", StringComparison.Ordinal)
            .Replace("schedule:\n  cron: 0 6 * * *\n  timezone: null\n  day_or: true\n", schedule, StringComparison.Ordinal)));
        Schedule? live = (await _bench.LiveAsync("bld", "empty"))!.Schedules.SingleOrDefault()?.Schedule;
        (live?.Cron, live?.Interval, live?.Rrule?.Split('\n')[^1], live?.Timezone).ShouldBe((cron, interval, rule, zone));
    }

    [Fact]
    public async Task Another_storage_block_alone_is_a_change_on_Prefect_2()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        BlockType type = await server.Store.FindBlockTypeAsync("s3", Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = "s3", Slug = "s3" }, Cancel);
        BlockSchema schema = await server.Store.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = JsonElement.Parse("""{"title": "S3", "type": "object", "properties": {}, "block_type_slug": "s3"}""") }, Cancel);
        Guid[] blocks = [.. await Task.WhenAll(((string[])["dev", "prod"]).Select(async name =>
            (await server.Store.CreateBlockDocumentAsync(new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = new Dictionary<string, JsonElement>() }, Cancel)).Id))];

        (await ApplyAsync(Stored("dev"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("created");
        (await ApplyAsync(Stored("dev"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");
        server.Forget();
        DeployResult moved = await ApplyAsync(Stored("prod"), server);

        moved.Outcome!.Deployments[0].Outcome.ShouldBe("updated");
        _bench.Output.ShouldContain("storage");
        moved.Outcome.Deployments[0].Fields.Where(field => field.Path == "storage").Select(field => (field.Live!.Value.GetString(), field.Code!.Value.GetString())).ShouldBe([("s3/dev", "s3/prod")]);
        server.Writes.ShouldContain(request => request.Body.Contains(blocks[1].ToString(), StringComparison.Ordinal));
        (await ApplyAsync(Stored("prod"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");

        // A file that says that there is none takes it away; one that says nothing of it does not.
        string silent = File210.Replace("storage: null\n", "", StringComparison.Ordinal);
        (await ApplyAsync(silent, server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");
        DeployResult none = await ApplyAsync(File210, server);
        none.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        none.Outcome!.Deployments[0].Outcome.ShouldBe("updated");
        (await api.FindDeploymentAsync("empty", "bld", Cancel))!.StorageBlockId.ShouldBeNull();
        (await ApplyAsync(File210, server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");

        DeployResult missing = await ApplyAsync(Stored("nowhere"), server);
        missing.Outcome.ShouldBeNull();
        missing.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("there is no block 's3/nowhere'");

        static string Stored(string name) => File210.Replace("storage: null", $"storage:\n  _block_document_name: {name}\n  _is_anonymous: false\n  _block_type_slug: s3\n  bucket_path: bucket", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sluice")]
    [InlineData("Prefect 2")]
    [InlineData("Prefect 3")]
    public async Task A_version_that_is_null_is_cleared_and_one_that_is_not_said_stays(string kind)
    {
        await using PrefectServer? server = kind == "Prefect 2" ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : kind == "Prefect 3" ? await Prefect3Server.StartAsync(cancellationToken: Cancel) : null;
        const string Said = "version: 48eba8aa0be546adee9e73402fe5f66b\n";
        string text = File210.ReplaceLineEndings("\n").Replace("work_pool_name: p", "work_pool_name: null", StringComparison.Ordinal);
        (await RunAsync(text)).Version.ShouldBe("48eba8aa0be546adee9e73402fe5f66b");

        DeployedDeployment silent = await RunAsync(text.Replace(Said, "", StringComparison.Ordinal));
        (silent.Outcome, silent.Version).ShouldBe(("unchanged", "48eba8aa0be546adee9e73402fe5f66b"));

        string none = text.Replace(Said, "version: null\n", StringComparison.Ordinal);
        DeployedDeployment plan = await RunAsync(none, planOnly: true);
        plan.Fields.Select(field => $"{field.Path}: {field.Live} -> {field.Code}").ShouldBe(["version: 48eba8aa0be546adee9e73402fe5f66b -> "]);
        DeployedDeployment cleared = await RunAsync(none);
        (cleared.Outcome, cleared.Version).ShouldBe(("updated", null));
        (await LiveAsync()).Version.ShouldBeNull();
        (await RunAsync(none)).Outcome.ShouldBe("unchanged");
        (await RunAsync(text)).Outcome.ShouldBe("updated");
        (await LiveAsync()).Version.ShouldBe("48eba8aa0be546adee9e73402fe5f66b");

        async Task<DeployedDeployment> RunAsync(string file, bool planOnly = false)
        {
            DeployResult result = await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "", PlanOnly = planOnly }, [_bench.Temp.Write("empty-deployment.yaml", file)], server: server is null ? null : new Uri(server.Endpoint.Url));
            result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
            return result.Outcome!.Deployments[0];
        }

        async Task<Deployment> LiveAsync()
        {
            if (server is null)
                return (await _bench.LiveAsync("bld", "empty"))!;
            await using HttpOrchestrationApi api = new(server.Endpoint);
            return (await api.FindDeploymentAsync("empty", "bld", Cancel))!;
        }
    }

    [Fact]
    public async Task A_changed_field_of_the_infrastructure_is_planned_and_given_to_the_agents()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await AddTypeAsync(server, "process");
        string first = Agents("  env:\n    A: one\n  stream_output: true\n  working_dir: null\n  note: '${CANARY}'\n");
        (await ApplyAsync(first, server)).Outcome!.Deployments[0].Outcome.ShouldBe("created");
        (await ApplyAsync(first, server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");

        string second = Agents("  env:\n    A: two\n  stream_output: false\n  working_dir: /srv/new\n  note: '**********'\n");
        server.Forget();
        DeployedDeployment plan = (await PlanAsync(second, server)).Outcome!.Deployments[0];
        plan.Outcome.ShouldBe("updated");
        plan.Fields.Select(field => $"{field.Path}: {field.Live} -> {field.Code}").ShouldBe(
            ["job_variables.env.A: one -> two", "infrastructure.stream_output: True -> False", "infrastructure.working_dir:  -> /srv/new"]);
        server.Writes.ShouldBeEmpty();

        DeployResult applied = await ApplyAsync(second, server);
        applied.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        _bench.Output.ShouldContain("infrastructure.working_dir");
        BlockDocument block = await BlockAsync();
        (block.IsAnonymous, block.Data["working_dir"].GetString(), block.Data["stream_output"].GetBoolean(), block.Data["note"].GetString()).ShouldBe((true, "/srv/new", false, "${CANARY}"));
        (await api.FindDeploymentAsync("empty", "bld", Cancel))!.JobVariables["env"].GetProperty("A").GetString().ShouldBe("two", "agents put the overrides' variables in place of the block's");

        server.Forget();
        (await PlanAsync(second, server)).Outcome!.Deployments[0].Fields.ShouldBeEmpty();
        (await ApplyAsync(second, server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");
        // What the file does not say is anybody's.
        (await ApplyAsync(Agents("  env:\n    A: two\n"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");
        server.Writes.ShouldBeEmpty();
        (await BlockAsync()).Id.ShouldBe(block.Id);

        async Task<BlockDocument> BlockAsync() => (await server.Store.ReadBlockDocumentAsync((await api.FindDeploymentAsync("empty", "bld", Cancel))!.InfrastructureBlockId!.Value, includeSecrets: true, Cancel))!;
    }

    [Fact]
    public async Task Another_image_or_kind_of_infrastructure_is_a_change_and_a_block_that_somebody_chose_stays()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        BlockSchema process = await AddTypeAsync(server, "process");
        await AddTypeAsync(server, "docker-container");
        string docker = Agents("  image: registry.example/a:1\n  env: {}\n").Replace("process", "docker-container", StringComparison.Ordinal);
        (await ApplyAsync(docker, server)).Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();

        docker = docker.Replace("a:1", "a:2", StringComparison.Ordinal);
        DeployedDeployment image = (await ApplyAsync(docker, server)).Outcome!.Deployments[0];
        image.Fields.Select(field => $"{field.Path}: {field.Live} -> {field.Code}").ShouldBe(["infrastructure.image: registry.example/a:1 -> registry.example/a:2"]);
        (await ApplyAsync(docker, server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");

        DeployedDeployment kind = (await ApplyAsync(Agents("  env: {}\n"), server)).Outcome!.Deployments[0];
        kind.Fields.Select(field => $"{field.Path}: {field.Live} -> {field.Code}").ShouldBe(["infrastructure.type: docker-container -> process"]);
        (await ApplyAsync(Agents("  env: {}\n"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");

        Guid chosen = (await server.Store.CreateBlockDocumentAsync(new() { Name = "mine", BlockTypeId = process.BlockTypeId!.Value, BlockSchemaId = process.Id, Data = new Dictionary<string, JsonElement>() }, Cancel)).Id;
        using HttpClient http = new();
        Deployment live = (await api.FindDeploymentAsync("empty", "bld", Cancel))!;
        (await http.PatchAsync(new Uri($"{server.Endpoint.Url.TrimEnd('/')}/deployments/{live.Id}"), new StringContent($$"""{"infrastructure_document_id": "{{chosen}}"}""", System.Text.Encoding.UTF8, "application/json"), Cancel)).EnsureSuccessStatusCode();
        (await ApplyAsync(Agents("  env: {}\n  working_dir: /elsewhere\n"), server)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged");
        (await api.FindDeploymentAsync("empty", "bld", Cancel))!.InfrastructureBlockId.ShouldBe(chosen);
    }

    /// <summary>The block is merged as every field: what the file said last, what it says, what the server has.</summary>
    [Fact]
    public async Task A_storage_block_that_somebody_set_stays_until_the_file_changes_and_then_it_is_a_conflict()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        using var http = new HttpClient();
        await api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        BlockType type = await server.Store.FindBlockTypeAsync("s3", Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = "s3", Slug = "s3" }, Cancel);
        BlockSchema schema = await server.Store.EnsureBlockSchemaAsync(new() { BlockTypeId = type.Id, Fields = JsonElement.Parse("""{"title": "S3", "type": "object", "properties": {}, "block_type_slug": "s3"}""") }, Cancel);
        Dictionary<string, Guid> blocks = [];
        foreach (string name in (string[])["dev", "prod"])
            blocks[name] = (await server.Store.CreateBlockDocumentAsync(new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = new Dictionary<string, JsonElement>() }, Cancel)).Id;

        await StepAsync(File210, null, "created", null);
        await SetAsync("dev");
        await StepAsync(File210, null, "unchanged", "dev", FieldClass.Drift);
        await StepAsync(File210.Replace("- tag1", "- tag1\n- tag2", StringComparison.Ordinal), null, "updated", "dev", FieldClass.Drift);

        DeployResult stopped = await ApplyAsync(Stored("prod"), server);
        stopped.Outcome.ShouldBeNull();
        DeployError conflict = stopped.Diagnostics.ShouldHaveSingleItem();
        conflict.Code.ShouldBe("SLC1090");
        conflict.Message.ShouldContain("storage was nothing, the file says \"s3/prod\", the server has \"s3/dev\"");
        await StepAsync(Stored("prod"), "keep", "updated", "dev", FieldClass.Conflict);
        await StepAsync(Stored("prod"), "code", "unchanged", "dev", FieldClass.Drift);

        // Both the same: only what the file said is remembered, so that the next change by a person is one again.
        await StepAsync(Stored("dev"), null, "updated", "dev", FieldClass.Agreed);
        await SetAsync("prod");
        await StepAsync(Stored("dev"), null, "unchanged", "prod", FieldClass.Drift);
        await StepAsync(File210, "code", "updated", null, FieldClass.Conflict);
        await StepAsync(Stored("prod"), null, "updated", "prod", FieldClass.CodeChanged);

        DeployResult back = await _bench.RollBackAsync("empty/bld", new Uri(server.Endpoint.Url));
        back.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        (await api.FindDeploymentAsync("empty", "bld", Cancel))!.StorageBlockId.ShouldBeNull("the version before said that there is none");
        await StepAsync(Stored("prod"), null, "updated", "prod", FieldClass.CodeChanged);

        async Task SetAsync(string block)
        {
            Guid id = (await api.FindDeploymentAsync("empty", "bld", Cancel))!.Id;
            using HttpResponseMessage answer = await http.PatchAsync($"{server.Endpoint.Url.TrimEnd('/')}/deployments/{id}", new StringContent($$"""{"storage_document_id": "{{blocks[block]}}"}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
            answer.EnsureSuccessStatusCode();
        }

        async Task StepAsync(string text, string? conflicts, string outcome, string? block, FieldClass? kind = null)
        {
            DeployResult result = await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "", Conflicts = conflicts }, [_bench.Temp.Write("empty-deployment.yaml", text)], server: new Uri(server.Endpoint.Url));
            result.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
            DeployedDeployment one = result.Outcome!.Deployments[0];
            (one.Outcome, one.Fields.FirstOrDefault(field => field.Path == "storage")?.Class).ShouldBe((outcome, kind));
            (await api.FindDeploymentAsync("empty", "bld", Cancel))!.StorageBlockId.ShouldBe(block is null ? null : blocks[block]);
        }

        static string Stored(string name) => File210.Replace("storage: null", $"storage:\n  _block_document_name: {name}\n  _is_anonymous: false\n  _block_type_slug: s3\n  bucket_path: bucket", StringComparison.Ordinal);
    }

    /// <summary>The shapes in which Python's YAML writes values and the fields of 2.10's blocks, by its public source.</summary>
    [Theory]
    [InlineData("work_pool_name: p", "work_pool_name: null\nx: 1", "SLC1112")]
    [InlineData("  n: 2\n", "  n: 1e3\n", "SLC1113")]
    [InlineData("  n: 2\n", "  n: &id001 2\n", "SLC1111")]
    [InlineData("is_schedule_active: null", "is_schedule_active: true")]
    [InlineData("is_schedule_active: null", "is_schedule_active: false")]
    [InlineData("work_queue_name: default", "work_queue_name: null")]
    [InlineData("tags:\n- tag1", "tags: []")]
    [InlineData("parameters:\n  n: 2\n", "parameters: {}\n")]
    [InlineData("parameters:\n  n: 2\n", "parameters:\n  name: \"A text that is so long that the dumper wraps it at eighty columns, as\\\n    \\ here: \\xE9 \\u2603 \\U0001F600\\n\"\n")]
    [InlineData("parameters:\n  n: 2\n", "parameters:\n  name: 'two lines\n\n    and: it''s here'\n")]
    [InlineData("parameters:\n  n: 2\n", "parameters:\n  name: a text that is so long that the dumper wraps it at eighty columns and goes\n    on in the next line\n")]
    [InlineData("  env.X: '1'\n", "  env:\n    X: '1'\n    'yes': 'no'\n  labels: {}\n  volumes:\n  - /a:/b\n  - - 1\n    - 2\n")]
    [InlineData("  cron: 0 6 * * *\n  timezone: null\n  day_or: true\n", "  interval: 3600.0\n  anchor_date: '2020-01-01T00:00:00+00:00'\n  timezone: UTC\n")]
    [InlineData("  cron: 0 6 * * *\n  timezone: null\n  day_or: true\n", "  rrule: 'DTSTART:20230601T090000\n\n    RRULE:FREQ=DAILY'\n  timezone: Europe/Berlin\n")]
    [InlineData("  type: process\n  env: {}\n  labels: {}\n  name: null\n  command: null\n  stream_output: true\n  working_dir: null\n  block_type_slug: process\n  _block_type_slug: process\n",
        "  type: docker-container\n  env: {}\n  labels: {}\n  name: null\n  command:\n  - python\n  - -m\n  - prefect.engine\n  image: prefecthq/prefect:2.10.21-python3.10\n  image_pull_policy: null\n  image_registry: null\n  networks: []\n  network_mode: null\n  auto_remove: false\n  volumes: []\n  stream_output: true\n  memswap_limit: null\n  mem_limit: null\n  privileged: false\n  block_type_slug: docker-container\n  _block_type_slug: docker-container\n")]
    [InlineData("  type: process\n  env: {}\n  labels: {}\n  name: null\n  command: null\n  stream_output: true\n  working_dir: null\n  block_type_slug: process\n  _block_type_slug: process\n",
        "  type: kubernetes-job\n  env: {}\n  labels: {}\n  name: null\n  command: null\n  image: null\n  namespace: default\n  service_account_name: null\n  image_pull_policy: IfNotPresent\n  cluster_config: null\n  job:\n    apiVersion: batch/v1\n    kind: Job\n    metadata:\n      labels: {}\n    spec:\n      template:\n        spec:\n          parallelism: 1\n          completions: 1\n          restartPolicy: Never\n          containers:\n          - name: prefect-job\n            env: []\n  customizations:\n  - op: add\n    path: /spec/x\n    value: 1\n  job_watch_timeout_seconds: null\n  pod_watch_timeout_seconds: 60\n  stream_output: true\n  finished_job_ttl: null\n  block_type_slug: kubernetes-job\n  _block_type_slug: kubernetes-job\n")]
    [InlineData("storage: null", "storage:\n  _block_document_id: 1c0f2f4e-4c4f-4d4e-9a52-7c6a3a5d7b11\n  _block_document_name: dev\n  _is_anonymous: false\n  basepath: s3://bucket/x\n  settings:\n    key: '**********'\n  block_type_slug: remote-file-system\n  _block_type_slug: remote-file-system")]
    [InlineData("manifest_path: null", "manifest_path: flow-manifest.json")]
    public void What_Prefect_2_writes_is_read_or_refused_with_its_place(string from, string to, string? code = null)
    {
        string text = File210.ReplaceLineEndings("\n");
        text.ShouldContain(from);
        (DeploymentFile? file, IReadOnlyList<FileFault> faults) = DeploymentFileReader.Read("f.yaml", text.Replace(from, to, StringComparison.Ordinal));
        faults.Select(fault => fault.Code).ShouldBe(code is null ? [] : [code], string.Join('\n', faults));
        faults.ShouldAllBe(fault => fault.Line > 1 && fault.Column > 0);
        (file is null).ShouldBe(code is not null);
    }

    /// <summary>Python's YAML writes such texts without quotes: to it a number with an exponent has a point and a sign.</summary>
    [Theory]
    [InlineData("1e3", true)]
    [InlineData("-12E+5", true)]
    [InlineData("1.5e3", true)]
    [InlineData("1.5e+3", false)]
    [InlineData("12:30", false)]
    public void A_text_that_YAML_1_2_takes_for_a_number_with_an_exponent_is_read_as_a_text_where_only_a_text_fits(string scalar, bool isText)
    {
        string text = File210.ReplaceLineEndings("\n").Replace("  n: 2\n", $"  name: {scalar}\n", StringComparison.Ordinal)
            .Replace("  env.X: '1'\n", $"  env.X: {scalar}\n  env:\n    Y: {scalar}\n", StringComparison.Ordinal).Replace("  env: {}\n", $"  env:\n    Z: {scalar}\n", StringComparison.Ordinal);
        (DeploymentFile? file, IReadOnlyList<FileFault> faults) = DeploymentFileReader.Read("f.yaml", text);
        if (!isText)
        {
            faults.ShouldNotBeEmpty();
            return;
        }
        faults.ShouldBeEmpty();
        file!.Deployment.Parameters!["name"].GetString().ShouldBe(scalar);
        foreach (string name in new[] { "X", "Y", "Z" })
            file.Deployment.JobVariables!["env"].GetProperty(name).GetString().ShouldBe(scalar);
    }

    [Fact]
    public void Texts_that_Pythons_YAML_wraps_are_read_whole()
    {
        (DeploymentFile? file, _) = DeploymentFileReader.Read("f.yaml", File210.ReplaceLineEndings("\n").Replace("parameters:\n  n: 2\n", "parameters:\n  name: \"wraps, as\\\n    \\ here: \\xE9 \\U0001F600\\n\"\n", StringComparison.Ordinal)
            .Replace("version: 48eba8aa0be546adee9e73402fe5f66b", "version: 'two lines\n\n  and: it''s\n  here'", StringComparison.Ordinal));
        (file!.Deployment.Parameters!["name"].GetString(), file.Deployment.Version).ShouldBe(("wraps, as here: é 😀\n", "two lines\nand: it's here"));
    }

    [Fact]
    public async Task Automations_and_storage_without_a_name_are_refused_with_their_place()
    {
        string file = _bench.Temp.Write("f.yaml", File210.Replace("triggers: []", "triggers:\n- expect: [a]", StringComparison.Ordinal).Replace("storage: null", "storage:\n  basepath: /x", StringComparison.Ordinal));
        (await _bench.ApplyAsync(file)).Diagnostics.Select(diagnostic => $"{diagnostic.Origin[(file.Length)..]} {diagnostic.Code}").ShouldBe(["(38,3) SLC1113", "(61,1) SLC1113"]);
    }

    private Task<DeployResult> ApplyAsync(string text, PrefectServer server) =>
        _bench.ApplyAsync(new() { Assembly = "", PublishDir = "" }, [_bench.Temp.Write("empty-deployment.yaml", text)], server: new Uri(server.Endpoint.Url));

    private Task<DeployResult> PlanAsync(string text, PrefectServer server) =>
        _bench.ApplyAsync(new() { Assembly = "", PublishDir = "", PlanOnly = true }, [_bench.Temp.Write("empty-deployment.yaml", text)], server: new Uri(server.Endpoint.Url));

    /// <summary>The file for an agents' pool, with an infrastructure of those fields.</summary>
    private static string Agents(string fields)
    {
        string text = File210.ReplaceLineEndings("\n").Replace("work_pool_name: p", "work_pool_name: null", StringComparison.Ordinal);
        int from = text.IndexOf("  env: {}\n", StringComparison.Ordinal), to = text.IndexOf("  block_type_slug: process", StringComparison.Ordinal);
        return text[..from] + fields + text[to..];
    }

    /// <summary>What a server of Prefect 2.10 has of itself.</summary>
    private static async Task<BlockSchema> AddTypeAsync(PrefectServer server, string slug)
    {
        BlockType type = await server.Store.FindBlockTypeAsync(slug, Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = slug, Slug = slug }, Cancel);
        return await server.Store.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Version = "2.10.21", Capabilities = ["run-infrastructure"], Fields = JsonElement.Parse($$"""{"title": "{{slug}}", "type": "object"}""") }, Cancel);
    }
}
