using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Server;

namespace Sluice.Deploy.Tests;

/// <summary>A publish whose parameter schema refuses what the live one accepts.</summary>
public sealed class BreakingChangeTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    /// <summary>The change, and what the message says of it.</summary>
    public static TheoryData<string, string> Breaks => new()
    {
        { """{"properties":{"city":{"type":"string"}}}""", "$.days was removed" },
        { """{"properties":{"city":{"type":"string"},"days":{"type":"string"}}}""", "$.days was an integer, is now a string" },
        { """{"properties":{"city":{"type":"string"},"days":{"type":"integer"},"region":{"type":"string"}},"required":["city","region"]}""", "$.region is new and required" },
        { """{"properties":{"city":{"type":"string"},"days":{"type":"integer","maximum":31}}}""", "$.days has the maximum 31 now" },
        { """{"properties":{"city":{"$ref":"#/definitions/City"},"days":{"type":"integer"}},"definitions":{"City":{"type":"string","enum":["Oslo","Seattle"]}}}""", "$.city accepts only \"Oslo\", \"Seattle\" now" },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task It_stops_before_anything_is_stored_or_applied_and_says_what_breaks(string schema, string said)
    {
        await _bench.DeployAsync();
        string before = await SnapshotAsync();
        ChangeSchema(schema);
        _bench.Temp.Write("publish/Weather.dll", "another program");

        foreach (bool isPlan in new[] { false, true })
        {
            DeployResult result = await _bench.RunAsync(_bench.Request with { PlanOnly = isPlan });

            result.Outcome.ShouldBeNull();
            DeployError error = result.Diagnostics.Where(d => d.Code == DeployCodes.BreakingChange).ShouldHaveSingleItem();
            error.IsWarning.ShouldBeFalse();
            error.Message.ShouldStartWith("Weather report/daily, Weather report/manual: the new parameters refuse what the deployed ones accept");
            error.Message.ShouldContain(said);
            error.Message.ShouldContain("-p:SluiceAllowBreakingChanges=true (sluice deploy --allow-breaking-changes)");
        }
        (await SnapshotAsync()).ShouldBe(before);
        _bench.Manifests().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Where_it_is_allowed_it_is_a_warning_and_the_publish_goes_on()
    {
        await _bench.DeployAsync();
        ChangeSchema("""{"properties":{"city":{"type":"string"}}}""");

        DeployResult result = await _bench.RunAsync(_bench.Request with { AllowBreakingChanges = true });

        result.Diagnostics.ShouldAllBe(d => d.IsWarning);
        result.Diagnostics.ShouldContain(d => d.Code == DeployCodes.BreakingChange && d.Message.Contains("$.days was removed", StringComparison.Ordinal));
        result.Outcome!.Deployments.ShouldAllBe(d => d.Outcome == "updated" && d.Changes.Contains("parameter schema"));
        DeployResult again = await _bench.RunAsync();
        again.Diagnostics.ShouldBeEmpty("what was applied is the live schema now");
        (again.Outcome!.HasChanges, again.Outcome.ApiWrites).ShouldBe((false, 0));
    }

    [Theory]
    [InlineData("""{"properties":{"city":{"type":["string","null"]},"days":{"type":"number"},"extra":{"type":"string"}}}""")]
    [InlineData("""{"properties":{"city":{"type":"string","title":"City","description":"Where."},"days":{"type":"integer","default":8}},"required":[]}""")]
    public async Task A_schema_that_accepts_more_breaks_nothing(string schema)
    {
        await _bench.DeployAsync();
        ChangeSchema(schema);

        DeployResult result = await _bench.RunAsync();

        result.Diagnostics.ShouldBeEmpty();
        result.Outcome!.Deployments.ShouldAllBe(d => d.Changes.Contains("parameter schema"));
    }

    [Fact]
    public async Task A_new_required_parameter_that_the_deployment_gives_breaks_only_the_others()
    {
        await _bench.DeployAsync();
        _bench.ChangeFlow(flow =>
        {
            Change(flow, """{"properties":{"city":{"type":"string"},"days":{"type":"integer"},"region":{"type":"string"}},"required":["city","region"]}""");
            flow["deployments"]![0]!["parameters"]!["region"] = "north";
        });

        (await _bench.FailAsync()).Message.ShouldStartWith("Weather report/manual: the new parameters refuse");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_is_saved_on_the_server_and_fits_no_more_is_named(bool throughServer, bool asWithPrefect)
    {
        await _bench.DeployAsync();
        await using IOrchestrationApi api = await _bench.OpenAsync();
        await using ApiHost? host = throughServer ? await ApiHost.StartAsync(api, new() { PrefectOnly = asWithPrefect }, Cancel) : null;
        Deployment live = (await _bench.LiveAsync("daily"))!;
        var days = new Dictionary<string, JsonElement> { ["days"] = JsonElement.Parse("90") };
        await api.UpdateDeploymentAsync(live.Id, new() { Parameters = new Dictionary<string, JsonElement>(days) { ["city"] = JsonElement.Parse("\"Oslo\"") } }, Cancel);
        await api.CreateSchedulesAsync(live.Id, [new() { Slug = "by-hand", Schedule = new() { Interval = 3600 }, Parameters = days }], Cancel);
        await api.CreateDeploymentRunAsync(
            live.Id, new() { Name = "early-bird", Parameters = days, State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddDays(1) } } }, Cancel);
        ChangeSchema("""{"properties":{"city":{"type":"string"},"days":{"type":"integer","maximum":31}}}""");

        DeployResult stopped = await _bench.RunAsync(server: host?.Url);
        DeployResult allowed = await _bench.RunAsync(_bench.Request with { AllowBreakingChanges = true }, host?.Url);

        stopped.Outcome.ShouldBeNull();
        foreach (DeployResult result in new[] { stopped, allowed })
        {
            result.Diagnostics.Select(d => (d.Code, d.IsWarning)).ShouldBe(
                [(DeployCodes.BreakingChange, result == allowed), (DeployCodes.SavedParametersDoNotFit, result == allowed)]);
            result.Diagnostics[1].Message.ShouldBe(
                "Weather report/daily: parameters that are saved on the server do not fit the new schema: "
                + "$.days 90 is above the maximum of 31 (the deployment's own; the code's replace them); "
                + "$.days 90 is above the maximum of 31 (schedule 'by-hand', which would start no run any more); "
                + "$.days 90 is above the maximum of 31 (run early-bird, which waits and would fail).");
        }
        allowed.Outcome!.HasChanges.ShouldBeTrue();
    }

    [Fact]
    public async Task A_deployment_that_had_no_schema_promised_nothing()
    {
        _bench.ChangeFlow(flow => flow["parameter_openapi_schema"] = null);
        await _bench.DeployAsync();
        _bench.ChangeFlow(_ => { });

        (await _bench.RunAsync()).Diagnostics.ShouldBeEmpty();
    }

    private void ChangeSchema(string schema) => _bench.ChangeFlow(flow => Change(flow, schema));

    private static void Change(JsonNode flow, string schema)
    {
        JsonNode changed = JsonNode.Parse(schema)!;
        changed["type"] = "object";
        changed["additionalProperties"] = false;
        changed["required"] ??= new JsonArray("city");
        changed["definitions"] ??= new JsonObject();
        flow["parameter_openapi_schema"] = changed;
    }

    private async Task<string> SnapshotAsync() =>
        JsonSerializer.Serialize(new[] { await _bench.LiveAsync("daily"), await _bench.LiveAsync("manual") });
}
