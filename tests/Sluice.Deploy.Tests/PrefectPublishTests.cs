using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests;

/// <summary>Publishing to what stands in for Prefect servers of both generations, with people who change things there between publishes.</summary>
public sealed class PrefectPublishTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Generations => [2, 3];

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Generations))]
    public async Task An_unchanged_publish_writes_nothing(int generation)
    {
        Declare(
            ("cron", [Schedule("s", """{"cron": "0 6 * * *", "timezone": "Europe/Paris"}""")]), ("zone", [Schedule("s", """{"cron": "0 6 * * *"}""")]),
            ("interval", [Schedule("s", """{"interval": 900}""")]), ("anchored", [Schedule("s", """{"interval": 900, "anchor_date": "2026-01-01T00:05:00+01:00", "timezone": "Europe/Paris"}""")]),
            ("rule", [Schedule("s", """{"rrule": "FREQ=DAILY;BYHOUR=9"}""")]), ("fast", [Schedule("s", """{"rrule": "FREQ=MINUTELY;INTERVAL=7"}""")]), ("none", []));
        await using PrefectServer server = await StartAsync(generation);
        DeployResult first = await PublishAsync(server);
        first.Outcome!.Deployments.ShouldAllBe(deployment => deployment.Outcome == "created");
        server.Writes.Count(request => request.Path == "/deployments/").ShouldBe(7);
        Dictionary<string, Schedule> before = await SchedulesAsync(server);
        server.Forget();

        DeployResult second = await PublishAsync(server);

        second.Outcome!.Deployments.SelectMany(deployment => deployment.Changes.Select(change => $"{deployment.FullName}: {change}")).ShouldBeEmpty();
        server.Writes.ShouldBeEmpty();
        (await SchedulesAsync(server)).ShouldBe(before);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_new_cron_expression_is_sent_and_what_a_person_paused_stays_paused(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi person = new(server.Endpoint);
        await PublishAsync(server);
        Deployment daily = await LiveAsync(person, "daily");
        await person.SetDeploymentPausedAsync(daily.Id, true, Cancel);
        if (generation == 3)
            await person.UpdateScheduleAsync(daily.Id, daily.Schedules[0].Id, new() { Active = false }, Cancel);
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["schedules"]![0]!["schedule"]!["cron"] = "30 7 * * *");
        server.Forget();

        (await PublishAsync(server)).Outcome!.Deployments.Select(deployment => (deployment.Outcome, string.Join(",", deployment.Changes))).ShouldBe([("updated", "schedules"), ("unchanged", "")]);

        Deployment live = await LiveAsync(person, "daily");
        live.Paused.ShouldBeTrue();
        DeploymentSchedule schedule = live.Schedules.ShouldHaveSingleItem();
        (schedule.Id, schedule.Active, schedule.Schedule.Cron, schedule.Schedule.Timezone).ShouldBe((daily.Schedules[0].Id, false, "30 7 * * *", "Europe/Paris"));
        server.Writes.Select(request => request.Method).ShouldBe(["PATCH"], "PATCH changes the deployment, and nothing else is written");
        JsonElement.Parse(server.Writes[^1].Body).EnumerateObject().Select(member => member.Name).ShouldNotContain(generation == 3 ? "paused" : "is_schedule_active");
    }

    [Fact]
    public async Task Schedules_that_the_code_no_longer_has_are_removed_also_those_that_a_later_publish_added()
    {
        await using PrefectServer server = await StartAsync(3);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        async Task<string[]> PublishAsync(params string[] slugs)
        {
            Declare(("daily", [.. slugs.Select(slug => Schedule(slug, """{"cron": "0 6 * * *"}"""))]));
            await this.PublishAsync(server);
            return [.. (await LiveAsync(api, "daily")).Schedules.Select(schedule => schedule.Slug ?? "-").Order()];
        }

        (await PublishAsync("a", "b")).ShouldBe(["a", "b"]);
        (await PublishAsync("b", "c")).ShouldBe(["b", "c"]);
        (await PublishAsync("b")).ShouldBe(["b"]);
        await api.CreateSchedulesAsync((await LiveAsync(api, "daily")).Id, [new() { Schedule = new() { Cron = "1 1 * * *" } }, new() { Slug = "hers", Schedule = new() { Cron = "2 2 * * *" } }], Cancel);
        Guid[] people = [.. (await LiveAsync(api, "daily")).Schedules.Where(schedule => schedule.Slug != "b").Select(schedule => schedule.Id).Order()];
        server.Forget();
        (await PublishAsync("b")).ShouldBe(["-", "b", "hers"], "schedules that people made stay");
        server.Writes.ShouldBeEmpty();
        (await PublishAsync("b", "d")).ShouldBe(["-", "b", "d", "hers"]);
        (await PublishAsync("d")).ShouldBe(["-", "d", "hers"]);
        (await LiveAsync(api, "daily")).Schedules.Where(schedule => schedule.Slug != "d").Select(schedule => schedule.Id).Order().ToArray().ShouldBe(people, "and keep their ids");
        (await PublishAsync()).ShouldBe(["-", "hers"]);
    }

    [Fact]
    public async Task On_Prefect_2_the_one_schedule_is_a_persons_until_the_code_changes_it_too()
    {
        await using PrefectServer server = await StartAsync(2);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await PublishAsync(server);
        await api.CreateSchedulesAsync((await LiveAsync(api, "manual")).Id, [new() { Schedule = new() { Cron = "1 1 * * *" } }], Cancel);
        await api.UpdateScheduleAsync((await LiveAsync(api, "daily")).Id, (await LiveAsync(api, "daily")).Id, new() { Schedule = new() { Cron = "2 2 * * *" } }, Cancel);

        server.Forget();
        (await PublishAsync(server)).Outcome!.Deployments.Select(deployment => string.Join(",", deployment.Fields.Select(field => $"{field.Path} {field.Class} {field.Decision}")))
            .ShouldBe(["schedules[schedule-1].cron Drift Live,schedules[schedule-1].timezone Drift Live", "schedules[schedule] Drift Live"]);
        server.Writes.ShouldBeEmpty();

        _bench.ChangeFlow(flow => flow["deployments"]![0]!["schedules"] = new JsonArray());
        DeployResult stopped = await _bench.RunAsync(server: server.Url);
        DeployError conflict = stopped.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldHaveSingleItem();
        conflict.Code.ShouldBe(DeployCodes.Conflict);
        conflict.Message.ShouldBe(
            "Weather report/daily: changed both in the code and on the server since the last publish: schedules[schedule-1] was {\"cron\":\"0 6 * * *\",\"timezone\":\"Europe/Paris\"}, "
            + "the code says nothing, the server has {\"cron\":\"2 2 * * *\"}. Publish with -p:SluiceConflicts=keep for the server's or -p:SluiceConflicts=code for the code's "
            + "(sluice deploy, sluice deployment plan: --conflicts keep|code), or make both the same.");
        server.Writes.ShouldBeEmpty();

        (await _bench.RunAsync(_bench.Request with { Conflicts = "code" }, server.Url)).Succeeded.ShouldBeTrue();
        (await LiveAsync(api, "daily")).Schedules.ShouldBeEmpty("the code no longer has it");
        (await LiveAsync(api, "manual")).Schedules.ShouldHaveSingleItem().Schedule.Cron.ShouldBe("1 1 * * *");
        server.Forget();
        await PublishAsync(server);
        server.Writes.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task Job_variables_are_replaced_as_a_whole_and_never_empty(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await PublishAsync(server);
        _bench.ChangeFlow(flow => flow["deployments"]![1]!["job_variables"] = null);
        await PublishAsync(server);

        Deployment manual = await LiveAsync(api, "manual");
        manual.JobVariables.Keys.ShouldBe(["command", "env"], ignoreOrder: true);
        manual.JobVariables["env"].TryGetProperty("LEVEL", out _).ShouldBeFalse("the code no longer sets it");
        foreach (JsonElement sent in server.Writes.Where(request => request.Path.StartsWith("/deployments/", StringComparison.Ordinal)).Select(request => JsonElement.Parse(request.Body)))
        {
            JsonElement env = sent.GetProperty(generation == 3 ? "job_variables" : "infra_overrides").GetProperty("env");
            env.GetProperty("SLUICE_PACKAGE").GetString().ShouldNotBeNullOrEmpty();
            env.TryGetProperty("SLUICE_SCHEDULES", out _).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task On_Prefect_2_a_new_schema_is_posted_with_everything_that_people_set()
    {
        await using PrefectServer server = await StartAsync(2);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        using HttpClient person = new(new SocketsHttpHandler { UseProxy = false });
        await PublishAsync(server);
        Guid id = (await LiveAsync(api, "daily")).Id;
        (await person.PatchAsJsonAsync($"{server.Url}/deployments/{id}", new { manifest_path = "kept.json", is_schedule_active = false }, Cancel)).EnsureSuccessStatusCode();
        _bench.ChangeFlow(flow => flow["parameter_openapi_schema"]!["properties"]!["days"]!["default"] = 14);
        server.Forget();

        (await PublishAsync(server)).Outcome!.Deployments.Select(deployment => string.Join(",", deployment.Changes)).ShouldBe(["parameter schema", "parameter schema"]);

        server.Writes.Count(request => request is { Method: "POST", Path: "/deployments/" }).ShouldBe(2, "PATCH does not take a schema");
        JsonElement live = await person.GetFromJsonAsync<JsonElement>($"{server.Url}/deployments/{id}", Cancel);
        live.GetProperty("parameter_openapi_schema").GetProperty("properties").GetProperty("days").GetProperty("default").GetInt32().ShouldBe(14);
        (live.GetProperty("manifest_path").GetString(), live.GetProperty("is_schedule_active").GetBoolean(), live.GetProperty("schedule").GetProperty("cron").GetString()).ShouldBe(("kept.json", false, "0 6 * * *"));
    }

    [Fact]
    public async Task On_Prefect_2_the_app_is_among_the_tags_and_tags_of_people_are_the_codes()
    {
        await using PrefectServer server = await StartAsync(2);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await PublishAsync(server);
        Deployment daily = await LiveAsync(api, "daily");
        (string.Join(",", daily.Tags), daily.Labels["sluice.app"].GetString()).ShouldBe(("weather", "Weather"));
        server.Writes.Select(request => request.Body).ShouldContain(body => body.Contains("\"sluice.app:Weather\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_Prefect_2_cannot_have_is_said_before_anything_is_stored()
    {
        Declare(("two", [Schedule("a", """{"cron": "0 6 * * *"}"""), Schedule("b", """{"cron": "0 7 * * *"}""")]), ("own", [Schedule("a", """{"cron": "0 6 * * *"}""", """{"city": "Oslo"}""")]));
        await using PrefectServer server = await StartAsync(2);
        DeployResult result = await _bench.RunAsync(server: server.Url);

        result.Outcome.ShouldBeNull();
        result.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.IsWarning, diagnostic.Message.Split(',')[0])).ShouldBe(
            [(DeployCodes.Prefect2Schedules, false, "Weather report/two declares 2 schedules"), (DeployCodes.Prefect2Schedules, false, "Weather report/own declares a schedule with parameters of its own")]);
        server.Writes.ShouldBeEmpty();
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_limit_that_Prefect_2_does_not_have_is_a_warning()
    {
        await using PrefectServer server = await StartAsync(2);
        DeployResult result = await _bench.RunAsync(server: server.Url);
        DeployError warning = result.Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.Prefect2ConcurrencyLimit, true));
        warning.Message.ShouldContain("the concurrency limit of Weather report/manual has no effect there");
        result.Outcome!.Deployments.ShouldAllBe(deployment => deployment.Outcome == "created");
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task Whatever_people_change_between_publishes_the_code_and_their_pauses_hold(int generation)
    {
        foreach (int seed in Enumerable.Range(Fuzz.Seed, Fuzz.Count(12)))
        {
            Random random = new(seed);
            await using PrefectServer server = await StartAsync(generation);
            await using HttpOrchestrationApi api = new(server.Endpoint);
            bool paused = false;
            Dictionary<string, bool> inactive = [];
            Guid[] people = [];
            for (int publish = 0; publish < 4; publish++)
            {
                string[] slugs = [.. "abcd".Where(_ => random.Next(2) == 0).Select(slug => slug.ToString()).Take(generation == 2 ? 1 : 4)];
                Declare(("d", [.. slugs.Select(slug => Schedule(slug, RandomSchedule(random)))]));
                string told = $"seed {seed}, publish {publish}, schedules {string.Join(",", slugs)}";
                await PublishAsync(server);
                Deployment live = await LiveAsync(api, "d");
                live.Paused.ShouldBe(paused, told);
                live.Schedules.Where(schedule => !people.Contains(schedule.Id)).Select(schedule => schedule.Slug!).Order().ToArray().ShouldBe(slugs, customMessage: told);
                live.Schedules.Count(schedule => people.Contains(schedule.Id)).ShouldBe(people.Length, told);
                if (generation == 3)
                    live.Schedules.Where(schedule => schedule.Slug is { } slug && inactive.TryGetValue(slug, out bool was) && was).ShouldAllBe(schedule => !schedule.Active, told);
                server.Forget();
                await PublishAsync(server);
                server.Writes.ShouldBeEmpty(told);

                // Now the people.
                if (random.Next(3) == 0)
                {
                    paused = !paused;
                    await api.SetDeploymentPausedAsync(live.Id, paused, Cancel);
                }
                if (random.Next(2) == 0)
                    await api.UpdateDeploymentAsync(live.Id, new() { Tags = ["theirs"], Description = "theirs", Parameters = new Dictionary<string, JsonElement>() }, Cancel);
                inactive.Clear();
                if (generation == 3)
                {
                    foreach (DeploymentSchedule schedule in live.Schedules.Where(schedule => schedule.Slug is { Length: 1 } && random.Next(2) == 0))
                    {
                        await api.UpdateScheduleAsync(live.Id, schedule.Id, new() { Active = false }, Cancel);
                        inactive[schedule.Slug!] = true;
                    }
                    if (people.Length < 2 && random.Next(2) == 0)
                        people = [.. people, .. (await api.CreateSchedulesAsync(live.Id, [new() { Slug = random.Next(2) == 0 ? null : "person" + publish, Schedule = new() { Cron = "3 3 * * *" } }], Cancel)).Select(made => made.Id)];
                    // A schedule that the code drops and takes up again is a new one.
                    live.Schedules.Where(schedule => schedule.Slug is { Length: 1 } && !schedule.Active).ToList().ForEach(schedule => inactive.TryAdd(schedule.Slug!, true));
                }
            }
        }
    }

    private static string RandomSchedule(Random random) => random.Next(4) switch
    {
        0 => $$"""{"cron": "{{random.Next(60)}} {{random.Next(24)}} * * *", "timezone": "Europe/Paris"}""",
        1 => $$"""{"interval": {{random.Next(1, 100) * 60}}}""",
        2 => $$"""{"rrule": "FREQ=DAILY;BYHOUR={{random.Next(24)}}"}""",
        _ => $$"""{"interval": {{random.Next(1, 100) * 60}}, "anchor_date": "2026-01-{{random.Next(1, 28).ToString("00", CultureInfo.InvariantCulture)}}T00:00:00Z"}""",
    };

    private static async Task<PrefectServer> StartAsync(int generation) => generation == 2
        ? await Prefect2Server.StartAsync(cancellationToken: Cancel)
        : await Prefect3Server.StartAsync(cancellationToken: Cancel);

    private static async Task<Deployment> LiveAsync(IOrchestrationApi api, string name) => (await api.FindDeploymentAsync("Weather report", name, Cancel)).ShouldNotBeNull();

    private static async Task<Dictionary<string, Schedule>> SchedulesAsync(PrefectServer server)
    {
        await using HttpOrchestrationApi api = new(server.Endpoint);
        return (await api.ListDeploymentsAsync(new(), Cancel)).Where(deployment => deployment.Schedules.Count > 0).ToDictionary(deployment => deployment.Name, deployment => deployment.Schedules[0].Schedule);
    }

    private static string Schedule(string slug, string schedule, string parameters = "null") => $$"""{"slug": "{{slug}}", "active": null, "parameters": {{parameters}}, "schedule": {{schedule}}}""";

    private async Task<DeployResult> PublishAsync(PrefectServer server)
    {
        DeployResult result = await _bench.RunAsync(server: server.Url);
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldBeEmpty();
        return result;
    }

    private void Declare(params (string Name, string[] Schedules)[] deployments) => _bench.ChangeFlow(flow =>
    {
        JsonNode pattern = flow["deployments"]![0]!;
        flow["deployments"] = new JsonArray([.. deployments.Select(deployment =>
        {
            JsonNode own = pattern.DeepClone();
            own["name"] = deployment.Name;
            own["schedules"] = JsonNode.Parse($"[{string.Join(",", deployment.Schedules)}]");
            return own;
        })]);
    });
}
