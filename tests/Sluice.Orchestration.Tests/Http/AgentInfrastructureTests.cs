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

    private static async Task<DeploymentApplied> ApplyAsync(HttpOrchestrationApi api, string? infrastructure, string command, string? pool = null) =>
        (await api.ApplyDeploymentsAsync(
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
                        JobVariables = new Dictionary<string, JsonElement>
                        {
                            ["command"] = JsonSerializer.SerializeToElement(command),
                            ["image"] = JsonSerializer.SerializeToElement("registry.example/team/greet:1"),
                            ["env"] = JsonSerializer.SerializeToElement(new { A = "1" }),
                        },
                    },
                },
            ],
            Cancel))[0];

    /// <summary>What a server of Prefect 2.10 has of itself.</summary>
    private static async Task<Guid> AddTypeAsync(PrefectServer server, string slug)
    {
        BlockType type = await server.Store.FindBlockTypeAsync(slug, Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = slug, Slug = slug }, Cancel);
        await server.Store.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Version = "2.10.21", Capabilities = ["run-infrastructure"], Fields = JsonElement.Parse("""{"title":"Infrastructure","type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}}}""") }, Cancel);
        return type.Id;
    }
}
