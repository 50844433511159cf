using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>CSRF tokens as Prefect 3's servers ask for them.</summary>
public sealed class CsrfTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_token_serves_all_calls_of_a_client_and_is_fetched_again_when_it_is_void()
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync(new() { Csrf = true, AuthString = "admin:pass" }, Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await api.FindFlowAsync("none", Cancel)).ShouldBeNull();
        server.Csrf.Given.ShouldBe(0, "reading needs none");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => api.EnsureFlowAsync(new() { Name = $"a{n}" }, Cancel)));
        server.Csrf.Given.ShouldBe(1);
        server.Csrf.Expire();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => api.EnsureFlowAsync(new() { Name = $"b{n}" }, Cancel)));
        server.Csrf.Given.ShouldBe(2);
        server.Csrf.Clients.ShouldHaveSingleItem();
        (await api.ListFlowsAsync(new(), Cancel)).Count.ShouldBe(40);

        // Also what must not be repeated: a refusal means that nothing was done.
        server.Csrf.Expire();
        (await api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel)).Name.ShouldBe("p");
    }

    [Fact]
    public async Task A_server_without_protection_is_never_asked_for_a_token()
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await api.EnsureFlowAsync(new() { Name = "f" }, Cancel);
        server.Requests.ShouldNotContain(request => request.Path == "/csrf-token");
    }

    [Theory]
    [InlineData(404, """{"detail":"Not Found"}"""), InlineData(422, """{"detail":"CSRF protection is disabled."}""")]
    public async Task Where_there_is_no_token_the_refusal_is_told(int status, string answer)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => http.Request.Path == "/api/csrf-token"
            ? ScriptedServer.JsonAsync(http, status, answer)
            : ScriptedServer.JsonAsync(http, StatusCodes.Status403Forbidden, """{"detail":"Missing CSRF token."}"""));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.EnsureFlowAsync(new() { Name = "f" }, Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Forbidden);
        error.Message.ShouldBe($"Not allowed: Missing CSRF token. (403 at POST /flows/, {server.Endpoint})");
        server.Requests.Select(request => request.Path.Split('?')[0]).ShouldBe(["/api/flows/", "/api/csrf-token"]);
    }
}
