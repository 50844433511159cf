using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Events;

namespace Sluice.Server.Tests.Live;

/// <summary><c>/events</c>, <c>/events/filter</c>, <c>/events/filter/next</c>, <c>/events/count-by</c>.</summary>
public sealed class EventRouteTests
{
    [Fact]
    public async Task Events_are_kept_once_and_come_back_whole()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        const string Sent = """
            {"occurred":"2026-11-22T02:39:56.437477Z","event":"prefect.worker.started","resource":{"prefect.resource.id":"prefect.worker.process.w1","prefect.resource.name":"w1","prefect.version":"3.8.3"},
            "related":[{"prefect.resource.id":"prefect.work-pool.a4","prefect.resource.role":"work-pool"}],"payload":{"a":{"b":[1,null,"x"]}},"id":"01a2011f-e216-7061-aac7-046a03cb0641","follows":null}
            """;
        string[] both = ["[" + Sent + "]", "[" + Sent + "]"];
        foreach (string body in both)
            (await server.PostAsync("/events", body)).Status.ShouldBe(204);
        (int status, JsonElement page) = await server.PostAsync("/events/filter", new { filter = new { occurred = new { since = "2026-11-01T00:00:00Z", until = "2027-01-01T00:00:00Z" } } });
        status.ShouldBe(200);
        page.GetProperty("total").GetInt32().ShouldBe(1);
        page.GetProperty("next_page").ValueKind.ShouldBe(JsonValueKind.Null);
        JsonElement kept = page.GetProperty("events")[0];
        foreach (JsonProperty member in JsonElement.Parse(Sent).EnumerateObject())
            JsonElement.DeepEquals(kept.GetProperty(member.Name), member.Value).ShouldBeTrue(member.Name);
        kept.GetProperty("received").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData("""[{"event":"x","resource":{"prefect.resource.id":"r"},"id":"01a2011f-e216-7061-aac7-046a03cb0641"}]""", "body.0.occurred")]
    [InlineData("""[{"occurred":"2026-11-22T02:39:56Z","event":"x","resource":{"a":"b"},"id":"01a2011f-e216-7061-aac7-046a03cb0641"}]""", "body.0.resource")]
    [InlineData("""[{"occurred":"2026-11-22T02:39:56Z","event":"x","resource":{"prefect.resource.id":"r"},"related":[{"prefect.resource.id":"s"}],"id":"01a2011f-e216-7061-aac7-046a03cb0641"}]""", "body.0.related.0")]
    [InlineData("""[{"occurred":"2026-11-22T02:39:56Z","event":"x","resource":{"prefect.resource.id":"r"},"payload":[1],"id":"01a2011f-e216-7061-aac7-046a03cb0641"}]""", "body.0.payload")]
    public async Task A_bad_event_is_refused_with_its_place(string body, string place)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (int status, JsonElement answer) = await server.PostAsync("/events", body);
        status.ShouldBe(422);
        string.Join('.', answer.GetProperty("exception_detail")[0].GetProperty("loc").EnumerateArray()).ShouldBe(place);
    }

    [Theory]
    [InlineData("""{"limit":51}""", "body.limit")]
    [InlineData("""{"filter":{"nope":1}}""", "body.filter.nope")]
    [InlineData("""{"filter":{"occurred":{"since":"yesterday"}}}""", "body.filter.occurred.since")]
    [InlineData("""{"filter":{"related":[{"id_prefix":["x"]}]}}""", "body.filter.related.0.id_prefix")]
    [InlineData("""{"filter":{"order":"UP"}}""", "body.filter.order")]
    public async Task A_filter_that_would_not_be_applied_is_refused(string body, string place)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (int status, JsonElement answer) = await server.PostAsync("/events/filter", body);
        status.ShouldBe(422);
        string.Join('.', answer.GetProperty("exception_detail")[0].GetProperty("loc").EnumerateArray()).ShouldBe(place);
    }

    [Fact]
    public async Task Pages_go_on_from_where_they_were_though_new_events_come()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        DateTimeOffset start = DateTimeOffset.UtcNow.AddMinutes(-10);
        await server.Api.CreateEventsAsync([.. Enumerable.Range(0, 7).Select(i => LiveServer.Event($"e{i}", occurred: start.AddSeconds(i)))], default);
        List<string> names = [];
        (int status, JsonElement page) = await server.PostAsync("/events/filter", new { limit = 3 });
        while (true)
        {
            status.ShouldBe(200);
            page.GetProperty("total").GetInt32().ShouldBe(7);
            names.AddRange(page.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("event").GetString()!));
            if (page.GetProperty("next_page").GetString() is not { } next)
                break;
            await server.Api.CreateEventsAsync([LiveServer.Event("late")], default);
            (status, page) = await server.GetAsync(next);
        }
        names.ShouldBe(["e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
        (await server.GetAsync("/events/filter/next?page-token=bm9uc2Vuc2U")).Status.ShouldBe(403);
        (await server.GetAsync("/events/filter/next")).Status.ShouldBe(403);
    }

    public static TheoryData<string, string> Filters => new()
    {
        { """{}""", "a b c d" },
        { """{"event":{"prefix":["flow."]}}""", "a b" },
        { """{"event":{"exclude_prefix":["flow."]}}""", "c d" },
        { """{"event":{"name":["task.x","flow.y"]}}""", "b c" },
        { """{"event":{"exclude_name":["task.x"]}}""", "a b d" },
        { """{"resource":{"id":["r.1"]}}""", "a c" },
        { """{"resource":{"id_prefix":["r.2"]}}""", "b d" },
        { """{"resource":{"labels":{"prefect.resource.id":"r.*"}}}""", "a b c d" },
        { """{"resource":{"labels":{"prefect.resource.name":["*1","zzz"]}}}""", "a c" },
        { """{"resource":{"labels":{"prefect.resource.id":"!r.1"}}}""", "b d" },
        { """{"resource":{"labels":{"absent":"*"}}}""", "" },
        { """{"resource":{"distinct":true}}""", "a b" },
        { """{"related":{"role":["flow"]}}""", "a" },
        { """{"related":[{"id":["x.1"]},{"role":["tag"]}]}""", "a b" },
        { """{"related":{"resources_in_roles":[["x.1","tag"]]}}""", "b" },
        { """{"any_resource":{"id":["x.1"]}}""", "a b" },
        { """{"any_resource":{"id_prefix":["r.1"]}}""", "a c" },
        { """{"text":{"query":"flow -y"}}""", "a" },
        { """{"text":{"query":"\"payload word\""}}""", "d" },
        { """{"text":{"query":"+r.1 +task"}}""", "c" },
        { """{"order":"DESC"}""", "d c b a" },
    };

    /// <summary>The live stream and the database answer a filter alike.</summary>
    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_includes_what_Prefect_says_it_does(string filter, string expected)
    {
        await using Home home = await Home.OpenAsync();
        DateTimeOffset now = home.Clock.GetUtcNow();
        EventCreate[] events =
        [
            LiveServer.Event("flow.x", "r.1", now.AddSeconds(-4), ("x.1", "flow"), ("t", "tag")),
            LiveServer.Event("flow.y", "r.2", now.AddSeconds(-3), ("x.1", "tag")),
            LiveServer.Event("task.x", "r.1", now.AddSeconds(-2)),
            LiveServer.Event("task.z", "r.2", now.AddSeconds(-1)) with { Payload = JsonElement.Parse("""{"k":"a payload word"}""") },
        ];
        await home.Api.CreateEventsAsync(events, default);
        EventFilter read = EventFilterReader.Read(JsonElement.Parse(filter), "filter", now);
        if (!filter.Contains("order", StringComparison.Ordinal))
            read = read with { Ascending = true };
        (IReadOnlyList<ServerEvent> page, int total) = await ((IEvents)home.Api).ListEventsAsync(read, 50, 0, default);
        string Letters(IEnumerable<EventCreate> some) => string.Join(' ', some.Select(one => (char)('a' + Array.FindIndex(events, sent => sent.Id == one.Id))));
        Letters(page.Select(one => one.Body)).ShouldBe(expected);
        total.ShouldBe(page.Count);
        if (!read.Distinct)
            Letters(events.Where(read.Includes)).ShouldBe(read.Ascending ? expected : "a b c d");
        (await ((IEvents)home.Api).ListEventsAsync(read, 1, 1, default)).Page.Select(one => one.Body.Id).ShouldBe(page.Skip(1).Take(1).Select(one => one.Body.Id));
    }

    [Fact]
    public async Task Events_are_counted_by_time_name_and_resource()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        var noon = new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date.AddDays(-1).AddHours(12), TimeSpan.Zero);
        await server.Api.CreateEventsAsync(
            [LiveServer.Event("a", "r.1", noon), LiveServer.Event("a", "r.2", noon.AddMinutes(1)), LiveServer.Event("b", "r.1", noon.AddHours(3))], default);
        object filter = new { occurred = new { since = noon.AddHours(-1), until = noon.AddHours(4) } };

        (int status, JsonElement hours) = await server.PostAsync("/events/count-by/time", new { filter, time_unit = "hour", time_interval = 1.0 });
        status.ShouldBe(200);
        hours.EnumerateArray().Select(count => count.GetProperty("count").GetInt32()).ShouldBe([0, 2, 0, 0, 1]);
        hours[1].GetProperty("start_time").GetDateTimeOffset().ShouldBe(noon);
        (_, JsonElement names) = await server.PostAsync("/events/count-by/event", new { filter });
        names.EnumerateArray().Select(count => (count.GetProperty("value").GetString(), count.GetProperty("count").GetInt32())).ShouldBe([("a", 2), ("b", 1)]);
        (_, JsonElement resources) = await server.PostAsync("/events/count-by/resource", new { filter });
        resources[0].GetProperty("label").GetString().ShouldBe("the r.1");
        (await server.PostAsync("/events/count-by/time", new { filter, time_unit = "second", time_interval = 0.01 })).Status.ShouldBe(422);
        (await server.PostAsync("/events/count-by/moon", new { filter })).Status.ShouldBe(422);
    }
}
