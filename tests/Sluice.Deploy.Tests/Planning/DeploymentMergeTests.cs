using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Deploy.Tests.Planning;

/// <summary>The three-way merge as a pure function: what each side said, and what comes of it.</summary>
public sealed class DeploymentMergeTests
{
    private const string Declared = """
        {
          "name": "daily", "flow_id": "00000000-0000-0000-0000-000000000000", "path": "file:///store/a", "entrypoint": "W.dll!W.Run", "version": "1",
          "description": "Reports.", "concurrency_limit": 2, "parameters": {"city": "Seattle", "days": 3}, "tags": ["weather", "daily"],
          "work_pool_name": null, "work_queue_name": "default", "labels": {"sluice.app": "Weather", "sluice.schedules": "daily"},
          "parameter_openapi_schema": {"type": "object", "properties": {}}, "enforce_parameter_schema": true,
          "job_variables": {"command": "sluice flow-run execute", "env": {"LEVEL": "info", "SLUICE_PACKAGE": "file:///store/a#sha256=0", "SLUICE_SCHEDULES": "daily"}},
          "schedules": [{"slug": "daily", "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Paris", "day_or": true}, "parameters": {"days": 1}}]
        }
        """;

    /// <summary>
    /// The path that both sides edit, the edit of the code and that of the server (null for none), then for each rule what is decided: <c>code</c>, <c>live</c> or a
    /// class; <c>-</c> where the field does not differ.
    /// </summary>
    public static TheoryData<string, string?, string?, string, string> Fields => new()
    {
        // Nobody, one side, both alike, both otherwise.
        { "parameters.city", null, null, "-", "" },
        { "parameters.city", "'Oslo'", null, "code_changed", "'Oslo'" },
        { "parameters.city", null, "'Bergen'", "drift", "'Bergen'" },
        { "parameters.city", "'Oslo'", "'Oslo'", "agreed", "'Oslo'" },
        { "parameters.city", "'Oslo'", "'Bergen'", "conflict", "'Bergen'" },
        { "parameters.days", null, "3.0", "-", "3" },
        { "parameters.days", null, "4", "drift", "4" },
        { "parameters.new", null, "true", "drift", "true" },
        { "parameters.new", "[1]", null, "code_changed", "[1]" },
        { "parameters.new", "[1]", "[1,2]", "conflict", "[1,2]" },
        { "parameters.days", "remove", null, "code_changed", "null" },
        { "parameters.days", "remove", "4", "conflict", "4" },
        { "parameters.days", "remove", "remove", "agreed", "null" },
        { "description", "'Other.'", null, "code_changed", "'Other.'" },
        { "description", null, "'Theirs.'", "drift", "'Theirs.'" },
        { "description", "'Other.'", "'Theirs.'", "conflict", "'Theirs.'" },
        { "concurrency_limit", "3", null, "code_changed", "3" },
        { "concurrency_limit", null, "7", "drift", "7" },
        { "job_variables.working_dir", "'/code'", null, "code_changed", "'/code'" },
        { "job_variables.working_dir", null, "'/theirs'", "drift", "'/theirs'" },
        { "job_variables.env.LEVEL", "'debug'", null, "code_changed", "'debug'" },
        { "job_variables.env.LEVEL", null, "'trace'", "drift", "'trace'" },
        { "job_variables.env.LEVEL", "'debug'", "'trace'", "conflict", "'trace'" },
        { "job_variables.env.LEVEL", "remove", null, "code_changed", "null" },
        { "job_variables.env.THEIRS", null, "'x'", "drift", "'x'" },
        { "work_queue_name", "'etl'", null, "code_changed", "'etl'" },
        { "work_queue_name", null, "'theirs'", "drift", "'theirs'" },
        // What publishing alone sets.
        { "version", null, "'theirs'", "drift own", "'1'" },
        { "entrypoint", "'X.dll!X.Run'", "'theirs'", "code_changed", "'X.dll!X.Run'" },
        { "path", "'file:///store/b'", null, "code_changed", "'file:///store/b'" },
        { "job_variables.env.SLUICE_PACKAGE", null, "'file:///theirs#sha256=1'", "drift own", "'file:///store/a#sha256=0'" },
        { "job_variables.env.SLUICE_VERSION", null, "'4 file:///versions/w/x.json#sha256=1'", "-", "'4 file:///versions/w/x.json#sha256=1'" },
    };

    [Theory, MemberData(nameof(Fields))]
    public void A_field_is_whose_it_was_changed_by_last(string path, string? code, string? live, string expected, string body)
    {
        foreach (ConflictRule rule in Enum.GetValues<ConflictRule>())
        {
            MergedDeployment merged = Merge(Edit(Declared, path, code), Edit(Live(Declared), path, live), rule);
            FieldChange? change = merged.Fields.SingleOrDefault();
            bool conflict = expected == "conflict";
            (string Class, FieldDecision? Decision) wanted = expected switch
            {
                "-" => ("-", null),
                "drift own" => ("drift", FieldDecision.Code),
                "code_changed" => (expected, FieldDecision.Code),
                "conflict" => (expected, rule switch { ConflictRule.Keep => FieldDecision.Live, ConflictRule.Code => FieldDecision.Code, _ => FieldDecision.Undecided }),
                _ => (expected, FieldDecision.Live),
            };
            (change is null ? "-" : Name(change.Class), change?.Decision).ShouldBe(wanted, $"{path} {code} {live} {rule}");
            change?.Path.ShouldBe(path);
            string said = conflict && rule == ConflictRule.Code ? (code == "remove" ? "null" : code!) : body;
            if (said.Length > 0)
                At(JsonSerializer.SerializeToNode(merged.Body, OrchestrationJson.Default.DeploymentCreate)!, path).ShouldBe(Json(said), $"{path} {code} {live} {rule}");
            merged.IsChanged.ShouldBe(conflict || expected is "code_changed" or "drift own" or "agreed");
        }
    }

    public static TheoryData<string, string, string, string> Schedules => new()
    {
        // The code's edit and the server's of the schedule 'daily', the fields that are said, and the schedules afterwards where conflicts are the server's.
        { "", "", "", "daily 0 6 * * * Europe/Paris days=1" },
        { "cron=0 7 * * *", "", "schedules[daily].cron:code_changed", "daily 0 7 * * * Europe/Paris days=1" },
        { "", "cron=0 7 * * *", "schedules[daily].cron:drift", "daily 0 7 * * * Europe/Paris days=1" },
        { "timezone=UTC", "cron=0 7 * * *", "schedules[daily].cron:drift schedules[daily].timezone:code_changed", "daily 0 7 * * * UTC days=1" },
        { "cron=0 8 * * *", "cron=0 7 * * *", "schedules[daily].cron:conflict", "daily 0 7 * * * Europe/Paris days=1" },
        { "cron=0 8 * * *", "interval=60", "schedules[daily].schedule:conflict", "daily 60 Europe/Paris days=1" },
        { "", "interval=60", "schedules[daily].schedule:drift", "daily 60 Europe/Paris days=1" },
        { "days=2", "active=false", "schedules[daily].active:drift schedules[daily].parameters.days:code_changed", "daily 0 6 * * * Europe/Paris days=2" },
        { "active=false", "", "schedules[daily].active:code_changed", "daily 0 6 * * * Europe/Paris days=1 active=false" },
        { "active=true", "active=false", "schedules[daily].active:conflict", "daily 0 6 * * * Europe/Paris days=1" },
        { "removed", "", "schedules[daily]:code_changed", "" },
        { "removed", "active=false", "schedules[daily]:code_changed", "" },
        { "removed", "cron=0 7 * * *", "schedules[daily]:conflict", "daily 0 7 * * * Europe/Paris days=1" },
        { "", "removed", "schedules[daily]:drift", "" },
        { "removed", "removed", "schedules[daily]:agreed", "" },
        { "cron=0 7 * * *", "cron=0 7 * * *", "schedules[daily].cron:agreed", "daily 0 7 * * * Europe/Paris days=1" },
        { "active=false", "active=false", "schedules[daily].active:agreed", "daily 0 6 * * * Europe/Paris days=1 active=false" },
        { "added=hers", "added=hers", "schedules[hers]:agreed", "daily 0 6 * * * Europe/Paris days=1, hers 5 5 * * * UTC active=true" },
        { "cron=0 7 * * *", "removed", "schedules[daily]:conflict", "" },
        { "slug=other", "", "schedules[daily]:code_changed schedules[other]:code_changed", "other 0 6 * * * Europe/Paris days=1" },
        { "", "added=hers", "schedules[hers]:drift", "daily 0 6 * * * Europe/Paris days=1, hers 5 5 * * * UTC" },
    };

    [Theory, MemberData(nameof(Schedules))]
    public void Schedules_are_merged_by_slug_and_member(string code, string live, string fields, string after)
    {
        MergedDeployment merged = Merge(EditSchedules(JsonNode.Parse(Declared)!, code), EditSchedules(JsonNode.Parse(Live(Declared))!, live), ConflictRule.Keep);
        string.Join(' ', merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}").Where(field => !field.StartsWith("labels", StringComparison.Ordinal))).ShouldBe(fields);
        string.Join(", ", merged.Body.Schedules!.Select(schedule => string.Join(' ', new[]
        {
            schedule.Slug, schedule.Schedule.Cron ?? schedule.Schedule.Interval?.ToString(System.Globalization.CultureInfo.InvariantCulture), schedule.Schedule.Timezone ?? "UTC",
            schedule.Parameters is { Count: > 0 } ? $"days={schedule.Parameters["days"]}" : null, schedule.Active is { } active ? $"active={(active ? "true" : "false")}" : null,
        }.OfType<string>()))).ShouldBe(after);
    }

    [Theory]
    [InlineData(null, null, "", null)]
    [InlineData(null, true, "paused:drift", null)]
    [InlineData(true, null, "paused:code_changed", true)]
    [InlineData(true, true, "paused:agreed", true)]
    [InlineData(false, true, "paused:conflict", null)]
    public void A_pause_is_peoples_where_the_code_does_not_say_it(bool? code, bool? live, string fields, bool? sent)
    {
        MergedDeployment merged = Merge(Edit(Declared, "paused", code?.ToString().ToLowerInvariant()), Edit(Live(Declared), "paused", live?.ToString().ToLowerInvariant()), ConflictRule.Keep);
        string.Join(' ', merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}")).ShouldBe(fields);
        merged.Body.Paused.ShouldBe(sent);
    }

    [Theory]
    [InlineData(true, null, true, "paused:code_changed", false, "paused: true → false (code changed)")]
    [InlineData(true, null, false, "paused:agreed", null, "paused: false (changed alike in the code and on the server; it was true)")]
    [InlineData(false, null, false, "", null, "")]
    [InlineData(false, null, true, "paused:drift", null, "paused: true (changed on the server, kept; the code does not say it)")]
    [InlineData(null, false, false, "", false, "")]
    public void A_pause_that_the_code_stops_saying_ends_unless_people_set_it(bool? before, bool? code, bool live, string fields, bool? sent, string words)
    {
        MergedDeployment merged = Merge(
            Edit(Declared, "paused", before?.ToString().ToLowerInvariant()), Edit(Declared, "paused", code?.ToString().ToLowerInvariant()), Edit(Live(Declared), "paused", live.ToString().ToLowerInvariant()), ConflictRule.Fail);
        string.Join(' ', merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}")).ShouldBe(fields);
        string.Join('\n', merged.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish))).ShouldBe(words);
        merged.Body.Paused.ShouldBe(sent);
        merged.IsChanged.ShouldBeTrue("what the code says of it now is remembered");
    }

    [Fact]
    public void A_schedule_that_the_code_no_longer_says_is_inactive_runs_again()
    {
        string before = EditSchedules(JsonNode.Parse(Declared)!, "active=false").ToJsonString();
        string live = EditSchedules(JsonNode.Parse(Live(Declared))!, "active=false").ToJsonString();
        MergedDeployment merged = Merge(before, Declared, live, ConflictRule.Fail);
        merged.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish)).ShouldBe(["schedules[daily].active: false → true (code changed)"]);
        merged.Body.Schedules![0].Active.ShouldBe(true);
        // A person's stays, where the code never said it.
        Merge(Declared, Declared, live, ConflictRule.Fail).Body.Schedules![0].Active.ShouldBeNull();
    }

    [Fact]
    public void Tags_are_merged_one_by_one_and_their_order_is_no_difference()
    {
        MergedDeployment merged = Merge(Edit(Declared, "tags", "['daily','new']"), Edit(Live(Declared), "tags", "['theirs','daily','weather']"), ConflictRule.Fail);
        merged.Body.Tags.ShouldBe(["daily", "new", "theirs"]);
        merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}").ShouldBe(["tags[new]:code_changed", "tags[theirs]:drift", "tags[weather]:code_changed"]);
        Merge(Declared, Edit(Live(Declared), "tags", "['daily','weather']"), ConflictRule.Fail).Fields.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("description", "description")]
    [InlineData("concurrency_limit", "concurrency_limit")]
    public void What_the_code_stopped_saying_is_cleared(string path, string cleared)
    {
        Merge(Edit(Declared, path, "remove"), Live(Declared), ConflictRule.Fail).Cleared.ShouldBe([cleared]);
        Merge(Edit(Declared, path, "remove"), Edit(Live(Declared), path, "remove"), ConflictRule.Fail).Cleared.ShouldBeEmpty();
        // Without the last publish it may be anybody's.
        Merge(null, Edit(Declared, path, "remove"), Live(Declared), ConflictRule.Fail).Fields.ShouldBeEmpty();
    }

    [Fact]
    public void Labels_of_people_stay_and_ours_are_the_codes()
    {
        string live = Edit(Edit(Live(Declared), "labels.team", "'ops'"), "labels.sluice|storage", "'s3-flow-storage'");
        MergedDeployment merged = Merge(Declared, live, ConflictRule.Fail);
        merged.Body.Labels!.Keys.Order().ShouldBe(["sluice.app", "sluice.schedules", "team"]);
        merged.Fields.Select(field => field.Path).ShouldBe(["labels.sluice.storage"]);
    }

    [Fact]
    public void Without_the_last_publish_the_codes_values_are_taken_but_for_pauses_and_schedules_of_people()
    {
        JsonNode live = EditSchedules(EditSchedules(JsonNode.Parse(Edit(Edit(Live(Declared), "paused", "true"), "parameters.city", "'Bergen'"))!, "active=false"), "added=hers");
        MergedDeployment merged = Merge(null, Declared, live.ToJsonString(), ConflictRule.Fail);
        merged.HasBase.ShouldBeFalse();
        merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}:{Name(field.Decision)}").ShouldBe(
            ["parameters.city:code_changed:code", "paused:drift:live", "schedules[daily].active:drift:live", "schedules[hers]:drift:live"]);
        (merged.Body.Paused, merged.Body.Parameters!["city"].GetString()).ShouldBe((null, "Seattle"));
        merged.Body.Schedules!.Select(schedule => (schedule.Slug, schedule.Active)).ShouldBe([("daily", null), ("hers", null)]);
    }

    [Fact]
    public void The_anchor_that_a_server_gave_an_interval_stays_while_the_interval_does()
    {
        string declared = EditSchedules(JsonNode.Parse(Declared)!, "interval=3600").ToJsonString();
        JsonNode live = JsonNode.Parse(Live(declared))!;
        live["schedules"]![0]!["schedule"]!["anchor_date"] = "2026-11-22T02:56:30.822095+00:00";
        MergedDeployment merged = Merge(declared, declared, live.ToJsonString(), ConflictRule.Fail);
        (merged.IsChanged, merged.Fields.ShouldHaveSingleItem().Class).ShouldBe((false, FieldClass.Normalised));
        merged.Body.Schedules![0].Schedule.AnchorDate.ShouldBe(new DateTimeOffset(2026, 11, 22, 2, 56, 30, 822, 95, TimeSpan.Zero));
        Merge(declared, EditSchedules(JsonNode.Parse(Declared)!, "interval=60").ToJsonString(), live.ToJsonString(), ConflictRule.Fail).Body.Schedules![0].Schedule.AnchorDate.ShouldBeNull();
    }

    [Fact]
    public void A_rule_whose_start_the_server_wrote_is_the_same_and_goes_back_as_the_server_has_it()
    {
        string declared = EditSchedules(JsonNode.Parse(Declared)!, "rrule=FREQ=DAILY;INTERVAL=3").ToJsonString();
        string live = EditSchedules(JsonNode.Parse(Live(declared))!, "rrule=DTSTART:20261122T030000\nFREQ=DAILY;INTERVAL=3").ToJsonString();
        MergedDeployment merged = Merge(declared, Edit(declared, "description", "'Other.'"), live, ConflictRule.Fail);
        merged.Fields.Select(field => $"{field.Path}:{Name(field.Class)}").ShouldBe(["description:code_changed", "schedules[daily].rrule:normalised"]);
        merged.Body.Schedules![0].Schedule.Rrule.ShouldBe("DTSTART:20261122T030000\nFREQ=DAILY;INTERVAL=3");
    }

    [Theory]
    [InlineData(2, "live")]
    [InlineData(90, "code")]
    public void A_parameter_of_people_that_the_new_schema_refuses_is_the_codes(int theirs, string decision)
    {
        string code = Edit(Declared, "parameter_openapi_schema", "{'type':'object','properties':{'days':{'type':'integer','maximum':31},'city':{'type':'string'}}}");
        FieldChange days = Merge(code, Edit(Live(Declared), "parameters.days", theirs.ToString(System.Globalization.CultureInfo.InvariantCulture)), ConflictRule.Fail).Fields.Single(field => field.Path == "parameters.days");
        (Name(days.Class), Name(days.Decision)).ShouldBe(("drift", decision));
    }

    [Fact]
    public void On_Prefect_2_the_one_schedule_is_the_same_under_any_slug_and_has_one_switch()
    {
        ApiInfo server = new("prefect", "2.10.21", "http://prefect.example", 0);
        string declared = EditSchedules(JsonNode.Parse(Declared)!, "no parameters").ToJsonString();
        // A person made one where the code had none.
        string none = EditSchedules(JsonNode.Parse(declared)!, "removed").ToJsonString();
        string theirs = EditSchedules(EditSchedules(JsonNode.Parse(Live(declared))!, "slug=schedule"), "cron=9 9 * * *").ToJsonString();
        MergedDeployment both = Merge(none, declared, theirs, ConflictRule.Fail, server);
        both.Fields.Select(field => $"{field.Path}:{Name(field.Class)}").ShouldBe(["schedules[daily].cron:conflict", ]);
        Merge(none, none, theirs, ConflictRule.Fail, server).Body.Schedules!.Select(schedule => (schedule.Slug, schedule.Schedule.Cron)).ShouldBe([("schedule", "9 9 * * *")]);
        // A new slug alone changes nothing there but our own note.
        Merge(declared, EditSchedules(JsonNode.Parse(declared)!, "slug=other").ToJsonString(), Live(declared), ConflictRule.Fail, server).Fields.ShouldBeEmpty();
        // Its pause is the deployment's.
        MergedDeployment paused = Merge(declared, declared, Edit(Live(declared), "paused", "true"), ConflictRule.Fail, server);
        paused.Fields.Select(field => $"{field.Path}:{Name(field.Class)}").ShouldBe(["paused:drift"]);
        paused.Body.Schedules![0].Active.ShouldBeNull();
    }

    [Fact]
    public void What_may_be_a_secret_is_hidden_in_what_is_said_and_not_in_what_is_sent()
    {
        const string canary = "hunter2-canary";
        string code = Edit(Edit(Edit(Declared, "job_variables.env.DB_PASSWORD", $"'{canary}'"), "job_variables.env.API_KEY", "'${API_KEY}'"), "job_variables.env.URL", $"'postgres://me:{canary}@db/x'");
        code = Edit(code, "parameters.options", $"{{'token':'{canary}','retries':2}}");
        MergedDeployment merged = Merge(Declared, code, Live(Declared), ConflictRule.Fail);
        string said = string.Join('\n', merged.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish)));
        said.ShouldNotContain(canary);
        said.ShouldContain("\"${API_KEY}\"");
        said.ShouldContain("postgres://me:********@db/x");
        said.ShouldContain("\"retries\":2");
        merged.Body.JobVariables!["env"].GetProperty("DB_PASSWORD").GetString().ShouldBe(canary);
        merged.Body.Parameters!["options"].GetProperty("token").GetString().ShouldBe(canary);
    }

    [Fact]
    public void A_variable_of_people_that_begins_like_ours_is_kept_shown_and_masked()
    {
        MergedDeployment merged = Merge(Declared, Declared, Edit(Edit(Live(Declared), "job_variables.env.SLUICE_DEBUG", "'1'"), "job_variables.env.SLUICE_SIGNING_KEY", "'canary-7'"), ConflictRule.Fail);
        merged.Body.JobVariables!["env"].GetProperty("SLUICE_DEBUG").GetString().ShouldBe("1");
        merged.Fields.Count(field => !FieldWords.IsNote(field)).ShouldBe(2);
        string.Join('\n', merged.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish))).ShouldNotContain("canary-7");
    }

    [Fact]
    public void A_secret_parameter_that_the_code_has_no_more_is_not_printed()
    {
        string schema = "{'title':'Parameters','type':'object','properties':{'pin':{'title':'pin','type':'string','format':'password','writeOnly':true}}}";
        string before = Edit(Edit(Declared, "parameter_openapi_schema", schema), "parameters.pin", "'canary-4711'");
        MergedDeployment merged = Merge(before, Declared, Live(before), ConflictRule.Fail);
        merged.Fields.ShouldContain(field => field.Path == "parameters.pin");
        string.Join('\n', merged.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish))).ShouldNotContain("canary-4711");
    }

    [Fact]
    public void A_secret_parameter_of_a_schedule_that_is_new_gone_or_a_persons_is_not_printed()
    {
        string code = Edit(Declared, "parameter_openapi_schema", "{'title':'Parameters','type':'object','properties':{'pin':{'title':'pin','type':'string','format':'password','writeOnly':true}}}");
        JsonNode secret = JsonNode.Parse(code)!;
        secret["schedules"]![0]!["parameters"] = new JsonObject { ["pin"] = "canary-4711", ["city"] = "Oslo" };
        string with = secret.ToJsonString(), without = EditSchedules(JsonNode.Parse(code)!, "removed").ToJsonString();
        FieldChange[] said =
        [
            .. DeploymentMerge.Created(JsonSerializer.Deserialize(with, OrchestrationJson.Default.DeploymentCreate)!, null),
            .. Merge(without, with, Live(without), ConflictRule.Fail).Fields,
            .. Merge(with, without, Live(with), ConflictRule.Fail).Fields,
            .. Merge(without, without, Live(with), ConflictRule.Fail).Fields,
        ];
        said.Count(field => field.Path == "schedules[daily]").ShouldBe(4);
        JsonSerializer.Serialize(said).ShouldNotContain("canary-4711");
        JsonSerializer.Serialize(said).ShouldContain("Oslo");
    }

    private static MergedDeployment Merge(string code, string live, ConflictRule rule) => Merge(Declared, code, live, rule);

    private static MergedDeployment Merge(JsonNode code, JsonNode live, ConflictRule rule) => Merge(code.ToJsonString(), live.ToJsonString(), rule);

    private static MergedDeployment Merge(string? before, string code, string live, ConflictRule rule, ApiInfo? server = null) => DeploymentMerge.Of(
        before is null ? null : JsonSerializer.Deserialize(before, OrchestrationJson.Default.DeploymentCreate), JsonSerializer.Deserialize(code, OrchestrationJson.Default.DeploymentCreate)!,
        JsonSerializer.Deserialize(live, OrchestrationJson.Default.Deployment)!, server, rule);

    /// <summary>What a server answers where nobody touched what was declared.</summary>
    private static string Live(string declared)
    {
        JsonNode live = JsonNode.Parse(declared)!;
        live["id"] = "3c1f2f4e-4c4f-4d4e-9a52-7c6a3a5d7b11";
        live["work_pool_name"] = "default-agent-pool";
        live["labels"]!["prefect.flow.id"] = "7a35ec6f-e59b-4395-b2a3-2d2a4c1d9d0f";
        live["paused"] = false;
        foreach (JsonNode? schedule in live["schedules"]!.AsArray())
        {
            schedule!["id"] = Guid.NewGuid();
            schedule["active"] = true;
        }
        return live.ToJsonString();
    }

    private static string Edit(string json, string path, string? value)
    {
        if (value is null)
            return json;
        JsonNode root = JsonNode.Parse(json)!;
        string[] steps = path.Split('.');
        JsonNode at = root;
        foreach (string step in steps[..^1])
            at = at[step] ??= new JsonObject();
        string last = steps[^1].Replace('|', '.');
        if (value == "remove")
            at.AsObject().Remove(last);
        else
            at[last] = JsonNode.Parse(Json(value));
        return root.ToJsonString();
    }

    private static JsonNode EditSchedules(JsonNode root, string edit)
    {
        JsonArray schedules = root["schedules"]!.AsArray();
        string[] parts = edit.Split('=', 2);
        switch (parts[0])
        {
            case "":
                break;
            case "removed":
                schedules.Clear();
                break;
            case "added":
                schedules.Add(JsonNode.Parse($$$"""{"id": "{{{Guid.NewGuid()}}}", "slug": "{{{parts[1]}}}", "active": true, "schedule": {"cron": "5 5 * * *", "timezone": "UTC", "day_or": true}, "parameters": {}}"""));
                break;
            case "slug":
                schedules[0]!["slug"] = parts[1];
                break;
            case "active":
                schedules[0]!["active"] = bool.Parse(parts[1]);
                break;
            case "days":
                schedules[0]!["parameters"]!["days"] = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
                break;
            case "no parameters":
                schedules[0]!["parameters"] = new JsonObject();
                break;
            case "timezone":
                schedules[0]!["schedule"]!["timezone"] = parts[1];
                break;
            default:
                JsonObject when = schedules[0]!["schedule"]!.AsObject();
                foreach (string kind in (string[])["cron", "interval", "rrule", "day_or"])
                    when.Remove(kind);
                when[parts[0]] = parts[0] == "interval" ? JsonValue.Create(double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)) : JsonValue.Create(parts[1]);
                break;
        }
        return root;
    }

    private static string At(JsonNode root, string path) => path.Split('.').Aggregate((JsonNode?)root, (at, step) => at?[step])?.ToJsonString() ?? "null";

    private static string Json(string quoted) => quoted.Replace('\'', '"');

    private static string Name<T>(T value) where T : struct, Enum => JsonSerializer.Serialize(value).Trim('"');
}
