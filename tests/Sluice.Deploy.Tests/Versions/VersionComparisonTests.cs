using System.Text.Json.Nodes;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>What two versions of a deployment differ in.</summary>
public sealed class VersionComparisonTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Fields_parameters_and_files_are_compared_each_in_its_words()
    {
        VersionComparison difference = await CompareAsync(
            flow =>
            {
                JsonNode daily = flow["deployments"]![0]!;
                daily["parameters"] = new JsonObject { ["city"] = "Oslo", ["api_key"] = "hunter2" };
                daily["tags"] = new JsonArray("weather", "new");
                daily["schedules"]![0]!["schedule"]!["cron"] = "30 7 * * *";
                daily["job_variables"] = new JsonObject { ["env"] = new JsonObject { ["DB_PASSWORD"] = "hunter3" } };
                JsonNode schema = flow["parameter_openapi_schema"]!;
                schema["properties"]!["days"]!["type"] = "string";
                schema["properties"]!["days"]!["default"] = "7";
                schema["properties"]!["api_key"] = JsonNode.Parse("""{"title": "api_key", "position": 2, "type": "string", "default": "", "writeOnly": true, "format": "password"}""");
            },
            () =>
            {
                _bench.Temp.Write("publish/Weather.dll", "another program");
                File.Delete(_bench.Temp["publish/data/cities.csv"]);
                _bench.Temp.Write("publish/data/towns.csv", "Oslo");
            },
            ["Weather.dll", "data/towns.csv"]);

        difference.Fields.Select(field => $"{field.Path}: {field.Before} > {field.After}").ShouldBe(
        [
            "job_variables.env.DB_PASSWORD:  > ********",
            "parameters.api_key:  > ********",
            "parameters.city: Seattle > Oslo",
            """schedules[schedule-1].schedule: {"cron":"0 6 * * *"} > {"cron":"30 7 * * *"}""",
            "tags[new]:  > new",
        ]);
        difference.Schema.Select(change => (change.Path, change.IsBreaking)).Distinct().ShouldBe([("$.days", true), ("$.api_key", false), ("$.days", false)], ignoreOrder: true);
        difference.Files!.Select(file => (file.Path, file.Before?.Size, file.After?.Size)).ShouldBe([("Weather.dll", 11L, 15L), ("data/cities.csv", 13L, null), ("data/towns.csv", null, 4L)]);
    }

    [Fact]
    public async Task Packages_that_are_gone_leave_the_rest_of_the_comparison()
    {
        VersionComparison difference = await CompareAsync(
            flow => flow["description"] = "Other.",
            () =>
            {
                _bench.Temp.Write("publish/Weather.dll", "another program");
                File.Delete(_bench.Manifests()[0]);
            });
        difference.Fields.ShouldHaveSingleItem().Path.ShouldBe("description");
        (difference.Files, difference.FilesUnknown!.Contains("does not exist", StringComparison.Ordinal), difference.IsEmpty).ShouldBe((null, true, false));
    }

    private async Task<VersionComparison> CompareAsync(Action<JsonNode> change, Action publish, string[]? files = null)
    {
        await _bench.DeployAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        publish();
        _bench.ChangeFlow(change);
        await _bench.DeployAsync(_bench.Request with { AllowBreakingChanges = true, Files = files ?? _bench.Request.Files });
        await using var records = new VersionRecords(StorageSources.Environment);
        var entries = new List<VersionEntry>();
        await foreach (VersionEntry entry in VersionHistory.ReadAsync(records, (await _bench.LiveAsync("daily"))!, "Weather report/daily", Cancel))
            entries.Add(entry);
        return await VersionComparison.OfAsync(entries[1].Version!, entries[0].Version!, StorageSources.Environment, null, Cancel);
    }
}
