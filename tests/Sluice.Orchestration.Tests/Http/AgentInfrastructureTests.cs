using System.Text.Json;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>The infrastructure blocks by which agents of Prefect 2.10 start a deployment's runs, as in a recorded conversation (<c>rest-apply-agent-deployment</c>).</summary>
public sealed class AgentInfrastructureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "process", "sluice flow-run execute", """["sluice","flow-run","execute"]""")]
    [InlineData("process", "process", "'/opt/my flows/Weather' daily", """["/opt/my flows/Weather","daily"]""")]
    [InlineData("docker", "docker-container", "prefect flow-run execute", """["prefect","flow-run","execute"]""")]
    [InlineData("kubernetes", "kubernetes-job", "prefect flow-run execute", """["prefect","flow-run","execute"]""")]
    public async Task A_deployment_for_an_agent_gets_an_anonymous_block_once(string? infrastructure, string kind, string command, string words)
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        Guid type = await AddTypeAsync(server, kind);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        server.Forget();

        DeploymentApplied applied = await ApplyAsync(api, infrastructure, command);

        SentRequest made = server.Requests.Single(request => request is { Method: "POST", Path: "/block_documents/" });
        using JsonDocument block = JsonDocument.Parse(made.Body);
        block.RootElement.GetProperty("is_anonymous").GetBoolean().ShouldBeTrue();
        block.RootElement.GetProperty("block_type_id").GetGuid().ShouldBe(type);
        JsonElement data = block.RootElement.GetProperty("data");
        data.GetProperty("type").GetString().ShouldBe(kind);
        data.GetProperty("command").GetRawText().ShouldBe(words);
        data.TryGetProperty("image", out _).ShouldBe(kind != "process");
        using JsonDocument sent = JsonDocument.Parse(server.Requests.Single(request => request is { Method: "POST", Path: "/deployments/" }).Body);
        sent.RootElement.GetProperty("infrastructure_document_id").ValueKind.ShouldBe(JsonValueKind.String);
        sent.RootElement.GetProperty("infra_overrides").GetProperty("command").GetRawText().ShouldBe(words, "overrides are laid over the block as they are");
        Deployment read = (await api.ReadDeploymentAsync(applied.Id, Cancel)).ShouldNotBeNull();
        read.JobVariables["command"].GetString().ShouldBe(command, "everybody else reads a text");

        server.Forget();
        await ApplyAsync(api, infrastructure, command);
        server.Writes.ShouldNotContain(request => request.Path == "/block_documents/");
    }

    [Theory]
    [InlineData("docker", "docker-container")]
    [InlineData("kubernetes", "kubernetes-job")]
    public async Task A_new_image_or_command_goes_into_the_overrides_and_leaves_no_block_behind(string infrastructure, string kind)
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await AddTypeAsync(server, kind);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await ApplyAsync(api, infrastructure, "prefect flow-run execute");
        server.Forget();

        await ApplyAsync(api, infrastructure, "dotnet /app/Weather.dll", image: "registry.example/team/greet:2");

        server.Writes.ShouldNotContain(request => request.Path == "/block_documents/");
        using JsonDocument sent = JsonDocument.Parse(server.Writes.Single(request => request is { Method: "PATCH" }).Body);
        sent.RootElement.GetProperty("infra_overrides").GetProperty("image").GetString().ShouldBe("registry.example/team/greet:2");
        sent.RootElement.GetProperty("infra_overrides").GetProperty("command").GetRawText().ShouldBe("""["dotnet","/app/Weather.dll"]""");

        server.Forget();
        await ApplyAsync(api, infrastructure, "dotnet /app/Weather.dll", image: null);
        server.Writes.Count(request => request.Path == "/block_documents/").ShouldBe(1, "nothing is laid over the old block's image");
    }

    [Theory]
    [InlineData("""printf a\ b""", """["printf","a b"]""", "printf 'a b'")]
    [InlineData("""say "it's \"so\"" ''""", """["say","it\u0027s \u0022so\u0022",""]""", """say "it's \"so\"" ''""")]
    [InlineData("""C:\\flows\\Weather.exe "a\\b" "\n" '\'""", """["C:\\flows\\Weather.exe","a\\b","\\n","\\"]""", """'C:\flows\Weather.exe' 'a\b' '\n' '\'""")]
    [InlineData("a'b c'd\te", """["ab cd","e"]""", "'ab cd' e")]
    public async Task A_command_is_split_as_Prefects_own_worker_splits_it_and_read_back_as_the_same_words(string command, string words, string read)
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await AddTypeAsync(server, "process");
        await using HttpOrchestrationApi api = new(server.Endpoint);

        DeploymentApplied applied = await ApplyAsync(api, "process", command);

        Words().ShouldBe(words);
        string text = (await api.ReadDeploymentAsync(applied.Id, Cancel))!.JobVariables["command"].GetString()!;
        text.ShouldBe(read);
        await ApplyAsync(api, "process", text);
        Words().ShouldBe(words);

        string Words()
        {
            using JsonDocument sent = JsonDocument.Parse(server.Writes.Last(request => request.Path.StartsWith("/deployments/", StringComparison.Ordinal)).Body);
            return JsonSerializer.Serialize(sent.RootElement.GetProperty("infra_overrides").GetProperty("command"));
        }
    }

    [Theory]
    [InlineData("say 'hello", "the quotation that begins at character 5 is not closed")]
    [InlineData("say hello\\", "nothing follows its last backslash")]
    public async Task A_command_that_is_none_is_refused(string command, string says)
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await AddTypeAsync(server, "process");
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(() => ApplyAsync(api, "process", command));

        refused.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        refused.Message.ShouldContain(says);
        server.Writes.ShouldNotContain(request => request.Path == "/deployments/" || request.Path == "/block_documents/");
    }

    [Fact]
    public async Task A_named_block_is_taken_and_one_that_is_missing_is_said()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        Guid type = await AddTypeAsync(server, "docker-container");
        BlockSchema schema = (await server.Store.ListBlockSchemasAsync(new() { BlockSchemas = new() { BlockTypeId = new() { Any = [type] } } }, Cancel))[0];
        BlockDocument block = await server.Store.CreateBlockDocumentAsync(new() { Name = "prod", BlockTypeId = type, BlockSchemaId = schema.Id, Data = new Dictionary<string, JsonElement>() }, Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        server.Forget();

        await ApplyAsync(api, "docker-container/prod", "prefect flow-run execute");

        using JsonDocument sent = JsonDocument.Parse(server.Requests.Single(request => request is { Method: "POST", Path: "/deployments/" }).Body);
        sent.RootElement.GetProperty("infrastructure_document_id").GetGuid().ShouldBe(block.Id);
        OrchestrationException missing = await Should.ThrowAsync<OrchestrationException>(() => ApplyAsync(api, "docker-container/test", "prefect flow-run execute"));
        missing.Message.ShouldBe("Greet/daily: there is no block 'docker-container/test', which its Infrastructure names: create it on the server, or correct the name.");
    }

    [Fact]
    public async Task In_a_workers_pool_and_on_Prefect_3_no_block_is_made()
    {
        await using Prefect2Server old = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await AddTypeAsync(old, "process");
        await old.Store.CreateWorkPoolAsync(new() { Name = "pool", Type = "process" }, Cancel);
        await using HttpOrchestrationApi api2 = new(old.Endpoint);
        await ApplyAsync(api2, "process", "sluice flow-run execute", "pool");
        old.Writes.ShouldNotContain(request => request.Path == "/block_documents/");
        old.Writes.Single(request => request.Path == "/deployments/").Body.ShouldContain("\"command\":\"sluice flow-run execute\"");

        await using Prefect3Server server = await Prefect3Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api3 = new(server.Endpoint);
        await ApplyAsync(api3, "process", "sluice flow-run execute");
        server.Writes.ShouldNotContain(request => request.Path == "/block_documents/" || request.Body.Contains("infrastructure", StringComparison.Ordinal));
    }

    private static async Task<DeploymentApplied> ApplyAsync(HttpOrchestrationApi api, string? infrastructure, string command, string? pool = null, string? image = "registry.example/team/greet:1") =>
        (await api.ApplyAsync(new()
        {
            Deployments =
            [
                new()
                {
                    FlowName = "Greet",
                    Infrastructure = infrastructure,
                    Deployment = new()
                    {
                        Name = "daily",
                        FlowId = default,
                        WorkPoolName = pool,
                        WorkQueueName = pool is null ? "default" : null,
                        JobVariables = new Dictionary<string, object?> { ["command"] = command, ["image"] = image, ["env"] = new { A = "1" } }
                            .Where(variable => variable.Value is not null).ToDictionary(variable => variable.Key, variable => JsonSerializer.SerializeToElement(variable.Value)),
                    },
                },
            ],
        }, Cancel))[0];

    /// <summary>What a server of Prefect 2.10 has of itself.</summary>
    private static async Task<Guid> AddTypeAsync(PrefectServer server, string slug)
    {
        BlockType type = await server.Store.FindBlockTypeAsync(slug, Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = slug, Slug = slug }, Cancel);
        await server.Store.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Version = "2.10.21", Capabilities = ["run-infrastructure"], Fields = JsonElement.Parse("""{"title":"Infrastructure","type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}}}""") }, Cancel);
        return type.Id;
    }
}
