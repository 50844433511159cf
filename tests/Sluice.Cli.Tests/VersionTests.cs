using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Versions, rollbacks and cleaning by the real program, on the flows of tests/Fixtures/Paces.</summary>
public sealed class VersionTests : IDisposable
{
    private const string Name = "Greet/by-hand";

    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Versions_tells_who_applied_what_and_inspect_which_one_it_is()
    {
        await DeployTwiceAsync();

        SluiceProgram.Outcome listed = (await _sluice.RunAsync("deployment", "versions", Name)).Succeeded();
        string[] lines = listed.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(3, listed.ToString());
        lines[0].ShouldMatch("^Number  Applied  +Commit +Branch +Author +Package +Version");
        lines[1].ShouldMatch("^ +2  .*current$");
        lines[2].ShouldMatch("^ +1  ");

        JsonElement[] json = [.. (await _sluice.RunAsync("deployment", "versions", Name, "--output", "json")).Succeeded().Json.EnumerateArray()];
        json.Select(one => (one.GetProperty("number").GetInt32(), one.GetProperty("current").GetBoolean(), one.Text("version"))).ShouldBe([(2, true, "two"), (1, false, "one")]);
        json[0].Text("package_digest").ShouldBe(json[1].Text("package_digest"));
        (await _sluice.RunAsync("deployment", "versions", Name, "--limit", "1", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(1);

        (await _sluice.RunAsync("deployment", "inspect", Name)).Succeeded().Output.ShouldMatch("Number +2, applied ");
        (await _sluice.RunAsync("deployment", "inspect", Name, "--output", "json")).Succeeded().Json.GetProperty("applied").GetProperty("number").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Rollback_brings_back_the_version_before_and_its_plan_changes_nothing()
    {
        await DeployTwiceAsync();

        SluiceProgram.Outcome plan = await _sluice.RunAsync("deployment", "rollback", Name, "--plan", "--exit-code");
        plan.ExitCode.ShouldBe(3, plan.ToString());
        plan.Output.ShouldContain("Greet/by-hand would become what version 1 was.");
        (await VersionAsync()).ShouldBe("two");

        (await _sluice.RunAsync("deployment", "rollback", Name)).Succeeded().Output.ShouldContain("Greet/by-hand is version 3 now, which brings back version 1. Runs that are going on keep their code.");
        (await VersionAsync()).ShouldBe("one");
        (await _sluice.RunAsync("deployment", "versions", Name)).Succeeded().Output.ShouldContain("current, rolled back to 1");
        JsonElement again = (await _sluice.RunAsync("deployment", "rollback", Name, "--to", "1", "--output", "json")).Succeeded().Json;
        again.GetProperty("deployments")[0].Text("outcome").ShouldBe("unchanged");
    }

    [Fact]
    public async Task The_plan_of_a_rollback_is_told_to_programs_and_reviewers_as_that_of_a_publish()
    {
        await DeployTwiceAsync();
        string plan = _sluice.Folder["plan.json"], summary = _sluice.Folder["plan.md"];
        JsonElement printed = (await _sluice.RunAsync("deployment", "rollback", Name, "--plan", "--output", "json", "--plan-file", plan, "--summary", summary)).Succeeded().Json;

        (printed.GetProperty("plan_version").GetInt32(), printed.GetProperty("applied").GetBoolean(), printed.GetProperty("has_changes").GetBoolean()).ShouldBe((1, false, true));
        (printed.GetProperty("counts").GetProperty("updated").GetInt32(), printed.GetProperty("conflicts").GetArrayLength(), printed.GetProperty("orphans").GetArrayLength()).ShouldBe((1, 0, 0));
        printed.GetProperty("deployments")[0].GetProperty("rolled_back_to").GetInt32().ShouldBe(1);
        JsonElement.DeepEquals(JsonElement.Parse(await File.ReadAllTextAsync(plan)), printed).ShouldBeTrue();
        string told = await File.ReadAllTextAsync(summary);
        told.ShouldStartWith("### Sluice: rollback of Greet/by-hand, plan\n");
        told.ShouldContain("| deployment | field | last publish | version | server | |");

        JsonElement done = (await _sluice.RunAsync("deployment", "rollback", Name, "--output", "json", "--summary", summary)).Succeeded().Json;
        (done.GetProperty("applied").GetBoolean(), done.GetProperty("deployments")[0].Text("outcome")).ShouldBe((true, "updated"));
        (await File.ReadAllTextAsync(summary)).ShouldContain("\n### Sluice: rollback of Greet/by-hand, done\n");
    }

    [Fact]
    public async Task Diff_tells_fields_parameters_and_files_and_hides_secrets()
    {
        await DeployTwiceAsync();
        SluiceProgram.Outcome diff = (await _sluice.RunAsync("deployment", "diff", Name, "1")).Succeeded();
        diff.Output.ShouldBe("Greet/by-hand: version 1 → 2\n  ~ version: \"one\" → \"two\"\n");
        (await _sluice.RunAsync("deployment", "diff", Name, "2", "2")).Succeeded().Output.ShouldBe("Greet/by-hand: version 2 → 2: nothing is different\n");
        (await _sluice.RunAsync("deployment", "diff", Name, "7")).FailedWith(1).ShouldBe("sluice: 'Greet/by-hand' has no version 7. It has 1, 2");
        (await _sluice.RunAsync("deployment", "diff", Name, "one")).FailedWith(2);

        JsonElement json = (await _sluice.RunAsync("deployment", "diff", Name, "2", "1", "--output", "json")).Succeeded().Json;
        JsonElement field = json.GetProperty("fields")[0];
        (field.Text("path"), field.Text("before"), field.Text("after")).ShouldBe(("version", "two", "one"));
        json.GetProperty("files").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("2|--to is at least 1", "--to", "0")]
    [InlineData("2|--exit-code belongs to --plan", "--exit-code")]
    [InlineData("2|--to is the number of one deployment's version", "--to", "1", "Wait/by-hand")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_opened(string expected, params string[] arguments) =>
        (await _sluice.RunAsync(["deployment", "rollback", Name, .. arguments])).FailedWith(int.Parse(expected.Split('|')[0], System.Globalization.CultureInfo.InvariantCulture)).ShouldContain(expected.Split('|')[1]);

    [Fact]
    public async Task A_lost_record_is_told_by_its_number_and_stops_a_rollback_to_it()
    {
        await DeployTwiceAsync();
        string first = (await VersionsAsync())[1].Text("record")!;
        File.Delete(new Uri(first).LocalPath);

        (await _sluice.RunAsync("deployment", "versions", Name)).Succeeded().Output.ShouldMatch("(?m)^ +1 .*unreadable: The record file://.* is gone");
        SluiceProgram.Outcome refused = await _sluice.RunAsync("deployment", "rollback", Name);
        refused.ExitCode.ShouldBe(1);
        refused.Error.TrimEnd('\n').ShouldNotContain("\n");
        refused.Error.ShouldStartWith("Greet/by-hand : error SLC1103: Version 1 of Greet/by-hand cannot be brought back: ");
        (await VersionAsync()).ShouldBe("two");
    }

    [Fact]
    public async Task Verify_tells_of_a_record_that_was_changed()
    {
        await DeployTwiceAsync();
        string key = new Uri((await VersionsAsync())[1].Text("record")!).LocalPath;
        await File.AppendAllTextAsync(key, " ");
        SluiceProgram.Outcome outcome = await _sluice.RunAsync("storage", "verify");
        outcome.ExitCode.ShouldBe(1, outcome.ToString());
        outcome.Output.ShouldMatch("versions/paces/.*\\.json is damaged, which tells about versions of deployments");
        (await _sluice.RunAsync("storage", "verify", "--quick")).Succeeded();
    }

    [Fact]
    public async Task Cleaning_keeps_what_versions_need_and_takes_what_is_beyond()
    {
        await _sluice.DeployAsync();
        string first = (await VersionsAsync())[0].Text("package_digest")!;
        string other = _sluice.Folder["other"];
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            _sluice.Folder.Write($"other/{Path.GetFileName(file)}", "");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)), overwrite: true);
        _sluice.Folder.Write("other/more.txt", "another package");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--publish-dir", other)).Succeeded();
        string manifest = Directory.GetFiles(_sluice.Home.Storage, "manifest.json", SearchOption.AllDirectories).Single(file => File.ReadAllText(file).Contains(first, StringComparison.Ordinal));
        await MakeOldAsync(manifest);

        JsonElement kept = (await _sluice.RunAsync("storage", "gc", "--grace", "0", "--apply", "--output", "json")).Succeeded().Json;
        (kept.GetProperty("packages").GetArrayLength(), kept.GetProperty("records").GetInt32(), kept.GetProperty("used").GetInt32()).ShouldBe((0, 0, 2));
        (await _sluice.RunAsync("storage", "ls", "--output", "json")).Succeeded().Json.Where("digest", first).GetProperty("used_by").EnumerateArray().Select(user => user.GetString()).ShouldContain("Greet/by-hand version 1");
        (await _sluice.RunAsync("storage", "gc", "--keep-versions", "0")).FailedWith(2).ShouldContain("--keep-versions is at least 1");

        JsonElement gone = (await _sluice.RunAsync("storage", "gc", "--grace", "0", "--keep-versions", "1", "--apply", "--output", "json")).Succeeded().Json;
        gone.GetProperty("packages")[0].Text("digest").ShouldBe(first);
        SluiceProgram.Outcome refused = await _sluice.RunAsync("deployment", "rollback", Name);
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldStartWith("Greet/by-hand : error SLC1104: ");
        (await VersionsAsync()).Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("lost")]
    [InlineData("another name")]
    public async Task A_newest_record_that_cannot_be_read_costs_no_older_version(string how)
    {
        await _sluice.DeployAsync();
        string first = (await VersionsAsync())[0].Text("package_digest")!;
        string other = _sluice.Folder["other"];
        Directory.CreateDirectory(other);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        _sluice.Folder.Write("other/more.txt", "another package");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--publish-dir", other)).Succeeded();
        await MakeOldAsync(Directory.GetFiles(_sluice.Home.Storage, "manifest.json", SearchOption.AllDirectories).Single(file => File.ReadAllText(file).Contains(first, StringComparison.Ordinal)));
        JsonElement[] before = await VersionsAsync();
        string newest = new Uri(before[0].Text("record")!).LocalPath;
        if (how == "lost")
            File.Delete(newest);
        else
            await File.AppendAllTextAsync(newest, " ");
        string name = Name;
        if (how == "another name")
        {
            // Nothing found beside the record is of this deployment's name.
            name = "Greet/renamed";
            await using IOrchestrationApi api = await _sluice.OpenApiAsync();
            Deployment live = (await api.FindDeploymentAsync("Greet", "by-hand", default))!;
            await api.ApplyAsync(new() { Deployments = [new() { FlowName = "Greet", Deployment = new() { Name = "renamed", FlowId = default, JobVariables = live.JobVariables } }] }, default);
            foreach (Deployment one in await api.ListDeploymentsAsync(new(), default))
            {
                if (one.Name != "renamed")
                    await api.DeleteDeploymentAsync(one.Id, default);
            }
        }

        SluiceProgram.Outcome cleaned = (await _sluice.RunAsync("storage", "gc", "--grace", "0", "--apply", "--output", "json")).Succeeded();
        (cleaned.Json.GetProperty("packages").GetArrayLength(), cleaned.Json.GetProperty("records").GetInt32(), cleaned.Json.GetProperty("used").GetInt32()).ShouldBe((0, 0, 2), cleaned.ToString());

        SluiceProgram.Outcome listed = (await _sluice.RunAsync("deployment", "versions", name)).Succeeded();
        listed.Output.ShouldMatch("(?m)^ +2 .*current, unreadable: The record file://");
        if (how == "another name")
        {
            cleaned.Error.ShouldContain("What came before version 2 of Greet/renamed cannot be told");
            cleaned.Error.ShouldContain("Every package that a record of its app names is kept.");
            return;
        }
        listed.Output.ShouldMatch("(?m)^ +1 .*found beside a lost record$");
        JsonElement[] after = await VersionsAsync();
        after.Select(one => (one.GetProperty("number").GetInt32(), one.GetProperty("found").GetBoolean(), one.Text("package_digest"))).ShouldBe([(2, false, null), (1, true, first)]);
        SluiceProgram.Outcome refused = await _sluice.RunAsync("deployment", "rollback", Name);
        (refused.ExitCode, refused.Error.Contains("SLC1103", StringComparison.Ordinal), refused.Error.Contains("shows the commits of those before", StringComparison.Ordinal)).ShouldBe((1, true, true), refused.ToString());

        // A publish goes on from there, and what came before stays where it was.
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--publish-dir", other, "--deployment-version", "three")).Succeeded();
        (await VersionsAsync()).Select(one => one.GetProperty("number").GetInt32()).ShouldBe([3, 2, 1]);
        (await _sluice.RunAsync("deployment", "rollback", Name, "--to", "1")).Error.ShouldContain("Version 1 of Greet/by-hand was found beside records that cannot be read, and nothing vouches that it was applied");
    }

    [Fact]
    public async Task Records_that_no_deployment_leads_to_any_more_are_cleaned_after_the_grace()
    {
        await DeployTwiceAsync();
        string[] records = Records();
        records.Length.ShouldBe(2);
        foreach (string record in records)
        {
            string old = Path.Combine(Path.GetDirectoryName(record)!, "2020-01-01t00-00-00-000000-00-00" + Path.GetFileName(record)[^18..]);
            File.Copy(record, old);
            await File.AppendAllTextAsync(old, " ");
            string renamed = old.Replace(Path.GetFileName(old)[^17..^5], Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(old)))[..12], StringComparison.Ordinal);
            File.Move(old, renamed);
        }
        Records().Length.ShouldBe(4);

        (await _sluice.RunAsync("storage", "gc", "--grace", "1h", "--apply", "--output", "json")).Succeeded().Json.GetProperty("records").GetInt32().ShouldBe(0);
        (await _sluice.RunAsync("storage", "gc", "--grace", "0", "--apply", "--output", "json")).Succeeded().Json.GetProperty("records").GetInt32().ShouldBe(2);
        Records().ShouldBe(records, ignoreOrder: true);
        (await VersionsAsync()).Select(one => one.GetProperty("unreadable").ValueKind).ShouldAllBe(kind => kind == JsonValueKind.Null);
    }

    private string[] Records() => Directory.GetFiles(Path.Combine(_sluice.Home.Storage, "versions"), "*", SearchOption.AllDirectories);

    // By the publisher's clock a package that is younger than ten minutes may be one that a publish is about to name.
    private static async Task MakeOldAsync(string manifest)
    {
        string text = await File.ReadAllTextAsync(manifest);
        string created = JsonDocument.Parse(text).RootElement.Text("created")!;
        await File.WriteAllTextAsync(manifest, text.Replace(created, "2020-01-01T00:00:00+00:00", StringComparison.Ordinal));
    }

    private async Task DeployTwiceAsync()
    {
        foreach (string version in (string[])["one", "two"])
            (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--deployment-version", version)).Succeeded();
    }

    private async Task<JsonElement[]> VersionsAsync() => [.. (await _sluice.RunAsync("deployment", "versions", Name, "--output", "json")).Succeeded().Json.EnumerateArray()];

    private async Task<string?> VersionAsync() => (await _sluice.RunAsync("deployment", "inspect", Name, "--output", "json")).Succeeded().Json.Text("version");
}
