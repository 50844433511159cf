using System.Text.Json;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Concurrency limits, artifacts by key, saved searches, collections, automations and CSRF tokens over HTTP: statuses and shapes.</summary>
public sealed class SmallFamilyTests
{
    /// <summary>Requests in order on one server: method, path, body, status, and a text that the answer holds.</summary>
    public static TheoryData<string, string[]> Conversations => new()
    {
        {
            "concurrency limits by name and id", [
                """POST /v2/concurrency_limits/ {"name":"db","limit":2,"slot_decay_per_second":0.0} -> 201 avg_slot_occupancy_seconds":2""",
                """POST /v2/concurrency_limits/ {"name":"db","limit":2} -> 409 detail""",
                """POST /v2/concurrency_limits/ {"name":"a/b","limit":2} -> 422""",
                """POST /v2/concurrency_limits/ {"name":"x","limit":-1} -> 422""",
                """POST /v2/concurrency_limits/ {"name":"x","limit":1,"unknown":1} -> 422 extra_forbidden""",
                """GET /v2/concurrency_limits/db -> 200 "active_slots":0""",
                """GET /v2/concurrency_limits/nope -> 404 {"detail":"Concurrency Limit not found"}""",
                """GET /v2/concurrency_limits/545179b7-57bb-491c-bf8c-e36b6073ae23 -> 404 {"detail":"Concurrency Limit not found"}""",
                """PATCH /v2/concurrency_limits/db {"limit":3,"active":true} -> 204""",
                """PATCH /v2/concurrency_limits/nope {"limit":3} -> 404 {"detail":"Concurrency Limit not found"}""",
                """POST /v2/concurrency_limits/filter {"limit":5,"offset":0} -> 200 "limit":3""",
                """POST /v2/concurrency_limits/filter {"limit":201} -> 422""",
                """POST /v2/concurrency_limits/increment {"names":["db"],"slots":3,"mode":"concurrency","create_if_missing":null} -> 200 "name":"db""",
                """POST /v2/concurrency_limits/increment {"names":["db"],"slots":1} -> 423 {"detail":"Locked"}""",
                """POST /v2/concurrency_limits/increment {"names":["db"],"slots":4} -> 422 {"detail":"Slots requested is greater than the limit"}""",
                """POST /v2/concurrency_limits/increment {"names":["db"],"slots":1,"mode":"rate_limit"} -> 422 The following limits do not have a decay configured""",
                """POST /v2/concurrency_limits/increment {"names":[],"slots":1} -> 422""",
                """POST /v2/concurrency_limits/increment {"names":["db"],"slots":0} -> 422""",
                """POST /v2/concurrency_limits/decrement {"names":["db"],"slots":3,"occupancy_seconds":2.5,"create_if_missing":true} -> 200 "name":"db""",
                """POST /v2/concurrency_limits/decrement {"names":["nope"],"slots":3} -> 200 []""",
                """POST /v2/concurrency_limits/increment-with-lease {"names":["db"],"slots":1,"mode":"concurrency","lease_duration":60,"holder":{"type":"flow_run","id":"545179b7-57bb-491c-bf8c-e36b6073ae23"}} -> 200 lease_id""",
                """POST /v2/concurrency_limits/increment-with-lease {"names":["db"],"slots":1,"lease_duration":59} -> 422""",
                """POST /v2/concurrency_limits/increment-with-lease {"names":["db"],"slots":1,"holder":{"type":"other","id":"545179b7-57bb-491c-bf8c-e36b6073ae23"}} -> 422""",
                """POST /v2/concurrency_limits/leases/545179b7-57bb-491c-bf8c-e36b6073ae23/renew {"lease_duration":60} -> 410 {"detail":"Lease not found - it may have expired or been revoked"}""",
                """POST /v2/concurrency_limits/leases/545179b7-57bb-491c-bf8c-e36b6073ae23/renew {"lease_duration":86401} -> 422""",
                """POST /v2/concurrency_limits/decrement-with-lease {"lease_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"} -> 204""",
                """DELETE /v2/concurrency_limits/db -> 204""",
                """DELETE /v2/concurrency_limits/db -> 404""",
            ]
        },
        {
            "limits by tag", [
                """POST /concurrency_limits/ {"tag":"small","concurrency_limit":1} -> 201 "active_slots":[]""",
                """POST /concurrency_limits/ {"tag":"small"} -> 422""",
                """GET /concurrency_limits/tag/small -> 200 "concurrency_limit":1""",
                """GET /v2/concurrency_limits/tag:small -> 200 "limit":1""",
                """POST /concurrency_limits/filter {} -> 200 "tag":"small""",
                """POST /concurrency_limits/increment {"names":["small","none"],"task_run_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"} -> 200 "name":"small""",
                """GET /concurrency_limits/tag/small -> 200 545179b7-57bb-491c-bf8c-e36b6073ae23""",
                """POST /concurrency_limits/increment {"names":["small"],"task_run_id":"645179b7-57bb-491c-bf8c-e36b6073ae23"} -> 423 Concurrency limit for the small tag has been reached""",
                """POST /concurrency_limits/decrement {"names":["small"],"task_run_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"} -> 200 small""",
                """GET /concurrency_limits/tag/small -> 200 "active_slots":[]""",
                """POST /concurrency_limits/tag/small/reset {"slot_override":["745179b7-57bb-491c-bf8c-e36b6073ae23"]} -> 200 null""",
                """GET /concurrency_limits/tag/small -> 200 745179b7-57bb-491c-bf8c-e36b6073ae23""",
                """GET /v2/concurrency_limits/tag:small -> 200 "active_slots":1""",
                """POST /concurrency_limits/tag/nope/reset {} -> 404 {"detail":"Concurrency limit not found"}""",
                """DELETE /concurrency_limits/tag/small -> 200 null""",
                """DELETE /concurrency_limits/tag/small -> 404 {"detail":"Concurrency limit not found"}""",
                """GET /concurrency_limits/tag/small -> 404""",
            ]
        },
        {
            "a limit by tag of nothing", [
                """POST /concurrency_limits/ {"tag":"none","concurrency_limit":0} -> 201""",
                """POST /concurrency_limits/increment {"names":["none"],"task_run_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"} -> 423 will deadlock""",
            ]
        },
        {
            "artifacts by key", [
                """POST /artifacts/ {"key":"report","type":"markdown","description":"d","data":"# one","metadata_":{"a":"b"}} -> 201 metadata_""",
                """POST /artifacts/ {"key":"report","type":"markdown","data":"# two"} -> 201""",
                """POST /artifacts/ {"unknown":1} -> 422""",
                """GET /artifacts/report/latest -> 200 # two""",
                """GET /artifacts/nope/latest -> 404 {"detail":"Artifact not found."}""",
                """POST /artifacts/filter {"sort":"ID_DESC","artifacts":{"key":{"any_":["report"]}}} -> 200 # one""",
                """POST /artifacts/count {"artifacts":{"key":{"any_":["report"]}}} -> 200 2""",
                """POST /artifacts/latest/filter {"sort":"KEY_ASC","artifacts":{"key":{"like_":"rep"}}} -> 200 latest_id""",
                """POST /artifacts/latest/count {} -> 200 1""",
                """POST /artifacts/filter {"task_runs":{"name":{"any_":["nope"]}}} -> 200 []""",
                """POST /artifacts/latest/filter {"artifacts":{"latest_id":{"any_":["545179b7-57bb-491c-bf8c-e36b6073ae23"]}}} -> 200 []""",
                """GET /artifacts/545179b7-57bb-491c-bf8c-e36b6073ae23 -> 404""",
            ]
        },
        {
            "saved searches", [
                """PUT /saved_searches/ {"name":"mine","filters":[{"object":"flow","property":"name","type":"string","operation":"equals","value":"x"}]} -> 201 mine""",
                """PUT /saved_searches/ {"name":"mine"} -> 200 "filters":[]""",
                """PUT /saved_searches/ {"filters":[]} -> 422""",
                """POST /saved_searches/filter {"limit":10} -> 200 mine""",
                """GET /saved_searches/545179b7-57bb-491c-bf8c-e36b6073ae23 -> 404 {"detail":"Saved search not found"}""",
                """DELETE /saved_searches/545179b7-57bb-491c-bf8c-e36b6073ae23 -> 404""",
            ]
        },
        {
            "collections", [
                """GET /collections/views/aggregate-worker-metadata -> 200 default_base_job_configuration""",
                """GET /collections/views/nope -> 404 {"detail":"View nope not found in registry"}""",
                """GET /block_capabilities/ -> 200 [""",
            ]
        },
        {
            "automations are not executed, so none is taken", [
                """POST /automations/ {"name":"a","trigger":{},"actions":[]} -> 501 does not execute automations""",
                """POST /automations/filter {"limit":200,"offset":0} -> 200 []""",
                """POST /automations/count -> 200 0""",
                """GET /automations/related-to/prefect.deployment.5deb5b6a-630b-498f-84df-209ed7e4e647 -> 200 []""",
                """DELETE /automations/owned-by/prefect.deployment.5deb5b6a-630b-498f-84df-209ed7e4e647 -> 202 null""",
                """GET /automations/5deb5b6a-630b-498f-84df-209ed7e4e647 -> 404 {"detail":"Automation not found"}""",
            ]
        },
        {
            "names are no SQL and no paths", [
                """GET /v2/concurrency_limits/x'%20OR%201=1%20-- -> 404 not found""",
                """GET /artifacts/x';DROP%20TABLE%20artifact;--/latest -> 404""",
                """POST /artifacts/filter {"artifacts":{"key":{"like_":"%' OR '1'='1"}}} -> 200 []""",
                """POST /artifacts/filter {"sort":"KEY_ASC; DROP TABLE artifact"} -> 422""",
                """POST /task_runs/filter {"sort":"id; DROP TABLE task_run"} -> 422""",
                """GET /collections/views/..%2f..%2fetc%2fpasswd -> 404""",
                """POST /concurrency_limits/increment {"names":["' OR 1=1 --"],"task_run_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"} -> 200 []""",
                """GET /artifacts/report/latest -> 404""",
            ]
        },
    };

    [Theory, MemberData(nameof(Conversations))]
    public async Task Requests_are_answered_as_Prefect_answers_them(string name, string[] conversation)
    {
        name.ShouldNotBeEmpty();
        await using FamilyServer server = await FamilyServer.StartAsync();
        foreach (string line in conversation)
        {
            int arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
            string[] request = line[..arrow].Split(' ', 3), expected = line[(arrow + 4)..].Split(' ', 2);
            server.Clock.Advance(TimeSpan.FromMilliseconds(10));
            var (status, answer, response) = await server.SendAsync(request[0], request[1], request.Length > 2 ? request[2] : null);
            status.ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(expected[0], $"{line}: {answer}");
            if (expected.Length > 1)
            {
                answer.GetRawText().ShouldContain(expected[1], customMessage: line);
            }

            if (status == 423 && !line.Contains("deadlock", StringComparison.Ordinal))
            {
                double.Parse(response.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
            }
        }
    }

    [Theory]
    [InlineData("prefect", "process")]
    [InlineData("prefect-docker", "docker")]
    [InlineData("prefect-kubernetes", "kubernetes")]
    [InlineData("sluice", "dotnet")]
    public async Task A_work_pool_is_created_from_each_template_of_the_registry(string collection, string type)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        JsonElement worker = (await server.OkAsync("GET", "/collections/views/aggregate-worker-metadata")).GetProperty(collection).GetProperty(type);
        worker.GetProperty("type").GetString().ShouldBe(type);
        JsonElement template = worker.GetProperty("default_base_job_configuration");
        JsonElement pool = await server.OkAsync("POST", "/work_pools/", $$"""{"name":"{{type}}","type":"{{type}}","base_job_template":{{template}} }""", 201);
        JsonElement.DeepEquals(pool.GetProperty("base_job_template"), template).ShouldBeTrue();
        JsonElement variables = template.GetProperty("variables").GetProperty("properties");
        foreach (System.Text.RegularExpressions.Match placeholder in System.Text.RegularExpressions.Regex.Matches(template.GetProperty("job_configuration").GetRawText(), @"\{\{ (\w+) \}\}"))
        {
            variables.TryGetProperty(placeholder.Groups[1].Value, out _).ShouldBeTrue(placeholder.Value);
        }
    }

    [Fact]
    public async Task With_CSRF_protection_a_write_needs_the_token_of_its_client()
    {
        await using FamilyServer server = await FamilyServer.StartAsync(options => options with { CsrfProtection = true });
        const string body = """{"name":"db","limit":1}""";
        async Task<(int, string?)> WriteAsync(params (string, string)[] headers)
        {
            var (status, answer, _) = await server.SendAsync("POST", "/v2/concurrency_limits/", body, headers);
            return (status, status == 403 ? answer.GetProperty("detail").GetString() : null);
        }

        (await server.OkAsync("GET", "/health")).GetBoolean().ShouldBeTrue();
        (await WriteAsync()).ShouldBe((403, "Missing CSRF token."));
        (await WriteAsync(("Prefect-Csrf-Token", "x"))).ShouldBe((403, "Missing client identifier."));
        (await WriteAsync(("Prefect-Csrf-Token", "x"), ("Prefect-Csrf-Client", "me"))).ShouldBe((403, "Invalid CSRF token or client identifier."));
        await server.OkAsync("GET", "/csrf-token", null, 422);

        JsonElement given = await server.OkAsync("GET", "/csrf-token?client=me");
        string token = given.GetProperty("token").GetString()!;
        given.GetProperty("client").GetString().ShouldBe("me");
        given.GetProperty("expiration").GetDateTimeOffset().ShouldBe(server.Clock.GetUtcNow().AddHours(1), TimeSpan.FromSeconds(1));
        (await WriteAsync(("Prefect-Csrf-Token", token), ("Prefect-Csrf-Client", "other"))).Item1.ShouldBe(403);
        (await WriteAsync(("Prefect-Csrf-Token", token), ("Prefect-Csrf-Client", "me"))).Item1.ShouldBe(201);
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await WriteAsync(("Prefect-Csrf-Token", token), ("Prefect-Csrf-Client", "me"))).Item1.ShouldBe(403);
        string next = (await server.OkAsync("GET", "/csrf-token?client=me")).GetProperty("token").GetString()!;
        next.ShouldNotBe(token);
        (await WriteAsync(("Prefect-Csrf-Token", next), ("Prefect-Csrf-Client", "me"))).Item1.ShouldBe(409);
    }

    [Fact]
    public async Task Without_CSRF_protection_the_token_route_says_so()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        (await server.OkAsync("GET", "/csrf-token?client=me", null, 422)).GetProperty("detail").GetString().ShouldBe("CSRF protection is disabled.");
    }
}
