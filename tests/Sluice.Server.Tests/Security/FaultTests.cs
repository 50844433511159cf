using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sluice.Orchestration;
using Sluice.Server.Http;
using Sluice.Server.Tests.Live;
using Sluice.Testing;

namespace Sluice.Server.Tests.Security;

/// <summary>Input that breaks and a database that fails: one caller's fault is told to that caller and takes nothing from the others.</summary>
public sealed class FaultTests
{
    private const string HalfCharacter = """{"type":"auth","token":"\ud800"}""";

    /// <summary>Half a character parses as JSON and cannot be read as text.</summary>
    [Fact]
    public async Task Half_a_character_in_the_greeting_is_a_guess_like_any_other()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        for (int i = 0; i < LoginGuard.Tries; i++)
        {
            await using LiveClient client = await LiveClient.OpenAsync(server.Url, "/events/in");
            await client.SendTextAsync(HalfCharacter);
            (await client.CloseOfServerAsync()).ShouldBe((1008, "Expected 'auth' message"));
        }
        (await Should.ThrowAsync<WebSocketException>(() => LiveClient.OpenAsync(server.Url, "/events/in"))).Message.ShouldContain("429");
        server.Reports.ShouldBe(["refused a request of 127.0.0.1 without the right credentials (401); said once a minute"]);
    }

    [Fact]
    public async Task A_greeting_is_short()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        await using LiveClient client = await LiveClient.OpenAsync(server.Url, "/events/in");
        await client.SendTextAsync($$"""{"type":"auth","token":"{{new string('x', 20_000)}}"}""");
        (await client.CloseOfServerAsync()).Code.ShouldBe(1009);
        server.Reports.Count.ShouldBe(1);
    }

    [Fact]
    public async Task So_many_of_one_address_may_keep_silent_and_who_names_credentials_is_let_past_them()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        List<LiveClient> silent = [];
        string refusal = "";
        try
        {
            while (silent.Count < 2_000)
                silent.Add(await LiveClient.OpenAsync(server.Url, "/events/in"));
        }
        catch (WebSocketException refused)
        {
            refusal = refused.Message;
        }
        refusal.ShouldContain("429");
        await using LiveClient known = await LiveClient.OpenAsync(server.Url, "/events/in", options: with => with.SetRequestHeader("Authorization", "Bearer the-key"));
        foreach (LiveClient one in silent)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Half_a_character_in_an_event_ends_its_sender_only()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient subscriber = await LiveClient.SubscribeAsync(server.Url);
        await using LiveClient sender = await LiveClient.ConnectAsync(server.Url, "/events/in");
        await sender.SendTextAsync("""{"occurred":"2026-11-22T02:39:56Z","event":"bad","resource":{"prefect.resource.id":"r"},"payload":{"a":"\ud800"},"id":"01a2011f-e216-7061-aac7-046a03cb0641"}""");
        (int code, string reason) = await sender.CloseOfServerAsync();
        code.ShouldBe(1002);
        reason.ShouldStartWith("Invalid event: ");
        await server.Api.CreateEventsAsync([LiveServer.Event("good")], default);
        (await subscriber.EventAsync()).GetProperty("event").GetString().ShouldBe("good");
        server.Reports.ShouldBeEmpty();
    }

    /// <summary>Whatever came to be in the database, it is handed on and holds nobody up.</summary>
    [Fact]
    public async Task A_payload_that_cannot_be_read_as_text_is_handed_on_as_it_is()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient subscriber = await LiveClient.SubscribeAsync(server.Url);
        await server.Api.CreateEventsAsync([LiveServer.Event("bad") with { Payload = JsonElement.Parse("""{"a":"\ud800"}""") }, LiveServer.Event("good")], default);
        (await subscriber.EventAsync()).GetProperty("payload").GetProperty("a").GetRawText().ShouldBe("\"\\ud800\"");
        (await subscriber.EventAsync()).GetProperty("event").GetString().ShouldBe("good");
        (await server.PostAsync("/events/filter", new { })).Body.GetProperty("total").GetInt32().ShouldBe(2);
    }

    /// <summary>Prefect's clients connect again after 1011 and take 1000 for the end.</summary>
    [Theory]
    [InlineData("/logs/out", "log"), InlineData("/events/out", "event")]
    public async Task A_subscription_that_the_database_fails_does_not_look_like_its_end(string path, string table)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        Sql(server.Where, $"ALTER TABLE {table} RENAME TO gone");
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, path: path);
        (int code, string reason) = await client.CloseOfServerAsync();
        code.ShouldBe(1011);
        reason.ShouldNotContain(server.Where.Database);
        server.Reports.ShouldHaveSingleItem().ShouldContain("no such table");
    }

    public static TheoryData<string, string> LogFilters => new()
    {
        { """{"task_run_id":{"any_":["{task}"]}}""", "b" },
        { """{"task_run_id":{"is_null_":true}}""", "a c" },
        { """{"text":{"query":"apple pear"}}""", "a b" },
        { """{"text":{"query":"fruit -pear"}}""", "a c" },
        { """{"text":{"query":"+fruit +\"a PLUM\""}}""", "c" },
        { """{"text":{"query":"the-logger"}}""", "a b c" },
        { """{"operator":"or_","level":{"ge_":40},"task_run_id":{"any_":["{task}"]}}""", "b c" },
        { """{"operator":"or_"}""", "a b c" },
        { """{"operator":"and_","level":{"ge_":40},"task_run_id":{"any_":["{task}"]}}""", "" },
    };

    /// <summary>The live stream and the database answer a filter alike.</summary>
    [Theory]
    [MemberData(nameof(LogFilters))]
    public async Task Logs_out_applies_every_part_of_its_filter(string filter, string expected)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        Guid task = Guid.NewGuid();
        filter = filter.Replace("{task}", task.ToString(), StringComparison.Ordinal);
        LogCreate Log(string message, int level, Guid? of = null) => new() { Name = "the-logger", Level = level, Message = message, Timestamp = DateTimeOffset.UtcNow, TaskRunId = of };
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, JsonElement.Parse(filter), path: "/logs/out");
        // The subscription stands when one of two marks comes, of which every filter lets one pass.
        const string mark = "apple fruit a plum";
        using var stop = new CancellationTokenSource();
        Task marking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await server.Api.CreateLogsAsync([Log(mark, 50), Log(mark, 50, task)], default);
        });
        (await client.ReceiveAsync()).ShouldNotBeNull();
        await stop.CancelAsync();
        await marking;
        await server.Api.CreateLogsAsync(
            [Log("a fruit: apple", 20), Log("b fruit: pear", 20, task), Log("c fruit: a plum", 40), Log("z " + mark, 50), Log("z " + mark, 50, task)], default);
        List<string> seen = [];
        while (seen.LastOrDefault() != "z")
        {
            string letter = (await client.ReceiveAsync())!.Value.GetProperty("log").GetProperty("message").GetString()!.Split(' ')[0];
            if (letter != "apple")
                seen.Add(letter);
        }
        string.Join(' ', seen.SkipLast(1)).ShouldBe(expected);
        (_, JsonElement kept) = await server.PostAsync("/logs/filter", $$"""{"logs":{{filter}},"sort":"TIMESTAMP_DESC","limit":20}""");
        string.Join(' ', kept.EnumerateArray().Select(log => log.GetProperty("message").GetString()!.Split(' ')[0]).Where(letter => letter is "a" or "b" or "c").Reverse()).ShouldBe(expected);
    }

    [Fact]
    public async Task A_search_in_live_logs_that_is_too_long_is_refused()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient client = await LiveClient.SubscribeAsync(server.Url, new { text = new { query = new string('x', 201) } }, path: "/logs/out");
        (int code, string reason) = await client.CloseOfServerAsync();
        (code, reason[..16]).ShouldBe((1002, "Invalid filter: "));
    }

    [Fact]
    public async Task A_body_of_misfits_is_answered_by_the_first_hundred()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (int status, JsonElement answer) = await server.PostAsync("/logs/", "[" + string.Join(',', Enumerable.Repeat("{}", 2_000)) + "]");
        status.ShouldBe(422);
        answer.GetProperty("exception_detail").GetArrayLength().ShouldBe(100);
        string large = new('x', 100_000);
        (status, answer) = await server.PostAsync("/logs/", JsonSerializer.Serialize(new[] { new { message = large } }));
        status.ShouldBe(422);
        answer.GetProperty("exception_detail").EnumerateArray().Select(one => string.Join('.', one.GetProperty("loc").EnumerateArray())).ShouldContain("body.0.level");
        answer.GetProperty("exception_detail").GetRawText().Length.ShouldBeLessThan(10_000);
    }

    [Theory]
    [InlineData("""{"time_unit":"day","time_interval":1e300,"filter":{}}""", 422)]
    [InlineData("""{"time_unit":"week","time_interval":1000000,"filter":{}}""", 422)]
    [InlineData("""{"time_unit":"week","time_interval":1428,"filter":{}}""", 200)]
    [InlineData("""{"time_unit":"week","time_interval":1000,"filter":{"occurred":{"since":"0001-01-01T00:00:00Z"}}}""", 200)]
    [InlineData("""{"time_unit":"week","time_interval":1000,"filter":{"occurred":{"since":"9999-12-30T00:00:00Z","until":"9999-12-31T00:00:00Z"}}}""", 200)]
    public async Task Spans_of_any_length_are_counted_or_refused(string body, int expected)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (await server.PostAsync("/events/count-by/time", body)).Status.ShouldBe(expected);
        server.Reports.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/flow_runs/paginate", 21474838), InlineData("/flow_runs/paginate", 10737420), InlineData("/flows/paginate", 21474838), InlineData("/deployments/paginate", 10737420)]
    public async Task A_page_far_beyond_the_last_is_empty(string path, int page)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        for (int i = 0; i < 110; i++)
            await server.Api.EnsureFlowAsync(new() { Name = $"f{i}" }, default);
        Flow flow = await server.Api.EnsureFlowAsync(new() { Name = "f0" }, default);
        for (int i = 0; i < (path.StartsWith("/flow_runs", StringComparison.Ordinal) ? 110 : 0); i++)
            await server.Api.CreateFlowRunAsync(new() { FlowId = flow.Id }, default);
        (int status, JsonElement answer) = await server.PostAsync(path, new { limit = 200, page });
        (status, answer.GetProperty("results").GetArrayLength()).ShouldBe((200, 0));
    }

    [Fact]
    public async Task A_download_has_each_log_once_and_in_order()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        FlowRun run = await LogsAsync(server, 450);
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.GetAsync($"{server.Url}/flow_runs/{run.Id}/logs/download", HttpCompletionOption.ResponseHeadersRead);
        string[] lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Skip(1).Select(line => line.Split(',')[^1]).ShouldBe(Enumerable.Range(0, 450).Select(i => $"line {i}"));
    }

    /// <summary>A file that ends before its end must not look whole.</summary>
    [Fact]
    public async Task A_download_that_breaks_off_is_seen_to()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        FlowRun run = await LogsAsync(server, 450);
        Sql(server.Where, "UPDATE log SET task_run_id = x'00' WHERE message = 'line 300'");
        using var http = new HttpClient();
        await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync($"{server.Url}/flow_runs/{run.Id}/logs/download"));
        server.Reports.ShouldHaveSingleItem().ShouldContain("internal error at GET");
    }

    [Fact]
    public async Task A_gate_that_cannot_read_its_tokens_says_so()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { CsrfProtection = true });
        Sql(server.Where, "ALTER TABLE csrf_token RENAME TO gone");
        using var http = new HttpClient();
        using HttpRequestMessage request = new(HttpMethod.Post, server.Url + "/flows/") { Content = new StringContent("""{"name":"f"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Prefect-Csrf-Token", "t");
        request.Headers.Add("Prefect-Csrf-Client", "c");
        using HttpResponseMessage answer = await http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(507);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("detail");
        server.Reports.ShouldHaveSingleItem().ShouldContain("no such table");
    }

    [Fact]
    public void Guessing_is_bounded_also_where_somebody_knows_better()
    {
        var clock = new FakeTimeProvider(Home.Start);
        var guard = new LoginGuard(clock, _ => { });
        var address = IPAddress.Parse("192.0.2.1");
        guard.Passed(address);
        int heard = 0;
        for (; heard < 100_000 && guard.Wait(address) is null; heard++)
            guard.Failed(address);
        heard.ShouldBe(1_000);
        clock.Advance(TimeSpan.FromMinutes(1));
        guard.Wait(address).ShouldBeNull();
    }

    /// <summary>Whoever has one IPv6 address has 2^64.</summary>
    [Fact]
    public void The_addresses_of_one_network_count_together()
    {
        var guard = new LoginGuard(new FakeTimeProvider(Home.Start), _ => { });
        for (int i = 0; i < LoginGuard.Tries; i++)
            guard.Failed(IPAddress.Parse($"2001:db8:1:2::{i + 1:x}"));
        guard.Wait(IPAddress.Parse("2001:db8:1:2:ffff::9")).ShouldNotBeNull();
        guard.Wait(IPAddress.Parse("2001:db8:1:3::1")).ShouldBeNull();
        guard.Known.ShouldBe(1);
        guard.Passed(IPAddress.Parse("192.0.2.1"));
        guard.Passed(IPAddress.Parse("::ffff:192.0.2.1"));
        guard.Known.ShouldBe(2);
    }

    private static async Task<FlowRun> LogsAsync(LiveServer server, int count)
    {
        Flow flow = await server.Api.EnsureFlowAsync(new() { Name = "f" }, default);
        FlowRun run = await server.Api.CreateFlowRunAsync(new() { FlowId = flow.Id }, default);
        // Many of one moment: their order is that of their writing.
        await server.Api.CreateLogsAsync([.. Enumerable.Range(0, count).Select(i => new LogCreate { Name = "n", Level = 20, Message = $"line {i}", Timestamp = Home.Start.AddSeconds(i / 100), FlowRunId = run.Id })], default);
        return run;
    }

    private static void Sql(SluiceHome home, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={home.Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
