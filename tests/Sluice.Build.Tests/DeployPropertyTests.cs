using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.Build.Tests;

/// <summary>What properties say about plans, conflicts, pruning, signatures and CI systems, by real publishes.</summary>
[Collection(nameof(PackedFeed))]
public sealed class DeployPropertyTests(PackedFeed feed) : IDisposable
{
    private const string Flow = """
        using Sluice;

        public static class Flows
        {
            [Flow]
            [Deployment("hourly", Cron = "0 * * * *"), Deployment("by-hand")]
            public static string Greet(string name = "world") => $"Hello, {name}!";
        }
        """;

    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task Plans_signatures_conflicts_and_pruning_are_decided_by_properties_and_told_to_GitHub()
    {
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", Flow);
        string plan = _user["plan.json"], summary = _user["plan.md"], jobSummary = _user["job.md"], key = _user["key.pem"];
        using ECDsa signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(key, signing.ExportPkcs8PrivateKeyPem());
        string canary = File.ReadAllLines(key)[1];

        // A plan does nothing, and says so in a file for programs and in one for people.
        await _user.PublishAsync("Greeter", "-p:SluicePlanOnly=true", $"-p:SluicePlanFile={plan}", $"-p:SluiceSummaryFile={summary}");
        (await _user.DeploymentsAsync()).ShouldBeEmpty();
        JsonElement planned = Json(plan);
        (planned.GetProperty("plan_version").GetInt32(), planned.GetProperty("applied").GetBoolean()).ShouldBe((1, false));
        Outcomes(planned).ShouldBe(["Greet/by-hand created", "Greet/hourly created"]);
        File.ReadAllText(summary).ShouldContain("Greet/hourly");

        // A signed publish, as a job of GitHub Actions: its warning is an annotation, once, and fails nothing.
        foreach ((string name, string value) in new[] { ("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", jobSummary) })
            _user.Variables[name] = value;
        string output = await _user.PublishAsync("Greeter", "--no-build", $"-p:SluiceSigningKeyFile={key}", "-p:TreatWarningsAsErrors=false", "-v:diag", $"-bl:{_user["build.binlog"]}");
        output.ShouldContain("::warning ");
        File.ReadAllText(jobSummary).ShouldContain("Greet/hourly");
        output.ShouldNotContain(canary);
        Unpacked(_user["build.binlog"]).ShouldNotContain(canary);
        foreach (string request in Directory.GetFiles(_user["Greeter", "obj"], "sluice.request.json", SearchOption.AllDirectories))
            File.ReadAllText(request).ShouldNotContain(canary);
        (_, string inspected) = await _user.SluiceAsync("package", "inspect", "Greet/hourly");
        inspected.ShouldContain("Signed by");
        inspected.ShouldNotContain("nobody");
        (await DocumentAsync("--sbom")).GetProperty("bomFormat").GetString().ShouldBe("CycloneDX");
        (await DocumentAsync("--provenance")).GetProperty("_type").GetString().ShouldBe("https://in-toto.io/Statement/v1");

        // A person and the code change the same field: the publish stops, and the build counts one error.
        (await _user.SluiceAsync("deployment", "set-schedule", "Greet/hourly", "--cron", "5 * * * *")).Exit.ShouldBe(0);
        _user.Write("Greeter/Flows.cs", Flow.Replace("0 * * * *", "10 * * * *", StringComparison.Ordinal).Replace(""", Deployment("by-hand")""", "", StringComparison.Ordinal));
        (int exit, output) = await _user.DotNetAsync("publish", "Greeter", "-nologo", "-tl:off", "-clp:Summary", "-p:TreatWarningsAsErrors=false", $"-p:SluiceSigningKeyFile={key}");
        exit.ShouldNotBe(0);
        output.ShouldContain("SLC1090");
        output.ShouldContain("1 Error(s)");
        output.Split('\n').Count(line => line.TrimStart().StartsWith("::error ", StringComparison.Ordinal)).ShouldBe(1, output);
        Cron(await HourlyAsync()).ShouldBe("5 * * * *");

        // The user decides.
        await _user.PublishAsync("Greeter", "--no-build", "-p:TreatWarningsAsErrors=false", "-p:SluicePlanOnly=true", "-p:SluiceConflicts=keep", "-p:SluicePrune=delete", $"-p:SluicePlanFile={plan}");
        planned = Json(plan);
        planned.GetProperty("orphans").EnumerateArray().Select(orphan => $"{orphan.GetProperty("full_name")} {orphan.GetProperty("outcome")}").ShouldBe(["Greet/by-hand deleted"]);
        planned.GetProperty("conflicts")[0].GetProperty("decision").GetString().ShouldBe("live");

        await _user.PublishAsync("Greeter", "--no-build", "-p:TreatWarningsAsErrors=false", "-p:SluiceConflicts=code", "-p:SluicePrune=pause", $"-p:SluiceSigningKeyFile={key}");
        Cron(await HourlyAsync()).ShouldBe("10 * * * *");
        (await _user.DeploymentsAsync()).Single(one => one.GetProperty("name").GetString() == "by-hand").GetProperty("paused").GetBoolean().ShouldBeTrue();

        async Task<JsonElement> DocumentAsync(string which) => JsonElement.Parse((await _user.SluiceAsync("package", "inspect", "Greet/hourly", which)).Output);
        async Task<JsonElement> HourlyAsync() => (await _user.DeploymentsAsync()).Single(one => one.GetProperty("name").GetString() == "hourly");
    }

    private static JsonElement Json(string file) => JsonElement.Parse(File.ReadAllText(file));

    private static string[] Outcomes(JsonElement plan) =>
        [.. plan.GetProperty("deployments").EnumerateArray().Select(one => $"{one.GetProperty("full_name")} {one.GetProperty("outcome")}").Order(StringComparer.Ordinal)];

    private static string Cron(JsonElement deployment) => deployment.GetProperty("schedules")[0].GetProperty("schedule").GetProperty("cron").GetString()!;

    private static string Unpacked(string binlog)
    {
        using var packed = new GZipStream(File.OpenRead(binlog), CompressionMode.Decompress);
        using var text = new MemoryStream();
        packed.CopyTo(text);
        return Encoding.Latin1.GetString(text.ToArray());
    }
}
