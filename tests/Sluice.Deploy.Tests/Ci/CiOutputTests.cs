using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Ci;
using Sluice.Deploy.Planning.Merge;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Ci;

/// <summary>What CI systems are told.</summary>
public sealed class CiOutputTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("GITHUB_ACTIONS=true", false, "::error file=src/a%2Cb/Weather.csproj,title=SLC1005::50%25 of pools%0A::error::are gone: a, b; c]")]
    [InlineData("GITHUB_ACTIONS=true", true, "::error file=src/a%2Cb/Weather.csproj,title=SLC1005::50%25 of pools%0A::error::are gone: a, b; c]")]
    [InlineData("TF_BUILD=True", false, "##vso[task.logissue type=error;sourcepath=src/a,b/Weather.csproj;code=SLC1005;]50%AZP25 of pools%0A::error::are gone: a, b; c]")]
    // The tasks of Azure Pipelines make issues of a build's errors themselves; a script has to ask.
    [InlineData("TF_BUILD=True", true, null)]
    [InlineData("TF_BUILD=True SLUICE_ANNOTATIONS=azure", true, "##vso[task.logissue type=error;sourcepath=src/a,b/Weather.csproj;code=SLC1005;]50%AZP25 of pools%0A::error::are gone: a, b; c]")]
    [InlineData("GITHUB_ACTIONS=true SLUICE_ANNOTATIONS=none", false, null)]
    [InlineData("GITLAB_CI=true", false, null)]
    [InlineData("", false, null)]
    public void An_error_is_an_annotation_once(string variables, bool underMSBuild, string? line)
    {
        string root = _temp.Path;
        Dictionary<string, string> environment = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        (environment["GITHUB_WORKSPACE"], environment["BUILD_SOURCESDIRECTORY"]) = (root, root);
        var error = new DeployError("SLC1005", "50% of pools\n::error::are gone: a, b; c]", Path.Combine(root, "src", "a,b", "Weather.csproj"));
        Annotations.Of([error], underMSBuild, environment.GetValueOrDefault).ShouldBe(line is null ? [] : [line]);
        // What lies elsewhere is no file of the change.
        foreach (string elsewhere in Annotations.Of([error with { Origin = Path.Combine(Path.GetTempPath(), "x.csproj"), IsWarning = true }], underMSBuild, environment.GetValueOrDefault))
        {
            elsewhere.ShouldNotContain("x.csproj");
            elsewhere.ShouldContain("warning");
        }
    }

    [Theory]
    [InlineData("GITHUB_ACTIONS", "::error file=deploy/report.yaml,line=6,col=3,title=SLC1112::No such key.")]
    [InlineData("TF_BUILD", "##vso[task.logissue type=error;sourcepath=deploy/report.yaml;linenumber=6;columnnumber=3;code=SLC1112;]No such key.")]
    public void A_place_in_a_file_is_told_as_one(string system, string line)
    {
        Dictionary<string, string> environment = new() { [system] = "true", ["GITHUB_WORKSPACE"] = _temp.Path, ["BUILD_SOURCESDIRECTORY"] = _temp.Path };
        Annotations.Of([new DeployError("SLC1112", "No such key.", Path.Combine(_temp.Path, "deploy", "report.yaml") + "(6,3)")], underMSBuild: false, environment.GetValueOrDefault).ShouldBe([line]);
    }

    [Fact]
    public async Task GitLab_gets_a_code_quality_report_that_several_publishes_add_to()
    {
        Dictionary<string, string> environment = new() { ["SLUICE_CODE_QUALITY"] = _temp["report.json"], ["CI_PROJECT_DIR"] = _temp.Path };
        (await CodeQuality.AddAsync([], environment.GetValueOrDefault, Cancel)).ShouldBeNull();
        JsonNode.Parse(File.ReadAllText(_temp["report.json"]))!.AsArray().ShouldBeEmpty();
        (await CodeQuality.AddAsync([new("SLC1005", "No pool.", _temp["src/Weather.csproj"])], environment.GetValueOrDefault, Cancel)).ShouldBeNull();
        (await CodeQuality.AddAsync([new("SLC1012", "A CI build.", "elsewhere", IsWarning: true)], environment.GetValueOrDefault, Cancel)).ShouldBeNull();
        JsonArray report = JsonNode.Parse(File.ReadAllText(_temp["report.json"]))!.AsArray();
        report.Select(issue => (issue!["check_name"]!.GetValue<string>(), issue["severity"]!.GetValue<string>(), issue["location"]!["path"]!.GetValue<string>(), issue["location"]!["lines"]!["begin"]!.GetValue<int>()))
            .ShouldBe([("SLC1005", "major", "src/Weather.csproj", 1), ("SLC1012", "minor", ".gitlab-ci.yml", 1)]);
        report.Select(issue => issue!["fingerprint"]!.GetValue<string>()).ShouldBeUnique();

        environment["SLUICE_CODE_QUALITY"] = _temp["absent/report.json"];
        (await CodeQuality.AddAsync([], environment.GetValueOrDefault, Cancel)).ShouldNotBeNull().Code.ShouldBe("SLC1125");
    }

    [Fact]
    public async Task Processes_that_add_to_one_report_at_once_lose_nothing()
    {
        var runs = Enumerable.Range(0, 6).Select(i => ProgramRun.Start(Child.Program, ["child", "quality", _temp["report.json"], $"project {i}", "10"])).ToArray();
        foreach (ProgramRun run in runs)
        {
            await using (run)
            {
                (await run.WaitForExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, run.Error);
                run.Output.ShouldBeEmpty();
            }
        }
        JsonNode.Parse(File.ReadAllText(_temp["report.json"]))!.AsArray().Select(issue => issue!["description"]!.GetValue<string>()).Order(StringComparer.Ordinal)
            .ShouldBe(from project in Enumerable.Range(0, 6) from i in Enumerable.Range(0, 10) select $"SLC1005: project {project} {i}");
    }

    [Theory]
    [InlineData("""{"issues": []}""")]
    [InlineData("[{")]
    [InlineData("null")]
    public async Task What_is_no_report_is_a_warning_and_is_left_as_it_was(string text)
    {
        _temp.Write("report.json", text);
        DeployError warning = (await CodeQuality.AddAsync([new("SLC1005", "No pool.", "elsewhere")], name => name == CodeQuality.Variable ? _temp["report.json"] : null, Cancel)).ShouldNotBeNull();
        (warning.Code, warning.IsWarning).ShouldBe(("SLC1125", true));
        warning.Message.ShouldContain("is left as it was");
        File.ReadAllText(_temp["report.json"]).ShouldBe(text);
    }

    /// <summary>What the report tells of is done: it is no reason to call it cancelled, and only another process is worth waiting for.</summary>
    [Theory]
    [InlineData("taken", "waiting for that was ended")]
    [InlineData("loop", "report.json")]
    [InlineData("free", null)]
    public async Task A_report_that_another_process_has_is_waited_for_until_that_is_ended_and_other_failures_are_told_at_once(string state, string? words)
    {
        string file = _temp["report.json"];
        if (state == "loop")
            File.CreateSymbolicLink(file, file);
        using FileStream? other = state == "taken" ? new(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None) : null;
        DeployError? warning = await CodeQuality.AddAsync([new("SLC1005", "No pool.", "elsewhere")], name => name == CodeQuality.Variable ? file : null, new CancellationToken(canceled: true));
        (warning?.Code, warning?.IsWarning).ShouldBe(words is null ? (null, null) : ("SLC1125", true));
        (warning?.Message.Contains("waiting for that was ended", StringComparison.Ordinal) ?? false).ShouldBe(state == "taken", warning?.Message);
        (warning?.Message ?? "").ShouldContain(words ?? "");
    }

    [Fact]
    public void The_summary_is_a_table_that_no_name_can_break_and_is_bounded()
    {
        var request = new DeployRequest { Assembly = "obj/Weather.dll", PublishDir = "x", PlanOnly = true };
        DeployedDeployment evil = new()
        {
            FullName = "a|b/<script>alert(1)</script>", Outcome = "updated", Changes = ["parameters"],
            Fields =
            [
                new() { Path = "parameters.city", Base = Json("Oslo"), Code = Json("Paris"), Live = Json("Rome | `x`"), Class = FieldClass.Conflict, Decision = FieldDecision.Undecided },
                new() { Path = "paused", Base = null, Code = null, Live = JsonDocument.Parse("true").RootElement, Class = FieldClass.Drift, Decision = FieldDecision.Live },
                new() { Path = "parameters.long", Code = Json(new string('x', 10_000)), Class = FieldClass.CodeChanged, Decision = FieldDecision.Code },
            ],
        };
        DeployOutcome outcome = new() { Deployments = [evil, .. Enumerable.Range(0, 5_000).Select(i => new DeployedDeployment { FullName = $"flow/{i}", Outcome = "created" })], AppliedTo = "http://127.0.0.1:4200/api" };
        string text = MarkdownSummary.Of(request, new(outcome, [new("SLC1090", "Two\nlines [x](y) @team", "p", IsWarning: true)]));

        text.ShouldNotContain("<script>");
        text.ShouldContain("- Warning SLC1090: Two lines &#91;x&#93;(y) &#64;team\n");
        text.ShouldContain("| ✏️ updated | a&#124;b/&#60;script&#62;alert(1)&#60;/script&#62; | parameters |\n");
        text.ShouldContain("| Oslo | Paris | Rome &#124; &#96;x&#96; | **conflict** |\n");
        text.ShouldContain("| true | changed on the server, kept |\n");
        text.ShouldContain("… and 4801 more");
        text.ShouldContain("5000 created, 1 updated for http&#58;//127.0.0.1&#58;4200/api. Nothing was stored or applied.\n");
        text.Length.ShouldBeLessThan(60_000);
        text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ShouldAllBe(line => line.Count(c => c == '|') == 4 || line.Count(c => c == '|') == 7);
    }

    [Fact]
    public async Task A_publish_adds_its_summary_to_the_file_and_to_the_step_of_GitHub()
    {
        using var bench = new DeployBench();
        string file = bench.Temp["summary.md"], step = bench.Temp["step.md"];
        File.WriteAllText(step, "before\n");
        DeployRequest request = bench.Request with { SummaryFile = file, PlanOnly = true };
        MarkdownSummary.Add(request, await bench.RunAsync(request), name => name == "GITHUB_STEP_SUMMARY" ? step : null).ShouldBeEmpty();
        File.ReadAllText(file).ShouldStartWith("### Sluice: Weather, plan\n");
        File.ReadAllText(file).ShouldContain("| ➕ created | Weather report/daily |");
        File.ReadAllText(step).ShouldBe("before\n" + File.ReadAllText(file));

        DeployError unwritten = MarkdownSummary.Add(request with { SummaryFile = bench.Temp["absent/x.md"] }, await bench.RunAsync(request), _ => null).ShouldHaveSingleItem();
        (unwritten.Code, unwritten.IsWarning).ShouldBe(("SLC1125", true));
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);
}
