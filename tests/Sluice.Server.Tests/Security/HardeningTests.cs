using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Sluice.Orchestration;
using Sluice.Server.Http;
using Sluice.Testing;

namespace Sluice.Server.Tests.Security;

/// <summary>What the server does with those who mean no good: who may listen and ask, how much and how slowly.</summary>
public sealed class HardeningTests : IAsyncLifetime
{
    private const string Canary = "canary-51e0";
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private readonly List<string> _reports = [];
    private readonly FakeTimeProvider _clock = new(Home.Start);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private IOrchestrationApi _store = null!;

    public async ValueTask InitializeAsync() => _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, default);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("0.0.0.0"), InlineData("*"), InlineData("+"), InlineData("::"), InlineData("[::]"), InlineData("::ffff:0.0.0.0"), InlineData("192.0.2.7")]
    public async Task Whoever_can_be_reached_from_the_network_asks_for_credentials(string host)
    {
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => ApiHost.StartAsync(_store, new() { Host = host }, default));
        error.Kind.ShouldBe(OrchestrationErrorKind.Forbidden);
        error.Message.ShouldContain($"listens on {host} ");
    }

    [Fact]
    public async Task A_name_counts_by_the_address_that_it_leads_to()
    {
        ApiHostOptions outside = new() { Host = "flows.example", Port = 0, Resolve = LeadsTo("192.0.2.7") }, here = outside with { Resolve = LeadsTo("127.0.0.1") };
        (await Should.ThrowAsync<OrchestrationException>(() => ApiHost.StartAsync(_store, outside, default))).Kind.ShouldBe(OrchestrationErrorKind.Forbidden);
        await using ApiHost host = await ApiHost.StartAsync(_store, here, default);

        static Func<string, CancellationToken, Task<IPAddress[]>> LeadsTo(string address) => (name, _) =>
            Task.FromResult<IPAddress[]>(name == "flows.example" ? [IPAddress.Parse(address)] : []);
    }

    [Theory]
    [InlineData(""), InlineData(" "), InlineData("unix:/tmp/socket"), InlineData("/tmp/socket")]
    public async Task What_is_no_address_is_refused(string host) =>
        (await Should.ThrowAsync<OrchestrationException>(() => ApiHost.StartAsync(_store, new() { Host = host, Token = Canary }, default))).Kind.ShouldBe(OrchestrationErrorKind.Invalid);

    [Theory]
    [InlineData("127.0.0.1"), InlineData("LOCALHOST"), InlineData("127.0.0.2"), InlineData("::ffff:127.0.0.1")]
    public async Task This_machine_alone_needs_none(string host)
    {
        await using ApiHost started = await ApiHost.StartAsync(_store, new() { Host = host }, default);
        (await _http.GetAsync(started.Url + "/hello")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guessing_is_bounded_and_told_without_what_was_tried()
    {
        await using ApiHost host = await StartAsync(new() { Token = Canary + "-right" });
        for (int i = 0; i < LoginGuard.Tries; i++)
            (await AskAsync(host, $"Bearer {Canary}-{i}")).Status.ShouldBe(401);
        (int status, string? retry) = await AskAsync(host, $"Bearer {Canary}-right");
        status.ShouldBe(429, "nobody there knew better within the hour");
        int.Parse(retry!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        (await _http.GetAsync(host.Url + "/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _reports.ShouldHaveSingleItem().ShouldBe("refused a request of 127.0.0.1 without the right credentials (401); said once a minute");

        _clock.Advance(TimeSpan.FromMinutes(1));
        (await AskAsync(host, $"Bearer {Canary}-right")).Status.ShouldBe(200);
        for (int i = 0; i < LoginGuard.Tries + 5; i++)
            (await AskAsync(host, null)).Status.ShouldBe(401, "a program of this address knows the right ones: it is not locked out");
        (await AskAsync(host, $"Bearer {Canary}-right")).Status.ShouldBe(200);
        _reports.Count.ShouldBe(2);
        string.Join('\n', _reports).ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData("/events/in"), InlineData("/events/out"), InlineData("/logs/out"), InlineData("/work_pools/default-agent-pool/workers/connect")]
    public async Task Sockets_let_nobody_in_that_requests_do_not(string path)
    {
        await using ApiHost host = await StartAsync(new() { Token = Canary + "-right" });
        Uri url = new(host.Url.AbsoluteUri.Replace("http", "ws", StringComparison.Ordinal) + path);
        for (int i = 0; i < LoginGuard.Tries; i++)
        {
            using var socket = await ConnectAsync(null);
            await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"type":"auth","token":"{{Canary}}-{{i}}"}"""), WebSocketMessageType.Text, true, default);
            WebSocketReceiveResult end = await socket.ReceiveAsync(new byte[1_000], new CancellationTokenSource(_bound).Token);
            end.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        }
        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(null))).Message.ShouldContain("429");
        (await AskAsync(host, $"Bearer {Canary}-right")).Status.ShouldBe(429, "sockets and requests are counted together");
        _reports.ShouldHaveSingleItem().ShouldNotContain(Canary);

        _clock.Advance(TimeSpan.FromMinutes(1));
        (await Should.ThrowAsync<WebSocketException>(() => ConnectAsync("https://evil.example"))).Message.ShouldContain("403");

        async Task<ClientWebSocket> ConnectAsync(string? origin)
        {
            ClientWebSocket socket = new();
            socket.Options.AddSubProtocol("prefect");
            if (origin is not null)
                socket.Options.SetRequestHeader("Origin", origin);
            try
            {
                await socket.ConnectAsync(url, new CancellationTokenSource(_bound).Token);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    [Fact]
    public void The_guard_remembers_a_bounded_number_of_addresses()
    {
        var guard = new LoginGuard(_clock, _ => { });
        for (int i = 0; i < 3_000; i++)
        {
            guard.Failed(new IPAddress(i));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        guard.Known.ShouldBe(1_000);
    }

    [Fact]
    public async Task Answers_tell_browsers_to_keep_out()
    {
        await using ApiHost host = await StartAsync(new() { Token = Canary });
        foreach (string path in new[] { "/health", "/flows/", "/nowhere", "/hello" })
        {
            using HttpResponseMessage answer = await _http.GetAsync(host.Url + path);
            Header("X-Content-Type-Options").ShouldBe("nosniff");
            Header("X-Frame-Options").ShouldBe("DENY");
            Header("Cache-Control").ShouldBe("no-store");
            Header("Content-Security-Policy").ShouldBe("default-src 'none'; frame-ancestors 'none'");
            Header("Cross-Origin-Resource-Policy").ShouldBe("same-origin");
            answer.Headers.Where(header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
            answer.Headers.Contains("Server").ShouldBeFalse();

            string Header(string name) => string.Join(", ", answer.Headers.TryGetValues(name, out var values) ? values : []);
        }
    }

    /// <summary>A preflight is what a browser asks before it sends JSON or DELETE for a page of another origin.</summary>
    [Theory]
    [InlineData("OPTIONS", "https://evil.example", 403), InlineData("GET", "https://evil.example", 403), InlineData("POST", "http://127.0.0.1:1", 403), InlineData("POST", "null", 403)]
    public async Task Pages_of_others_get_nothing(string method, string origin, int status)
    {
        await using ApiHost host = await StartAsync(new());
        using HttpRequestMessage request = new(new HttpMethod(method), host.Url + "/flows/");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
        using HttpResponseMessage answer = await _http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Theory]
    [InlineData("GET /api/{long} HTTP/1.1\r\nHost: x\r\n\r\n", "414")]
    [InlineData("GET /api/hello HTTP/1.1\r\nHost: localhost\r\nX-A: {huge}\r\n\r\n", "431")]
    [InlineData("GET /api/hello HTTP/1.1\r\nHost: localhost\r\n{many}\r\n", "431")]
    [InlineData("GET /api/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    [InlineData("GET /api/flows/%2e%2e/%2e%2e/hello HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    [InlineData("GET /api//hello HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    [InlineData("GET /api/flows/name/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "4")]
    [InlineData("GET /api/hello HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", "400")]
    [InlineData("GET /api/hello HTTP/1.1\r\n\r\n", "400")]
    [InlineData("POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "4")]
    [InlineData("POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", "413")]
    [InlineData("\u0016\u0003\u0001\u0002 TLS is not spoken here\r\n\r\n", "400")]
    [InlineData("GET http://evil.example/api/hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403")]
    public async Task Requests_that_no_client_sends_are_refused(string request, string status)
    {
        await using ApiHost host = await StartAsync(new());
        request = request.Replace("{long}", new string('a', 9_000), StringComparison.Ordinal).Replace("{huge}", new string('a', 40_000), StringComparison.Ordinal)
            .Replace("{many}", string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n")), StringComparison.Ordinal);
        string answer = await ExchangeAsync(host, request);
        answer.ShouldStartWith($"HTTP/1.1 {status}");
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task Headers_that_never_end_are_cut_off()
    {
        await using ApiHost host = await StartAsync(new() { HeaderTime = TimeSpan.FromMilliseconds(300) });
        string answer = await ExchangeAsync(host, "GET /api/hello HTTP/1.1\r\nHost: localhost\r\nX-Slow:");
        answer.ShouldStartWith("HTTP/1.1 408");
    }

    [Fact]
    public async Task What_the_disk_or_the_database_says_stays_inside()
    {
        await using (ApiHost host = await StartAsync(new() { ResultsFolder = _folder["home", "sluice.db"] }))
        {
            FlowRun run = await _store.CreateFlowRunAsync(new() { FlowId = (await _store.EnsureFlowAsync(new() { Name = "f" }, default)).Id }, default);
            using HttpResponseMessage answer = await _http.PutAsync($"{host.Url}/sluice/results/{run.Id}", new StringContent("1"));
            ((int)answer.StatusCode).ShouldBe(507);
            string body = await answer.Content.ReadAsStringAsync();
            body.ShouldNotContain(_folder.Path);
            body.ShouldNotContain("sluice.db");
        }
        _reports.ShouldHaveSingleItem().ShouldContain(_folder.Path);
    }

    private Task<ApiHost> StartAsync(ApiHostOptions options) => ApiHost.StartAsync(_store, options with { Report = _reports.Add, Time = _clock }, default);

    private async Task<(int Status, string? RetryAfter)> AskAsync(ApiHost host, string? authorization)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, host.Url + "/hello");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using HttpResponseMessage answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, answer.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    /// <summary>Sends bytes and reads until the server closes, or until the head of its answer is whole.</summary>
    private static async Task<string> ExchangeAsync(ApiHost host, string request)
    {
        using var timeout = new CancellationTokenSource(_bound);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Url.Port, timeout.Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), timeout.Token);
        var answer = new StringBuilder();
        byte[] buffer = new byte[4_096];
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, timeout.Token) is > 0 and var count)
            answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        return answer.ToString();
    }
}
