using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Server;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Planning;

/// <summary>
/// Random edits of the code and, as a person would make them, of the server, publish after publish, against an oracle that knows only the three values of each
/// field: what the code said at the publish before, whatever that did; what the code says; what the server has.
/// </summary>
public sealed class MergePropertyTests : IDisposable
{
    private static readonly string[] s_pools = ["one", "two", "three"];

    private const string Extra = """{"slug": "x", "schedule": {"interval": 7200}}""";

    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("embedded")]
    [InlineData("http")]
    [InlineData("prefect 3")]
    [InlineData("prefect 2")]
    public async Task After_a_publish_the_plan_is_empty_drift_stays_and_conflicts_are_what_both_changed(string kind)
    {
        await using IOrchestrationApi store = await _bench.OpenAsync();
        await using ApiHost? host = kind == "http" ? await ApiHost.StartAsync(store, new(), Cancel) : null;
        await using PrefectServer? prefect = kind switch
        {
            "prefect 3" => await Prefect3Server.StartAsync(cancellationToken: Cancel),
            "prefect 2" => await Prefect2Server.StartAsync(cancellationToken: Cancel),
            _ => null,
        };
        Uri? url = prefect?.Url ?? host?.Url;
        await using IOrchestrationApi person = url is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(new ApiEndpoint(url.AbsoluteUri));
        Field[] fields = [.. Fields().Where(field => kind != "prefect 2" || field.OnPrefect2)];
        await MakePoolsAsync(person);
        int drift = 0, conflicts = 0;
        foreach (int seed in Enumerable.Range(Fuzz.Seed, Fuzz.Count(5)))
        {
            Random random = new(seed);
            string name = FormattableString.Invariant($"d{seed}");
            Dictionary<string, string?> code = fields.ToDictionary(field => field.Path, field => field.Start), before = new(code);
            Write(name, fields, code);
            await PublishAsync(name, url, null);
            Dictionary<string, string?> live = await LiveAsync(person, name, fields);
            for (int round = 0; round < 6; round++)
            {
                // In some rounds one field alone is edited, so that nothing else makes a publish write.
                Field[] edited = round % 2 == 0 ? fields : [fields[random.Next(fields.Length)]];
                string told = $"{kind}, SLUICE_FUZZ_SEED={seed}, round {round}";
                foreach (Field field in edited)
                {
                    if (random.Next(4) == 0 || edited.Length == 1)
                        code[field.Path] = field.Any(random, byPerson: false);
                    if (random.Next(4) == 0 || edited.Length == 1)
                        await field.Person(person, (await person.FindDeploymentAsync("Weather report", name, Cancel))!, live[field.Path] = field.Any(random, byPerson: true));
                }
                (await LiveAsync(person, name, fields)).ShouldBe(live, told);
                Write(name, fields, code);

                // What the oracle says.
                string[] conflicting = [.. fields.Where(field => field.Decide(before[field.Path], code[field.Path], live[field.Path]) == "conflict").Select(field => field.Path).Order(StringComparer.Ordinal)];
                string[] kept = [.. fields.Where(field => field.Decide(before[field.Path], code[field.Path], live[field.Path]) == "live").Select(field => field.Path).Order(StringComparer.Ordinal)];
                conflicts += conflicting.Length;
                drift += kept.Length;

                DeployOutcome plan = await PublishAsync(name, url, null, plan: true);
                Paths(plan, FieldClass.Conflict).ShouldBe(conflicting, told);
                Paths(plan, FieldClass.Drift).ShouldBe(kept, told);
                (await LiveAsync(person, name, fields)).ShouldBe(live, $"{told}: a plan does nothing");
                if (conflicting.Length > 0)
                {
                    DeployResult stopped = await _bench.RunAsync(_bench.Request with { App = name }, url);
                    stopped.Outcome.ShouldBeNull(told);
                    DeployError error = stopped.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldHaveSingleItem(told);
                    error.Code.ShouldBe(DeployCodes.Conflict, told);
                    foreach (string path in conflicting)
                        Plain(error.Message).ShouldContain($"{path} was ", customMessage: told);
                    (await LiveAsync(person, name, fields)).ShouldBe(live, $"{told}: a conflict changes nothing");
                }

                string rule = random.Next(2) == 0 ? "keep" : "code";
                await PublishAsync(name, url, rule);
                foreach (Field field in fields)
                {
                    string decision = field.Decide(before[field.Path], code[field.Path], live[field.Path]);
                    if (decision == "code" || (decision == "conflict" && rule == "code"))
                        live[field.Path] = code[field.Path] ?? field.Absent;
                }
                (await LiveAsync(person, name, fields)).ShouldBe(live, $"{told}, {rule}");
                before = new(code);

                DeployOutcome again = await PublishAsync(name, url, null, plan: true);
                again.HasChanges.ShouldBeFalse($"{told}, {rule}: after apply, the plan is empty: {string.Join("; ", again.Deployments.SelectMany(deployment => deployment.Fields.Select(field => FieldWords.Of(field, ConflictWords.Publish))))}");
                prefect?.Forget();
                (await PublishAsync(name, url, null)).ApiWrites.ShouldBe(0, told);
                prefect?.Writes.ShouldBeEmpty(told);
            }
        }
        // The edits did meet.
        (drift, conflicts).ShouldSatisfyAllConditions(seen => seen.drift.ShouldBePositive(), seen => seen.conflicts.ShouldBePositive());
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("prefect 3")]
    [InlineData("prefect 2")]
    public async Task What_code_and_a_person_changed_alike_is_the_start_of_what_either_changes_next(string kind)
    {
        await using PrefectServer? prefect = kind switch
        {
            "prefect 3" => await Prefect3Server.StartAsync(cancellationToken: Cancel),
            "prefect 2" => await Prefect2Server.StartAsync(cancellationToken: Cancel),
            _ => null,
        };
        await using IOrchestrationApi person = prefect is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(prefect.Endpoint);
        Field[] fields = [.. Fields().Where(field => kind != "prefect 2" || field.OnPrefect2)];
        await MakePoolsAsync(person);
        Dictionary<string, string?> code = fields.ToDictionary(field => field.Path, field => field.Start);
        Write("d", fields, code);
        await PublishAsync("d", prefect?.Url, null);
        var kept = new List<string>();
        foreach (Field field in fields.Where(field => field.OfPerson is null))
        {
            Dictionary<string, string?> live = await LiveAsync(person, "d", fields);
            string? first = live[field.Path];
            string? alike = field.Values.First(value => value is not null && value != first);
            await field.Person(person, (await person.FindDeploymentAsync("Weather report", "d", Cancel))!, alike);
            code[field.Path] = alike;
            Write("d", fields, code);

            DeployOutcome settled = await PublishAsync("d", prefect?.Url, null);
            (await LiveAsync(person, "d", fields))[field.Path].ShouldBe(alike, field.Path);
            Paths(settled, FieldClass.Agreed).ShouldBe([field.Path]);
            settled.Deployments[0].Changes.ShouldBe(field.Path == "schedules[x]" ? [kind == "embedded" ? "labels" : "job variables"] : ["record"], field.Path);
            (await PublishAsync("d", prefect?.Url, null)).ApiWrites.ShouldBe(0, field.Path);

            // The person goes back to what the code said before both changed it: nobody's change but theirs.
            string? back = first is null && !field.PersonMayRemove ? field.Values.First(value => value is not null && value != alike) : first;
            await field.Person(person, (await person.FindDeploymentAsync("Weather report", "d", Cancel))!, back);
            kept.Add(field.Path);
            DeployOutcome plan = await PublishAsync("d", prefect?.Url, null, plan: true);
            Paths(plan, FieldClass.Drift).ShouldBe([.. kept.Order(StringComparer.Ordinal)], field.Path);
            plan.HasChanges.ShouldBeFalse(field.Path);
            await PublishAsync("d", prefect?.Url, null);
            (await LiveAsync(person, "d", fields))[field.Path].ShouldBe(back, field.Path);
        }
        kept.Count.ShouldBe(fields.Length - fields.Count(field => field.OfPerson is not null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_switch_that_the_code_says_as_it_is_anyhow_is_said_from_then_on(bool isPaused)
    {
        Field[] fields = [.. Fields().Where(field => field.Path is "paused" or "schedules[schedule-1].active")];
        Field field = fields[isPaused ? 0 : 1], other = fields[isPaused ? 1 : 0];
        Dictionary<string, string?> code = fields.ToDictionary(one => one.Path, one => one.Start);
        Write("d", fields, code);
        await PublishAsync("d", null, null);
        code[field.Path] = field.Usual;
        Write("d", fields, code);
        (await PublishAsync("d", null, null)).Deployments[0].Changes.ShouldBe(["record"]);
        (await PublishAsync("d", null, null)).ApiWrites.ShouldBe(0);

        // The code says it as at the last publish: what a person does now is theirs.
        await using IOrchestrationApi person = await _bench.OpenAsync();
        string turned = field.Usual == "true" ? "false" : "true";
        await field.Person(person, (await person.FindDeploymentAsync("Weather report", "d", Cancel))!, turned);
        Paths(await PublishAsync("d", null, null), FieldClass.Drift).ShouldBe([field.Path]);
        Dictionary<string, string?> live = await LiveAsync(person, "d", fields);
        (live[field.Path], live[other.Path]).ShouldBe((turned, other.Usual));
    }

    private static string[] Paths(DeployOutcome outcome, FieldClass kind) =>
        [.. outcome.Deployments[0].Fields.Where(field => field.Class == kind && field.Decision != FieldDecision.Code).Select(field => Plain(field.Path)).Order(StringComparer.Ordinal)];

    /// <summary>A schedule's time is named by its kind where nobody changes that.</summary>
    private static string Plain(string text) => Regex.Replace(text, @"(schedules\[k\])\.(cron|interval|rrule)\b", "$1.schedule");

    private static async Task MakePoolsAsync(IOrchestrationApi api)
    {
        foreach (string pool in s_pools)
            await api.CreateWorkPoolAsync(new() { Name = pool, Type = "process" }, Cancel);
    }

    private static async Task<Dictionary<string, string?>> LiveAsync(IOrchestrationApi api, string name, Field[] fields)
    {
        Deployment live = (await api.FindDeploymentAsync("Weather report", name, Cancel)).ShouldNotBeNull();
        return fields.ToDictionary(field => field.Path, field => field.Read(live));
    }

    private async Task<DeployOutcome> PublishAsync(string app, Uri? url, string? conflicts, bool plan = false)
    {
        DeployResult result = await _bench.RunAsync(_bench.Request with { App = app, PlanOnly = plan, Conflicts = conflicts }, url);
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldBeEmpty();
        return result.Outcome!;
    }

    private void Write(string name, Field[] fields, Dictionary<string, string?> code) => _bench.ChangeFlow(flow =>
    {
        JsonNode deployment = flow["deployments"]![0]!;
        flow["deployments"] = new JsonArray(deployment.DeepClone());
        deployment = flow["deployments"]![0]!;
        deployment["name"] = name;
        deployment["tags"] = new JsonArray();
        deployment["job_variables"] = new JsonObject { ["env"] = new JsonObject() };
        if (fields.Any(field => field.Path.StartsWith("schedules[k]", StringComparison.Ordinal)))
            deployment["schedules"]!.AsArray().Add(JsonNode.Parse("""{"slug": "k", "parameters": {}, "schedule": {}}"""));
        foreach (Field field in fields)
            field.Code(deployment, code[field.Path]);
    });

    private static IEnumerable<Field> Fields()
    {
        foreach (string parameter in (string[])["city", "days"])
        {
            yield return new($"parameters.{parameter}", parameter == "city" ? "\"Seattle\"" : null, parameter == "city" ? ["\"Oslo\"", "\"Paris\"", "\"Bergen\"", null] : ["1", "2", "3", null])
            {
                Code = (deployment, value) => Set(deployment["parameters"]!.AsObject(), parameter, value),
                Read = live => live.Parameters.TryGetValue(parameter, out JsonElement value) ? value.GetRawText() : null,
                Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { Parameters = With(live.Parameters, parameter, value) }, Cancel),
            };
        }
        yield return new("description", "\"Mine.\"", ["\"A.\"", "\"B.\""])
        {
            Code = (deployment, value) => deployment["description"] = value is null ? null : JsonNode.Parse(value),
            Read = live => live.Description is { } text ? JsonSerializer.Serialize(text) : null,
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { Description = JsonSerializer.Deserialize<string>(value!) }, Cancel),
        };
        yield return new("concurrency_limit", "2", ["3", "4", null])
        {
            OnPrefect2 = false,
            PersonMayRemove = false,
            Code = (deployment, value) => deployment["concurrency_limit"] = value is null ? null : JsonNode.Parse(value),
            Read = live => live.ConcurrencyLimit?.ToString(CultureInfo.InvariantCulture),
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { ConcurrencyLimit = int.Parse(value!, CultureInfo.InvariantCulture) }, Cancel),
        };
        yield return new("work_queue_name", "\"default\"", ["\"etl\"", "\"fast\""])
        {
            Code = (deployment, value) => deployment["work_queue_name"] = JsonNode.Parse(value!),
            Read = live => $"\"{live.WorkQueueName}\"",
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { WorkPoolName = live.WorkPoolName, WorkQueueName = JsonSerializer.Deserialize<string>(value!) }, Cancel),
        };
        yield return new("work_pool_name", "\"one\"", [.. s_pools.Select(pool => $"\"{pool}\"")])
        {
            Code = (deployment, value) => deployment["work_pool_name"] = JsonNode.Parse(value!),
            Read = live => $"\"{live.WorkPoolName}\"",
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { WorkPoolName = JsonSerializer.Deserialize<string>(value!), WorkQueueName = live.WorkQueueName }, Cancel),
        };
        yield return new("enforce_parameter_schema", "true", ["true"])
        {
            OnPrefect2 = false,
            OfPerson = ["true", "false"],
            Code = (_, _) => { },
            Read = live => live.EnforceParameterSchema ? "true" : "false",
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { EnforceParameterSchema = value == "true" }, Cancel),
        };
        yield return new("job_variables.mode", "\"plain\"", ["\"fast\"", "{\"deep\":[1,2]}", "3", null])
        {
            Code = (deployment, value) => Set(deployment["job_variables"]!.AsObject(), "mode", value),
            Read = live => live.JobVariables.TryGetValue("mode", out JsonElement value) ? value.GetRawText() : null,
            Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { JobVariables = With(live.JobVariables, "mode", value) }, Cancel),
        };
        yield return new("job_variables.env.LEVEL", null, ["\"info\"", "\"debug\"", null])
        {
            Code = (deployment, value) => Set(deployment["job_variables"]!["env"]!.AsObject(), "LEVEL", value),
            Read = live => live.JobVariables["env"].TryGetProperty("LEVEL", out JsonElement value) ? value.GetRawText() : null,
            Person = async (api, live, value) =>
            {
                JsonObject env = JsonNode.Parse(live.JobVariables["env"].GetRawText())!.AsObject();
                Set(env, "LEVEL", value);
                await api.UpdateDeploymentAsync(live.Id, new() { JobVariables = With(live.JobVariables, "env", env.ToJsonString()) }, Cancel);
            },
        };
        foreach (string tag in (string[])["one", "two"])
        {
            yield return new($"tags[{tag}]", null, [$"\"{tag}\"", null])
            {
                Code = (deployment, value) =>
                {
                    if (value is not null)
                        deployment["tags"]!.AsArray().Insert(0, tag);
                },
                Read = live => live.Tags.Contains(tag) ? $"\"{tag}\"" : null,
                Person = async (api, live, value) => await api.UpdateDeploymentAsync(live.Id, new() { Tags = value is null ? [.. live.Tags.Where(other => other != tag)] : [tag, .. live.Tags.Where(other => other != tag)] }, Cancel),
            };
        }
        yield return new("paused", null, ["true", "false", null])
        {
            IsSwitch = true,
            PersonMayRemove = false,
            Absent = "false",
            Code = (deployment, value) => deployment["paused"] = value is null ? null : JsonNode.Parse(value),
            Read = live => live.Paused ? "true" : "false",
            Person = async (api, live, value) => await api.SetDeploymentPausedAsync(live.Id, value == "true", Cancel),
        };
        yield return new("schedules[schedule-1].cron", "\"0 6 * * *\"", ["\"0 7 * * *\"", "\"0 8 * * *\""])
        {
            Code = (deployment, value) => deployment["schedules"]![0]!["schedule"]!["cron"] = JsonNode.Parse(value!),
            Read = live => JsonSerializer.Serialize(Daily(live).Schedule.Cron),
            Person = async (api, live, value) => await api.UpdateScheduleAsync(live.Id, Daily(live).Id, new() { Schedule = Daily(live).Schedule with { Cron = JsonSerializer.Deserialize<string>(value!) } }, Cancel),
        };
        yield return new("schedules[schedule-1].timezone", "\"Europe/Paris\"", ["\"Europe/Oslo\"", "\"Asia/Tokyo\""])
        {
            Code = (deployment, value) => deployment["schedules"]![0]!["schedule"]!["timezone"] = JsonNode.Parse(value!),
            Read = live => JsonSerializer.Serialize(Daily(live).Schedule.Timezone),
            Person = async (api, live, value) => await api.UpdateScheduleAsync(live.Id, Daily(live).Id, new() { Schedule = Daily(live).Schedule with { Timezone = JsonSerializer.Deserialize<string>(value!) } }, Cancel),
        };
        yield return new("schedules[schedule-1].active", null, ["true", "false", null])
        {
            OnPrefect2 = false,
            IsSwitch = true,
            Usual = "true",
            PersonMayRemove = false,
            Absent = "true",
            Code = (deployment, value) => deployment["schedules"]![0]!["active"] = value is null ? null : JsonNode.Parse(value),
            Read = live => Daily(live).Active ? "true" : "false",
            Person = async (api, live, value) => await api.UpdateScheduleAsync(live.Id, Daily(live).Id, new() { Active = value == "true" }, Cancel),
        };
        yield return new("schedules[x]", null, ["there", null])
        {
            OnPrefect2 = false,
            Code = (deployment, value) =>
            {
                if (value is not null)
                    deployment["schedules"]!.AsArray().Add(JsonNode.Parse(Extra));
            },
            Read = live => live.Schedules.Any(schedule => schedule.Slug == "x") ? "there" : null,
            Person = async (api, live, value) =>
            {
                if (live.Schedules.FirstOrDefault(schedule => schedule.Slug == "x") is { } there)
                {
                    if (value is null)
                        await api.DeleteScheduleAsync(live.Id, there.Id, Cancel);
                }
                else if (value is not null)
                {
                    await api.CreateSchedulesAsync(live.Id, [new() { Slug = "x", Schedule = new() { Interval = 7200 } }], Cancel);
                }
            },
        };
        // From kind to kind: what one has of its own, an anchor or a start, goes with it.
        yield return new("schedules[k].schedule", Kinds[0], [.. Kinds])
        {
            OnPrefect2 = false,
            Code = (deployment, value) => Kind(deployment)["schedule"] = JsonNode.Parse(value!),
            Read = live => Kinds.Single(kind => JsonElement.Parse(kind) is var said && Kind(live).Schedule is var has && (said.TryGetProperty("cron", out JsonElement cron) ? has.Cron == cron.GetString()
                : said.TryGetProperty("interval", out JsonElement interval) ? has.Interval == interval.GetDouble() : has.Rrule?.EndsWith(said.GetProperty("rrule").GetString()!, StringComparison.Ordinal) == true)),
            Person = async (api, live, value) => await api.UpdateScheduleAsync(live.Id, Kind(live).Id, new() { Schedule = JsonSerializer.Deserialize(value!, OrchestrationJson.Default.Schedule) }, Cancel),
        };
        yield return new("schedules[k].parameters.days", "1", ["2", "3", null])
        {
            OnPrefect2 = false,
            Code = (deployment, value) => Set(Kind(deployment)["parameters"]!.AsObject(), "days", value),
            Read = live => Kind(live).Parameters.TryGetValue("days", out JsonElement value) ? value.GetRawText() : null,
            Person = async (api, live, value) => await api.UpdateScheduleAsync(live.Id, Kind(live).Id, new() { Parameters = With(Kind(live).Parameters, "days", value) }, Cancel),
        };
        yield return new("schedules[hers]", null, [null])
        {
            OnPrefect2 = false,
            OfPerson = ["there", null],
            Code = (_, _) => { },
            Read = live => live.Schedules.Any(schedule => schedule.Slug == "hers") ? "there" : null,
            Person = async (api, live, value) =>
            {
                if (live.Schedules.FirstOrDefault(schedule => schedule.Slug == "hers") is { } there)
                    await api.DeleteScheduleAsync(live.Id, there.Id, Cancel);
                if (value is not null)
                    await api.CreateSchedulesAsync(live.Id, [new() { Slug = "hers", Schedule = new() { Cron = "3 3 * * *" }, Active = false }], Cancel);
            },
        };
    }

    private static string[] Kinds => ["""{"cron":"1 1 * * *"}""", """{"cron":"2 2 * * *"}""", """{"interval":3600}""", """{"interval":5400}""", """{"rrule":"FREQ=WEEKLY;BYDAY=MO"}""", """{"rrule":"FREQ=DAILY;INTERVAL=2"}"""];

    private static JsonNode Kind(JsonNode deployment) => deployment["schedules"]!.AsArray().Single(schedule => (string?)schedule!["slug"] == "k")!;

    private static DeploymentSchedule Kind(Deployment live) => live.Schedules.Single(schedule => schedule.Slug == "k");

    private static DeploymentSchedule Daily(Deployment live) => live.Schedules.First(schedule => schedule.Slug is "schedule-1" or "schedule");

    private static void Set(JsonObject map, string name, string? value)
    {
        map.Remove(name);
        if (value is not null)
            map[name] = JsonNode.Parse(value);
    }

    private static Dictionary<string, JsonElement> With(IReadOnlyDictionary<string, JsonElement> map, string name, string? value)
    {
        Dictionary<string, JsonElement> with = new(map);
        with.Remove(name);
        if (value is not null)
            with[name] = JsonElement.Parse(value);
        return with;
    }

    private sealed record Field(string Path, string? Start, string?[] Values)
    {
        public required Action<JsonNode, string?> Code { get; init; }

        public required Func<Deployment, string?> Read { get; init; }

        public required Func<IOrchestrationApi, Deployment, string?, Task> Person { get; init; }

        public bool OnPrefect2 { get; init; } = true;

        public bool PersonMayRemove { get; init; } = true;

        /// <summary>Null leaves it to people, and means the usual state.</summary>
        public bool IsSwitch { get; init; }

        public string Usual { get; init; } = "false";

        /// <summary>How the server says that nothing is said.</summary>
        public string? Absent { get; init; }

        public string?[]? OfPerson { get; init; }

        public string? Any(Random random, bool byPerson)
        {
            string?[] values = byPerson ? OfPerson ?? [.. Values.Where(value => value is not null || PersonMayRemove)] : Values;
            return values[random.Next(values.Length)];
        }

        /// <summary>Whose value the field has afterwards: <c>code</c>, <c>live</c> (a person's, which stays), <c>conflict</c>, or <c>same</c>.</summary>
        public string Decide(string? before, string? code, string? live)
        {
            if (IsSwitch)
            {
                return (code ?? Usual) == live ? "same" : live == (before ?? Usual) ? "code" : code is null || before == code ? "live" : "conflict";
            }
            return code == live ? "same" : live == before ? "code" : code == before ? "live" : "conflict";
        }
    }
}
