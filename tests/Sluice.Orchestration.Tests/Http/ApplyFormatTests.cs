using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>
/// What a publish says to a Sluice server of another version: each of the two is told which one to update, and nothing is applied. The other version is this one with
/// what would differ put into the request on its way.
/// </summary>
public sealed class ApplyFormatTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private IOrchestrationApi _store = null!;
    private ApiHost? _host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, Cancel);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The format that the program names, and what the server says.</summary>
    [Theory]
    [InlineData("3", "This server is older than the program that asks: it applies changes of format 2, and the program sent format 3. Update the server; nothing was changed.")]
    [InlineData("1", "This server is newer than the program that asks: it applies changes of format 2, and the program sent format 1. Update the program's Sluice; nothing was changed.")]
    public async Task A_program_of_another_format_is_told_which_of_the_two_to_update(string format, string says)
    {
        await using HttpOrchestrationApi program = await ProgramAsync(request => request.Headers[HttpTransport.ApplyHeader] = format);

        OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(() => program.ApplyAsync(Changes(), Cancel));

        refused.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        refused.Message.ShouldContain(says);
        await NothingIsThereAsync();
    }

    /// <summary>What a newer program sends besides, and what it says of the older server.</summary>
    [Theory]
    [InlineData("", "novelty", "does not know 'body.novelty' of what is to be applied")]
    [InlineData("deployments/0", "novelty", "does not know 'body.deployments.0.novelty' of what is to be applied")]
    [InlineData("deployments/0/deployment", "novelty", "does not know 'body.deployments.0.deployment.novelty' of what is to be applied")]
    public async Task A_program_that_says_what_the_server_does_not_know_says_that_the_server_is_older(string place, string member, string says)
    {
        await using HttpOrchestrationApi program = await ProgramAsync(async request =>
        {
            JsonNode body = (await JsonNode.ParseAsync(request.Body))!, at = body;
            foreach (string step in place.Split('/', StringSplitOptions.RemoveEmptyEntries))
                at = (at is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : at[step])!;
            at[member] = true;
            request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.ContentLength = request.Body.Length;
        });

        OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(() => program.ApplyAsync(Changes(), Cancel));

        refused.Kind.ShouldBe(OrchestrationErrorKind.Unsupported);
        refused.Message.ShouldContain($"The Sluice server at {program.Endpoint.Url} (");
        refused.Message.ShouldContain($") is older than this program and {says}: update the server. Nothing was changed.");
        await NothingIsThereAsync();
    }

    /// <summary>The first format, which named none, was the list itself.</summary>
    [Fact]
    public async Task A_list_of_deployments_comes_from_an_older_program_and_is_answered_by_an_older_server_alone()
    {
        await using HttpOrchestrationApi program = await ProgramAsync(_ => { });
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        using StringContent list = new("""[{"flow_name":"f","deployment":{"name":"d"}}]""", Encoding.UTF8, "application/json");
        HttpResponseMessage answer = await http.PostAsync($"{_host!.Url}/sluice/apply", list, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("the program sent format 1. Update the program");
        await NothingIsThereAsync();

        // What a server of the first format answers to an object, in the words of its check of bodies.
        await using ScriptedServer older = await ScriptedServer.StartAsync(
            (http, number) => http.Request.Path.Value!.EndsWith("/info", StringComparison.Ordinal)
                ? ScriptedServer.JsonAsync(http, 200, """{"product":"sluice","version":"0.1.0","location":"","change":0}""")
                : ScriptedServer.JsonAsync(http, 422, """{"exception_message":"Invalid request received.","exception_detail":[{"type":"list_type","loc":["body"],"msg":"Input should be a valid list","input":{}}],"request_body":{}}"""),
            version: null);
        await using HttpOrchestrationApi newer = new(older.Endpoint);
        OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(() => newer.ApplyAsync(Changes(), Cancel));
        refused.Message.ShouldBe($"The Sluice server at {older.Endpoint.Url} (0.1.0) is older than this program and takes lists of deployments only: update the server. Nothing was changed.");
    }

    [Fact]
    public async Task A_program_that_names_no_format_is_of_this_one()
    {
        await using HttpOrchestrationApi program = await ProgramAsync(request => request.Headers.Remove(HttpTransport.ApplyHeader));
        (await program.ApplyAsync(Changes(), Cancel)).ShouldHaveSingleItem();
    }

    private static DeploymentChanges Changes() => new() { Deployments = [new() { FlowName = "f", Deployment = new() { Name = "d", FlowId = default } }] };

    private async Task NothingIsThereAsync() => (await _store.ListDeploymentsAsync(new(), Cancel)).ShouldBeEmpty();

    private Task<HttpOrchestrationApi> ProgramAsync(Action<HttpRequest> change) => ProgramAsync(request =>
    {
        change(request);
        return Task.CompletedTask;
    });

    private async Task<HttpOrchestrationApi> ProgramAsync(Func<HttpRequest, Task> change)
    {
        _host = await ApiHost.StartAsync(
            _store,
            new()
            {
                Front = async (http, next) =>
                {
                    if (http.Request.Path.Value!.EndsWith("/sluice/apply", StringComparison.Ordinal))
                        await change(http.Request);
                    await next(http);
                },
            },
            Cancel);
        return new(new(_host.Url.AbsoluteUri));
    }
}
