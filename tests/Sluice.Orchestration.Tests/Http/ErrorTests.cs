using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;

namespace Sluice.Orchestration.Tests.Http;

public sealed class ErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Answers as Prefect 3.8.3 and 2.10 gave them, and what becomes of them.</summary>
    public static TheoryData<int, string, OrchestrationErrorKind, string?, string> Answers => new()
    {
        { 401, """{"exception_message":"Unauthorized"}""", OrchestrationErrorKind.Unauthorized, null, "<url> refused the credentials (401): set PREFECT_API_KEY, or PREFECT_API_AUTH_STRING to user:password." },
        { 403, """{"detail":"Work pools starting with 'Prefect' are reserved for internal use."}""", OrchestrationErrorKind.Forbidden, null, "Not allowed: Work pools starting with 'Prefect' are reserved for internal use. (403 at POST /work_pools/, <url>)" },
        { 404, """{"detail":"Work pool \"nope\" not found."}""", OrchestrationErrorKind.NotFound, null, "Work pool \"nope\" not found. (404 at POST /work_pools/, <url>)" },
        { 404, """{"exception_message":"Flow run with id eee9 not found"}""", OrchestrationErrorKind.NotFound, null, "Flow run with id eee9 not found (404 at POST /work_pools/, <url>)" },
        { 409, """{"detail":"Error creating flow run: Validation failed for field 'n'. Failure reason: 'abc' is not of type 'integer'"}""", OrchestrationErrorKind.Conflict, null, "Error creating flow run: Validation failed for field 'n'. Failure reason: 'abc' is not of type 'integer' (409 at POST /work_pools/, <url>)" },
        { 422, """{"detail":"Invalid limit: must be less than or equal to 200."}""", OrchestrationErrorKind.Invalid, null, "Invalid limit: must be less than or equal to 200. (422 at POST /work_pools/, <url>)" },
        { 422, """{"detail":[{"loc":["body","flow_id"],"msg":"field required","type":"value_error.missing"}]}""", OrchestrationErrorKind.Invalid, "body.flow_id", "body.flow_id: field required (422 at POST /work_pools/, <url>)" },
        { 422, """{"exception_message":"Invalid request received.","exception_detail":[{"type":"extra_forbidden","loc":["body","bogus_field"],"msg":"Extra inputs are not permitted","input":1}],"request_body":{}}""", OrchestrationErrorKind.Invalid, "body.bogus_field", "body.bogus_field: Extra inputs are not permitted (422 at POST /work_pools/, <url>)" },
        {
            422,
            """
            {"exception_message":"Invalid request received.","exception_detail":[
              {"type":"missing","loc":["body","schedules",0,"schedule","function-after[validate_timezone(), IntervalSchedule]","interval"],"msg":"Field required"},
              {"type":"extra_forbidden","loc":["body","schedules",0,"schedule","function-after[validate_timezone(), IntervalSchedule]","cron"],"msg":"Extra inputs are not permitted"},
              {"type":"value_error","loc":["body","schedules",0,"schedule","CronSchedule","cron"],"msg":"Value error, Invalid cron string: \"not cron\""}]}
            """,
            OrchestrationErrorKind.Invalid, "body.schedules.0.schedule.cron", "body.schedules.0.schedule.cron: Invalid cron string: \"not cron\" (422 at POST /work_pools/, <url>)"
        },
        {
            422, // of 2.10.21: every branch of the union complains, and the one that was meant about the value
            """{"exception_message": "Invalid request received.", "exception_detail": [{"loc": ["body", "schedule", "interval"], "msg": "field required", "type": "value_error.missing"}, {"loc": ["body", "schedule", "cron"], "msg": "extra fields not permitted", "type": "value_error.extra"}, {"loc": ["body", "schedule", "cron"], "msg": "Invalid cron string: \"bad\"", "type": "value_error"}], "request_body": {}}""",
            OrchestrationErrorKind.Invalid, "body.schedule.cron", "body.schedule.cron: Invalid cron string: \"bad\" (422 at POST /work_pools/, <url>)"
        },
        { 422, """{"exception_message": "Invalid request received.", "exception_detail": [{"loc": ["path", "id"], "msg": "value is not a valid uuid", "type": "type_error.uuid"}], "request_body": null}""", OrchestrationErrorKind.Invalid, "path.id", "path.id: value is not a valid uuid (422 at POST /work_pools/, <url>)" },
        { 409, """{"detail": "Error creating deployment: <ValidationError: \"'notabool' is not of type 'boolean'\">"}""", OrchestrationErrorKind.Conflict, null, "Error creating deployment: <ValidationError: \"'notabool' is not of type 'boolean'\"> (409 at POST /work_pools/, <url>)" },
        { 409, """{"detail": "Data integrity conflict. This usually means a unique or foreign key constraint was violated. See server logs for details."}""", OrchestrationErrorKind.Conflict, null, "Data integrity conflict. This usually means a unique or foreign key constraint was violated. See server logs for details. (409 at POST /work_pools/, <url>)" },
        { 400, """{"detail":"Error hydrating flow run parameters:\nVariable 'nov' not found in workspace."}""", OrchestrationErrorKind.Invalid, null, "Error hydrating flow run parameters: Variable 'nov' not found in workspace. (400 at POST /work_pools/, <url>)" },
        { 413, "", OrchestrationErrorKind.Invalid, null, "no reason given (413 at POST /work_pools/, <url>)" },
        { 423, """{"detail":"locked"}""", OrchestrationErrorKind.Unavailable, null, "The API is busy: locked (423 at POST /work_pools/, <url>); try again later." },
        { 500, """{"exception_message":"Internal Server Error"}""", OrchestrationErrorKind.Unavailable, null, "The API failed: Internal Server Error (500 at POST /work_pools/, <url>); its own log says more." },
        { 507, """{"detail":"The disk is full."}""", OrchestrationErrorKind.Storage, null, "The disk is full. (507 at POST /work_pools/, <url>)" },
        { 201, "<html>", OrchestrationErrorKind.Unreachable, null, "<url> is not a Prefect API: it answers POST /work_pools/ with 201 application/json, unexpected at $. Is PREFECT_API_URL the address of another service?" },
        { 201, """{"id":"x"}""", OrchestrationErrorKind.Unreachable, null, "<url> is not a Prefect API: it answers POST /work_pools/ with 201 application/json, unexpected at $.id. Is PREFECT_API_URL the address of another service?" },
        { 404, """{"detail":"Not Found"}""", OrchestrationErrorKind.Unreachable, null, "<url> is not a Prefect API: it answers POST /work_pools/ with 404 application/json. Is PREFECT_API_URL the address of another service?" },
        { 404, "<html>", OrchestrationErrorKind.Unreachable, null, "<url> is not a Prefect API: it answers POST /work_pools/ with 404 application/json. Is PREFECT_API_URL the address of another service?" },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task An_answer_becomes_one_line(int status, string body, OrchestrationErrorKind kind, string? field, string message)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((status, body));
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.CreateWorkPoolAsync(new() { Name = "p" }, Cancel));
        error.Message.ShouldBe(message.Replace("<url>", server.Endpoint.Url, StringComparison.Ordinal));
        error.Kind.ShouldBe(kind);
        error.Field.ShouldBe(field);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>", "")]
    [InlineData(404, "text/html", "<html>", "")]
    [InlineData(404, "application/json", """{"detail":"Not Found"}""", "")]
    [InlineData(200, "application/json", """{"product":1}""", "/other/path")]
    public async Task A_URL_that_leads_elsewhere_is_told_in_one_line_with_what_to_mend(int status, string type, string body, string path)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = type;
            return http.Response.WriteAsync(body);
        }, version: null);
        ApiEndpoint endpoint = new($"http://127.0.0.1:{server.Port}{path}");
        await using HttpOrchestrationApi api = new(endpoint);
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ListDeploymentsAsync(new(), Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
        error.Message.ShouldStartWith($"{endpoint} is not a Prefect API: it answers GET /{(status == 200 ? "sluice/info" : "admin/version")} with {status} {type}");
        error.Message.ShouldEndWith(". PREFECT_API_URL must end in /api.");
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_path_that_a_known_server_lacks_is_told_as_such()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => ScriptedServer.JsonAsync(http, 404, """{"detail":"Not Found"}"""), version: "2.9.0");
        await using HttpOrchestrationApi api = new(server.Endpoint);
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ListDeploymentsAsync(new(), Cancel));
        (error.Kind, error.Message).ShouldBe((OrchestrationErrorKind.Unsupported, $"Prefect 2.9.0 at {server.Endpoint} has no POST /deployments/filter: it is older or newer than what Sluice speaks (Prefect 2.10 and 3)."));
    }

    [Fact]
    public async Task A_path_that_the_server_does_not_know_is_not_a_missing_object()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((404, """{"detail":"Not Found"}"""));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        (await Should.ThrowAsync<OrchestrationException>(() => api.FindFlowAsync("f", Cancel))).Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
        (await Should.ThrowAsync<OrchestrationException>(() => api.DeleteFlowAsync(Guid.NewGuid(), Cancel))).Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
    }

    [Fact]
    public async Task A_redirect_names_the_address_to_set()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            http.Response.Headers.Location = "https://prefect.example/api/flows/filter";
            return Task.CompletedTask;
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ListFlowsAsync(new(), Cancel));
        error.Message.ShouldBe($"{server.Endpoint} redirects POST /flows/filter to https://prefect.example/api/flows/filter: set PREFECT_API_URL to the API's own address.");
    }

    [Fact]
    public async Task A_server_that_speaks_no_HTTP_is_reported()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource done = new();
        Task serving = Task.Run(async () =>
        {
            using System.Net.Sockets.TcpClient client = await listener.AcceptTcpClientAsync(done.Token);
            await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(), done.Token);
        });
        using HttpTransport transport = new(new($"http://{listener.LocalEndpoint}/api"), TimeProvider.System);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => transport.SendAsync(ApiCall.Get("/health") with { Attempts = 1 }, Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        error.Message.ShouldContain("GET /health");
        await done.CancelAsync();
        await serving;
    }
}
