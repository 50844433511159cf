using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tests.Live;

/// <summary><c>/work_pools/{p}/workers/connect</c>, by what Prefect 3.8.3 and its worker said (worker-start-and-scheduled-run.json).</summary>
public sealed class WorkerChannelTests
{
    private const string Consumer = "01a2011f-e169-7345-aa6c-189df5478153";

    [Fact]
    public async Task Hello_makes_the_pool_and_is_answered_by_ready()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient worker = await LiveClient.ConnectAsync(server.Url, "/work_pools/p/workers/connect");
        await worker.SendTextAsync(Hello());
        JsonElement ready = (await worker.ReceiveAsync()).ShouldNotBeNull();
        ready.EnumerateObject().Select(member => member.Name).ShouldBe(["type", "id", "sent_at", "payload"]);
        ready.GetProperty("type").GetString().ShouldBe("worker.ready.v1");
        JsonElement payload = ready.GetProperty("payload");
        payload.EnumerateObject().Select(member => member.Name).ShouldBe([
            "consumer_id", "worker_id", "selected_channel_version", "effective_heartbeat_interval_seconds", "accepted_capabilities", "rejected_capabilities",
            "effective_max_cleanup_concurrency", "resolved_work_queues", "initial_snapshot"]);
        payload.GetProperty("consumer_id").GetString().ShouldBe(Consumer);
        payload.GetProperty("effective_heartbeat_interval_seconds").GetInt32().ShouldBe(30);
        payload.GetProperty("accepted_capabilities").GetRawText().ShouldBe("""["worker_heartbeat.v1","work_pool_snapshot.v1"]""");
        payload.GetProperty("rejected_capabilities").GetRawText().ShouldBe("""["cleanup_delivery.v1"]""");
        JsonElement snapshot = payload.GetProperty("initial_snapshot");
        (snapshot.GetProperty("snapshot_sequence").GetInt32(), snapshot.GetProperty("reason").GetString()).ShouldBe((1, "initial"));
        JsonElement pool = snapshot.GetProperty("work_pool");
        pool.EnumerateObject().Select(member => member.Name).ShouldBe([
            "id", "created", "updated", "name", "description", "type", "base_job_template", "is_paused", "concurrency_limit", "status", "active_slots",
            "storage_configuration", "default_queue_id"], ignoreOrder: true);
        (pool.GetProperty("type").GetString(), pool.GetProperty("status").GetString()).ShouldBe(("process", "READY"));
        payload.GetProperty("resolved_work_queues")[0].GetProperty("id").GetGuid().ShouldBe(pool.GetProperty("default_queue_id").GetGuid());
        WorkerInfo known = (await server.Api.ListWorkersAsync("p", default)).ShouldHaveSingleItem();
        (known.Name, known.HeartbeatIntervalSeconds, known.Status).ShouldBe(("w1", 30, "ONLINE"));
        (await server.Api.FindWorkPoolAsync("p", default))!.BaseJobTemplate.GetProperty("variables").ValueKind.ShouldBe(JsonValueKind.Object);
    }

    [Fact]
    public async Task Heartbeats_are_kept_unknown_frames_passed_over_and_changes_of_the_pool_sent()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient worker = await LiveClient.ConnectAsync(server.Url, "/work_pools/p/workers/connect");
        await worker.SendTextAsync(Hello());
        await worker.ReceiveAsync();
        DateTimeOffset before = (await server.Api.ListWorkersAsync("p", default))[0].LastHeartbeatTime!.Value;
        await worker.SendAsync(new { type = "worker.future.v9", id = Guid.NewGuid(), payload = new { } });
        await worker.SendAsync(new { type = "worker.heartbeat.v1", id = Guid.NewGuid(), sent_at = DateTimeOffset.UtcNow, payload = new { consumer_id = Consumer, worker_name = "w1", heartbeat_interval_seconds = 30 } });
        await Until.TrueAsync(async () => (await server.Api.ListWorkersAsync("p", default))[0].LastHeartbeatTime > before);

        await server.Api.UpdateWorkPoolAsync("p", new() { IsPaused = true }, default);
        JsonElement snapshot = (await worker.ReceiveAsync()).ShouldNotBeNull();
        snapshot.GetProperty("type").GetString().ShouldBe("work_pool.snapshot.v1");
        snapshot.GetProperty("payload").GetProperty("snapshot_sequence").GetInt32().ShouldBe(2);
        snapshot.GetProperty("payload").GetProperty("work_pool").GetProperty("is_paused").GetBoolean().ShouldBeTrue();
        await server.Api.DeleteWorkPoolAsync("p", default);
        (await worker.CloseOfServerAsync()).ShouldBe((1008, "authorization_failed"));
    }

    [Theory]
    [InlineData("""{"type":"worker.heartbeat.v1","payload":{}}""", 1002, "protocol_error")]
    [InlineData("nonsense", 1002, "protocol_error")]
    [InlineData("no-versions", 1008, "unsupported_version")]
    [InlineData("no-capabilities", 1002, "protocol_error")]
    [InlineData("no-pool", 1008, "authorization_failed")]
    [InlineData("no-queue", 1008, "authorization_failed")]
    [InlineData("reserved-pool", 1008, "authorization_failed")]
    [InlineData("bad-template", 1002, "protocol_error")]
    public async Task A_worker_that_cannot_be_served_is_told_why(string message, int code, string reason)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient worker = await LiveClient.ConnectAsync(server.Url, $"/work_pools/{(message == "reserved-pool" ? "prefect-x" : "p")}/workers/connect");
        await worker.SendTextAsync(message switch
        {
            "no-versions" => Hello().Replace("work_pool_worker_channel.v1", "work_pool_worker_channel.v7", StringComparison.Ordinal),
            "no-capabilities" => Hello().Replace("worker_heartbeat.v1", "other", StringComparison.Ordinal),
            "no-pool" => Hello(creates: false),
            "no-queue" => Hello(queues: """["nope"]"""),
            "reserved-pool" => Hello(),
            "bad-template" => Hello(template: """{"job_configuration":{},"variables":{"properties":7}}"""),
            _ => message,
        });
        (await worker.CloseOfServerAsync()).ShouldBe((code, reason));
    }

    [Fact]
    public async Task A_heartbeat_of_another_worker_ends_the_channel()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using LiveClient worker = await LiveClient.ConnectAsync(server.Url, "/work_pools/p/workers/connect");
        await worker.SendTextAsync(Hello());
        await worker.ReceiveAsync();
        await worker.SendAsync(new { type = "worker.heartbeat.v1", payload = new { consumer_id = Consumer, worker_name = "w2", heartbeat_interval_seconds = 30 } });
        (await worker.CloseOfServerAsync()).ShouldBe((1002, "protocol_error"));
    }

    [Fact]
    public async Task Credentials_and_the_subprotocol_are_asked_for()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { Token = "the-key" });
        await using LiveClient worker = await LiveClient.OpenAsync(server.Url, "/work_pools/p/workers/connect");
        await worker.SendAsync(new { type = "auth", token = "wrong" });
        (await worker.CloseOfServerAsync()).ShouldBe((1008, "authentication_failed"));
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(() => LiveClient.OpenAsync(server.Url, "/work_pools/p/workers/connect", protocol: null));
        (await server.Api.FindWorkPoolAsync("p", default)).ShouldBeNull();
    }

    /// <summary>The recorded hello, with the template cut short.</summary>
    internal static string Hello(bool creates = true, string queues = "[]", string? template = null) => $$$"""
        {"type":"worker.hello.v1","id":"01a2011f-e1bc-7cf1-9445-dcc64e77fb34","sent_at":"2026-11-22T02:39:56.348367Z","payload":{"consumer_id":"{{{Consumer}}}","worker_name":"w1",
        "worker_type":"process","heartbeat_interval_seconds":30,"supported_channel_versions":["work_pool_worker_channel.v1"],
        "requested_capabilities":["worker_heartbeat.v1","work_pool_snapshot.v1","cleanup_delivery.v1"],"work_queue_names":{{{queues}}},"handled_cleanup_kinds":[],"max_cleanup_concurrency":0,
        "create_pool_if_not_found":{{{(creates ? "true" : "false")}}},"default_base_job_template":{{{template ?? Template}}} }}
        """;

    private const string Template = """{"job_configuration":{"command":"{{ command }}","env":"{{ env }}"},"variables":{"type":"object","properties":{"command":{"type":"string"},"env":{"type":"object"}}}}""";
}
