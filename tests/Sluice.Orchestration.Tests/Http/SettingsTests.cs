using Sluice.Orchestration.Http;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>The variables that Prefect's own client obeys.</summary>
public sealed class SettingsTests
{
    private const string FlowJson = """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"f"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Absent_and_blank_variables_are_Prefects_defaults()
    {
        foreach (string? value in (string?[])[null, "", " "])
        {
            ApiClientSettings settings = ApiClientSettings.FromEnvironment(_ => value);
            (settings.Timeout, settings.MaxRetries, settings.Jitter, settings.Headers.Count, settings.SkipsVerification, settings.CertificateFile).ShouldBe((TimeSpan.FromSeconds(60), 5, 0.2, 0, false, null));
        }
    }

    [Fact]
    public void Every_variable_counts()
    {
        Dictionary<string, string> variables = new()
        {
            ["PREFECT_API_REQUEST_TIMEOUT"] = "2.5", ["PREFECT_CLIENT_MAX_RETRIES"] = "0", ["PREFECT_CLIENT_RETRY_JITTER_FACTOR"] = "1",
            ["PREFECT_CLIENT_CUSTOM_HEADERS"] = """{"X-Gateway":"a","X-Other":"b"}""", ["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "True", ["PREFECT_API_SSL_CERT_FILE"] = " /etc/ca.pem ",
        };
        ApiClientSettings settings = ApiClientSettings.FromEnvironment(variables.GetValueOrDefault);
        (settings.Timeout, settings.MaxRetries, settings.Jitter, settings.SkipsVerification, settings.CertificateFile).ShouldBe((TimeSpan.FromSeconds(2.5), 0, 1.0, true, "/etc/ca.pem"));
        settings.Headers.ShouldBe(new Dictionary<string, string> { ["X-Gateway"] = "a", ["X-Other"] = "b" }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("PREFECT_API_REQUEST_TIMEOUT", "soon", "PREFECT_API_REQUEST_TIMEOUT is 'soon'; it takes seconds above 0, as 60.")]
    [InlineData("PREFECT_API_REQUEST_TIMEOUT", "0", "PREFECT_API_REQUEST_TIMEOUT is '0'; it takes seconds above 0, as 60.")]
    [InlineData("PREFECT_CLIENT_MAX_RETRIES", "1.5", "PREFECT_CLIENT_MAX_RETRIES is '1.5'; it takes a whole number from 0 on, as 5.")]
    [InlineData("PREFECT_CLIENT_MAX_RETRIES", "-1", "PREFECT_CLIENT_MAX_RETRIES is '-1'; it takes a whole number from 0 on, as 5.")]
    [InlineData("PREFECT_CLIENT_RETRY_JITTER_FACTOR", "2", "PREFECT_CLIENT_RETRY_JITTER_FACTOR is '2'; it takes a number from 0 to 1, as 0.2.")]
    [InlineData("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "maybe", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY is 'maybe'; it takes true or false.")]
    [InlineData("PREFECT_CLIENT_CUSTOM_HEADERS", "X-Token: CANARY", """PREFECT_CLIENT_CUSTOM_HEADERS is not a JSON object of texts, as {"X-Gateway-Token": "…"}.""")]
    [InlineData("PREFECT_CLIENT_CUSTOM_HEADERS", """["CANARY"]""", """PREFECT_CLIENT_CUSTOM_HEADERS is not a JSON object of texts, as {"X-Gateway-Token": "…"}.""")]
    [InlineData("PREFECT_CLIENT_CUSTOM_HEADERS", """{"user-agent":"x"}""", "PREFECT_CLIENT_CUSTOM_HEADERS names user-agent, which is the client's own: leave it out.")]
    public void A_value_that_cannot_be_is_refused_by_name_and_no_secret_is_shown(string name, string value, string message)
    {
        OrchestrationException error = Should.Throw<OrchestrationException>(() => ApiClientSettings.FromEnvironment(asked => asked == name ? value : null));
        error.Message.ShouldBe(message);
        error.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        error.ToString().ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task Custom_headers_travel_with_every_request_and_retries_are_as_many_as_said()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((503, "{}"));
        await using HttpOrchestrationApi api = new(server.Endpoint, TimeProvider.System, new() { MaxRetries = 2, Headers = new Dictionary<string, string> { ["X-Gateway"] = "open", ["Authorization"] = "Other" } });
        await Should.ThrowAsync<OrchestrationException>(() => api.FindFlowAsync("f", Cancel));
        server.Requests.Count.ShouldBe(3);
        server.Requests.ShouldAllBe(request => request.Headers["X-Gateway"] == "open" && request.Headers["Authorization"] == "Other");
    }

    [Fact]
    public async Task The_timeout_is_told_with_its_variable_and_what_may_have_been_done()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await using HttpOrchestrationApi api = new(server.Endpoint, TimeProvider.System, new() { MaxRetries = 0, Timeout = TimeSpan.FromMilliseconds(300) });
        (await Should.ThrowAsync<OrchestrationException>(() => api.FindFlowAsync("f", Cancel))).Message.ShouldBe($"{server.Endpoint} did not answer GET /flows/name/f within 0.3 s; PREFECT_API_REQUEST_TIMEOUT says how long to wait.");
        (await Should.ThrowAsync<OrchestrationException>(() => api.CreateWorkPoolAsync(new() { Name = "p" }, Cancel))).Message.ShouldEndWith("Whether it was done is not known; look before you repeat it.");
    }

    [Theory]
    [InlineData("0.02"), InlineData("Thu, 01 Jan 2026 00:00:00 GMT")]
    public async Task Retry_After_is_a_fraction_of_seconds_or_a_date(string after)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (http, number) =>
        {
            await ScriptedServer.JsonAsync(http, number == 1 ? 429 : 200, FlowJson, retryAfter: after);
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);
        (await api.FindFlowAsync("f", Cancel)).ShouldNotBeNull();
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_file_without_certificates_is_refused()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder["empty.pem"], "nothing", Cancel);
        foreach ((string file, string end) in ((string, string)[])[(folder["empty.pem"], "which holds no certificate in PEM."), (folder["none.pem"], "which cannot be read")])
        {
            OrchestrationException error = Should.Throw<OrchestrationException>(() => new HttpOrchestrationApi(new("https://127.0.0.1:1/api"), TimeProvider.System, new() { CertificateFile = file }));
            error.Message.ShouldStartWith($"PREFECT_API_SSL_CERT_FILE names '{file}', ");
            error.Message.ShouldContain(end);
        }
    }
}
