using System.Net.WebSockets;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tests.Live;

/// <summary><c>/events/in</c>, <c>/events/out</c>, <c>/logs/out</c>: who may come in, what they are told, how they end.</summary>
public sealed class SocketTests
{
    [Fact]
    public async Task Past_events_come_first_then_live_ones_each_once_and_in_order()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await server.Api.CreateEventsAsync([.. Enumerable.Range(0, 600).Select(i => LiveServer.Event($"n.{i}"))], default);
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, new { @event = new { prefix = new[] { "n." } } });
        List<string> seen = [(await client.EventAsync()).GetProperty("event").GetString()!];
        await server.Api.CreateEventsAsync([.. Enumerable.Range(600, 50).Select(i => LiveServer.Event($"n.{i}")), LiveServer.Event("other")], default);
        while (seen.Count < 650)
            seen.Add((await client.EventAsync()).GetProperty("event").GetString()!);
        seen.ShouldBe(Enumerable.Range(0, 650).Select(i => $"n.{i}"));
    }

    [Fact]
    public async Task Without_backfill_only_what_is_new_comes()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await server.Api.CreateEventsAsync([LiveServer.Event("past")], default);
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, backfill: false);
        // The subscription stands when an event comes; until then they are made one after the other.
        using var stop = new CancellationTokenSource();
        Task making = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await server.Api.CreateEventsAsync([LiveServer.Event($"new.{i}")], default);
        });
        (await client.EventAsync()).GetProperty("event").GetString()!.ShouldStartWith("new.");
        await stop.CancelAsync();
        await making;
    }

    [Fact]
    public async Task Events_in_are_kept_and_reach_subscribers_of_another_server_on_the_same_database()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (_, Uri other) = await server.StartAnotherAsync();
        await using LiveClient subscriber = await LiveClient.SubscribeAsync(other, new { @event = new { name = new[] { "prefect.flow-run.heartbeat" } } });
        await using LiveClient flow = await LiveClient.ConnectAsync(server.Url, "/events/in");
        for (int i = 0; i < 20; i++)
        {
            EventCreate beat = LiveServer.Event("prefect.flow-run.heartbeat", $"prefect.flow-run.{i}");
            await flow.SendTextAsync(JsonSerializer.Serialize(beat, Orchestration.Json.OrchestrationJson.Default.IReadOnlyListEventCreate.Options.GetTypeInfo(typeof(EventCreate))));
            (await subscriber.EventAsync()).GetProperty("id").GetGuid().ShouldBe(beat.Id);
        }
    }

    [Fact]
    public async Task Logs_out_are_live_and_filtered()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        Guid mine = Guid.NewGuid(), theirs = Guid.NewGuid();
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, new { level = new { ge_ = 30 }, flow_run_id = new { any_ = new[] { mine } } }, path: "/logs/out");
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                LogCreate Log(Guid run, int level) => new() { Name = "n", Level = level, Message = $"{level} {i}", Timestamp = DateTimeOffset.UtcNow, FlowRunId = run };
                await server.Api.CreateLogsAsync([Log(theirs, 40), Log(mine, 20), Log(mine, 40)], default);
            }
        });
        for (int i = 0; i < 10; i++)
        {
            JsonElement message = (await client.ReceiveAsync()).ShouldNotBeNull();
            message.GetProperty("type").GetString().ShouldBe("log");
            message.GetProperty("log").GetProperty("message").GetString()!.ShouldStartWith("40 ");
            message.GetProperty("log").GetProperty("flow_run_id").GetGuid().ShouldBe(mine);
        }
        await stop.CancelAsync();
        await writing;
    }

    [Theory]
    [InlineData("/events/in")]
    [InlineData("/events/out")]
    [InlineData("/logs/out")]
    public async Task Who_does_not_say_auth_first_is_shown_out(string path)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.OpenAsync(server.Url, path);
        await client.SendAsync(new { type = "filter", filter = new { } });
        (await client.CloseOfServerAsync()).ShouldBe((1008, "Expected 'auth' message"));
    }

    [Theory]
    [InlineData("""{"type":"hello"}""", "Expected 'filter' message")]
    [InlineData("nonsense", "Expected 'filter' message")]
    [InlineData("""{"type":"filter","filter":{"nope":true}}""", "Invalid filter: filter.nope: Extra inputs are not permitted")]
    public async Task A_subscriber_that_says_no_filter_is_told_so(string message, string reason)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.ConnectAsync(server.Url, "/events/out");
        await client.SendTextAsync(message);
        (await client.CloseOfServerAsync()).ShouldBe((1002, reason));
    }

    [Theory]
    [InlineData("""{"event":"x"}""", 1002, "Invalid event: body.occurred: Field required")]
    [InlineData("nonsense", 1002, null)]
    public async Task An_event_that_is_none_ends_the_connection_with_its_reason(string message, int code, string? reason)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.ConnectAsync(server.Url, "/events/in");
        await client.SendTextAsync(message);
        (int closed, string why) = await client.CloseOfServerAsync();
        closed.ShouldBe(code);
        why.ShouldStartWith(reason ?? "Invalid event: ");
    }

    [Fact]
    public async Task A_message_beyond_the_limit_ends_the_connection()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.ConnectAsync(server.Url, "/events/in");
        try
        {
            await client.SendTextAsync(new string('x', 3 << 20));
        }
        catch (WebSocketException)
        {
            // The server may have closed before the last byte was sent.
        }
        try
        {
            (await client.CloseOfServerAsync()).Code.ShouldBe(1009);
        }
        catch (WebSocketException)
        {
            client.CloseCode.ShouldBeOneOf(null, WebSocketCloseStatus.MessageTooBig);
        }
    }

    [Theory]
    [InlineData(null, "Auth required but no token provided")]
    [InlineData("wrong", "Invalid token")]
    [InlineData("the-key", null)]
    [InlineData("me:secret", null)]
    public async Task Credentials_come_in_the_first_message(string? token, string? refusal)
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key", AuthString = "me:secret" });
        await using LiveClient client = await LiveClient.OpenAsync(server.Url, "/events/out");
        await client.SendAsync(new { type = "auth", token });
        if (refusal is null)
            (await client.ReceiveAsync())!.Value.GetProperty("type").GetString().ShouldBe("auth_success");
        else
            (await client.CloseOfServerAsync()).ShouldBe((1008, refusal));
        server.Reports.ShouldBe(refusal is null ? Array.Empty<string>() : ["refused a request of 127.0.0.1 without the right credentials (401); said once a minute"]);
    }

    [Fact]
    public async Task Credentials_may_also_come_in_the_header_and_old_clients_need_them_there()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        await using LiveClient header = await LiveClient.OpenAsync(server.Url, "/events/out", options: with => with.SetRequestHeader("Authorization", "Bearer the-key"));
        await header.SendAsync(new { type = "auth", token = (string?)null });
        (await header.ReceiveAsync())!.Value.GetProperty("type").GetString().ShouldBe("auth_success");

        await Should.ThrowAsync<WebSocketException>(() => LiveClient.OpenAsync(server.Url, "/events/out", protocol: null));
        await using LiveClient old = await LiveClient.OpenAsync(server.Url, "/events/out", protocol: null, options: with => with.SetRequestHeader("Authorization", "Bearer the-key"));
        await old.SendAsync(new { type = "filter", filter = new { } });
        await server.Api.CreateEventsAsync([LiveServer.Event("x")], default);
        (await old.EventAsync()).GetProperty("event").GetString().ShouldBe("x");
    }

    /// <summary>The upgrade header opens no way past the gate: only the routes of sockets ask for credentials later.</summary>
    [Fact]
    public async Task An_upgrade_to_another_route_needs_credentials()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        foreach (string path in (string[])["/variables/x", "/admin/version", "/flows/name/x", "/nowhere"])
        {
            WebSocketException refused = await Should.ThrowAsync<WebSocketException>(() => LiveClient.OpenAsync(server.Url, path));
            refused.Message.ShouldContain("401");
        }
        (await LiveClient.SendAsync(server.Url, HttpMethod.Get, "/events/out")).Status.ShouldBe(401);
        (await LiveClient.SendAsync(server.Url, HttpMethod.Get, "/events/out", bearer: "the-key")).Status.ShouldBe(426);
    }

    [Fact]
    public async Task A_web_page_of_another_origin_may_not_connect()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        WebSocketException refused = await Should.ThrowAsync<WebSocketException>(
            () => LiveClient.OpenAsync(server.Url, "/events/out", options: with => with.SetRequestHeader("Origin", "http://evil.example")));
        refused.Message.ShouldContain("403");
        await using LiveClient own = await LiveClient.OpenAsync(server.Url, "/events/out", options: with => with.SetRequestHeader("Origin", server.Url.GetLeftPart(UriPartial.Authority)));
    }

    [Fact]
    public async Task A_server_that_stops_says_so_to_everybody()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient events = await LiveClient.SubscribeAsync(server.Url);
        await using LiveClient logs = await LiveClient.SubscribeAsync(server.Url, path: "/logs/out");
        await using LiveClient sender = await LiveClient.ConnectAsync(server.Url, "/events/in");
        Task stopping = server.StopNewestAsync();
        (await events.CloseOfServerAsync()).ShouldBe((1001, "The server is stopping"));
        (await logs.CloseOfServerAsync()).ShouldBe((1001, "The server is stopping"));
        (await sender.CloseOfServerAsync()).ShouldBe((1001, "The server is stopping"));
        await stopping;
        server.Reports.ShouldBeEmpty();
    }

    /// <summary>A client that never answers the close frame holds the server up for a moment only, not for the whole time that requests get to end.</summary>
    [Fact]
    public async Task A_server_stops_though_a_client_does_not_answer()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient deaf = await LiveClient.ConnectAsync(server.Url, "/events/in");
        using var http = new HttpClient();
        await server.StopNewestAsync();
        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(server.Url + "/health"));
        server.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_closes_is_answered()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url);
        await client.CloseAsync();
        client.CloseCode.ShouldBe(WebSocketCloseStatus.NormalClosure);
        server.Reports.ShouldBeEmpty();
    }
}
