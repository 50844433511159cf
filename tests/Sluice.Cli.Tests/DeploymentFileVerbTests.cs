using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary><c>sluice deployment build</c> and <c>apply</c>, as a user types them.</summary>
public sealed class DeploymentFileVerbTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Greet => _sluice.Folder["greet-deployment.yaml"];

    public void Dispose() => _sluice.Dispose();

    [Theory]
    [InlineData("write --param or --params, not both", "--param", "name=Ada", "--params", "{}")]
    [InlineData("write --infra or --infra-block, not both", "--infra", "process", "--infra-block", "process/mine")]
    [InlineData("a saved block is named by --infra-block docker-container/prod", "--infra", "docker-container/prod")]
    [InlineData("--infra-block 'prod' is not TYPE/NAME", "--infra-block", "prod")]
    [InlineData("--limit is 0; it is at least 1", "--limit", "0")]
    [InlineData("--path is a folder within --storage-block", "--path", "flows")]
    [InlineData("--storage-block s3/prod/flows names a folder already", "--storage-block", "s3/prod/flows", "--path", "more")]
    [InlineData("--storage-block s3/prod/flows names a folder already", "--storage-block", "s3/prod/flows?region=eu", "--path", "more")]
    [InlineData("--path '../other' is no folder within a storage: it has the segment '..'", "--storage-block", "s3/prod", "--path", "../other")]
    [InlineData("--path 'a?b' is no folder within a storage: it contains '?'", "--storage-block", "s3://bucket", "--path", "a?b")]
    [InlineData("--path '/' is no folder within a storage: it is empty", "--storage-block", "s3/prod", "--path", "/")]
    [InlineData("write its folder into the URI, as ?path=flows", "--storage-block", "github://team/flows", "--path", "flows")]
    [InlineData("--storage-key '/greet' is no folder of a store: it is rooted", "--storage-key", "/greet")]
    [InlineData("--param 'city' is not NAME=VALUE", "--param", "city")]
    [InlineData("--conflicts belongs to --apply", "--conflicts", "keep")]
    [InlineData("--create-work-pool belongs to --apply", "--create-work-pool")]
    [InlineData("--override '=1' is not NAME=VALUE", "--override", "=1")]
    [InlineData("--params is not a JSON object", "--params", "[1]")]
    [InlineData("--param name is given 2 times", "--param", "name=Ada", "--param", "name=Bob")]
    [InlineData("--params has 'name' twice: keep one", "--params", """{"name": "Ada", "times": 2, "name": "Bob"}""")]
    [InlineData("--params has 'name.first' twice: keep one", "--params", """{"name": {"first": "Ada", "first": "Bob"}}""")]
    [InlineData("--param name has 'first' twice: keep one", "--param", """name=[{"first": 1, "first": 2}]""")]
    [InlineData("--override env.A is given 2 times", "--override", "env.A=1", "--override", "env.A=2")]
    [InlineData("--cron", "--cron", "0 6 * * *", "--interval", "60")]
    [InlineData("66", "--cron", "0 66 * * *")]
    [InlineData("write exactly one of --cron, --interval and --rrule", "--timezone", "Europe/Paris")]
    public async Task Wrong_options_of_build_are_bad_usage_in_one_line_and_write_nothing(string says, params string[] options)
    {
        (await _sluice.RunAsync(["deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", .. options])).FailedWith(2).ShouldContain(says);
        Directory.EnumerateFiles(_sluice.Folder.Path, "*.yaml").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("names no flow behind the colon", "deployment", "build", "Paces.dll:")]
    [InlineData("'nothing' does not exist", "deployment", "build", "nothing")]
    [InlineData("--sdk says what built an assembly", "deployment", "build", "Weather.csproj", "--sdk", "10.0.100")]
    [InlineData("--exit-code belongs to --plan", "deployment", "apply", "f.yaml", "--exit-code")]
    [InlineData("both", "deployment", "apply", "f.yaml", "--conflicts", "both")]
    [InlineData("FILE", "deployment", "apply")]
    public async Task Wrong_usage_of_either_verb_is_said(string says, params string[] arguments)
    {
        SluiceProgram.Outcome wrong = await _sluice.RunAsync(arguments);
        wrong.ExitCode.ShouldBe(2, wrong.ToString());
        wrong.Error.ShouldContain(says);
    }

    /// <summary>What the CI system sets, and the lines for a fault in a file, as apply and build find it, and for one of a rollback, which is in no file.</summary>
    [Theory]
    [InlineData("GITHUB_ACTIONS=true GITHUB_WORKSPACE=.", "::error file=greet-deployment.yaml,line=6,col=1,title=SLC1111::", "::error title=SLC1102::")]
    [InlineData("TF_BUILD=True BUILD_SOURCESDIRECTORY=.", "##vso[task.logissue type=error;sourcepath=greet-deployment.yaml;linenumber=6;columnnumber=1;code=SLC1111;]", "##vso[task.logissue type=error;code=SLC1102;]")]
    [InlineData("SLUICE_CODE_QUALITY=report.json CI_PROJECT_DIR=.", "greet-deployment.yaml:6 SLC1111", ".gitlab-ci.yml:1 SLC1102")]
    public async Task In_CI_what_is_wrong_is_told_beside_the_line_of_the_file(string variables, string fault, string refusal)
    {
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "--apply")).Succeeded();
        string[] lines = File.ReadAllLines(Greet);
        File.WriteAllLines(Greet, [.. lines[..5], "\tcolour: blue", .. lines[5..]]);
        foreach (string[] pair in variables.Split(' ').Select(variable => variable.Split('=')))
            _sluice.With(pair[0], pair[1] is "." ? _sluice.Folder.Path : pair[1] is "report.json" ? _sluice.Folder["report.json"] : pair[1]);

        (await ToldAsync("deployment", "apply", "greet-deployment.yaml")).ShouldContain(line => line.StartsWith(fault, StringComparison.Ordinal));
        (await ToldAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly")).ShouldContain(line => line.StartsWith(fault, StringComparison.Ordinal));
        (await ToldAsync("deployment", "rollback", "Greet/nightly")).ShouldContain(line => line.StartsWith(refusal, StringComparison.Ordinal));

        async Task<string[]> ToldAsync(params string[] arguments)
        {
            File.Delete(_sluice.Folder["report.json"]);
            SluiceProgram.Outcome failed = await _sluice.RunAsync(arguments);
            failed.ExitCode.ShouldBe(1, failed.ToString());
            return !File.Exists(_sluice.Folder["report.json"]) ? failed.Error.Split('\n')
                : [.. JsonDocument.Parse(File.ReadAllText(_sluice.Folder["report.json"])).RootElement.EnumerateArray().Select(issue =>
                    $"{issue.GetProperty("location").GetProperty("path").GetString()}:{issue.GetProperty("location").GetProperty("lines").GetProperty("begin").GetInt32()} {issue.Text("check_name")}")];
        }
    }

    [Theory]
    [InlineData("Greet", "error SLC1004: ", "nam", "--param", "nam=Ada")]
    [InlineData("Greet", "error SLC1004: ", "times", "--params", """{"times": "often"}""")]
    [InlineData("Greets", "error SLC", "Greet")]
    public async Task What_does_not_fit_the_program_fails_and_writes_nothing(string flow, string code, string says, params string[] options)
    {
        SluiceProgram.Outcome failed = await _sluice.RunAsync(["deployment", "build", $"{PacesHome.Assembly}:{flow}", "--name", "nightly", .. options]);
        failed.ExitCode.ShouldBe(1, failed.ToString());
        failed.Error.ShouldContain(code);
        failed.Error.ShouldContain(says);
        failed.Output.ShouldBeEmpty();
        Directory.EnumerateFiles(_sluice.Folder.Path, "*.yaml").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_plan_of_files_is_told_to_programs_and_reviewers_also_where_a_conflict_stops_it()
    {
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "-n", "nightly", "--param", "name=Ada", "--apply")).Succeeded();
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Deployment live = (await api.FindDeploymentAsync("Greet", "nightly", Cancel)).ShouldNotBeNull();
            await api.UpdateDeploymentAsync(live.Id, new() { Parameters = new Dictionary<string, JsonElement> { ["name"] = JsonElement.Parse("\"Grace\"") } }, Cancel);
        }
        await File.WriteAllTextAsync(Greet, (await File.ReadAllTextAsync(Greet, Cancel)).Replace("  name: Ada", "  name: Bob", StringComparison.Ordinal), Cancel);
        string plan = _sluice.Folder["plan.json"], summary = _sluice.Folder["plan.md"];

        SluiceProgram.Outcome stopped = await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", "--plan-file", plan, "--summary", summary);
        stopped.ExitCode.ShouldBe(1, stopped.ToString());
        JsonElement conflict = JsonElement.Parse(await File.ReadAllTextAsync(plan, Cancel)).GetProperty("conflicts")[0];
        $"{conflict.Text("deployment")} {conflict.Text("path")} {conflict.Text("base")} {conflict.Text("code")} {conflict.Text("live")} {conflict.Text("decision")}".ShouldBe("Greet/nightly parameters.name Ada Bob Grace undecided");
        (await File.ReadAllTextAsync(summary, Cancel)).ShouldStartWith("### Sluice: greet-deployment.yaml, failed\n\n- **Error** SLC1090: ");

        JsonElement applied = (await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", "--conflicts", "code", "--output", "json", "--plan-file", plan, "--summary", summary)).Succeeded().Json;
        (applied.GetProperty("plan_version").GetInt32(), applied.GetProperty("applied").GetBoolean(), applied.GetProperty("counts").GetProperty("conflicts").GetInt32()).ShouldBe((1, true, 1));
        JsonElement.DeepEquals(JsonElement.Parse(await File.ReadAllTextAsync(plan, Cancel)), applied).ShouldBeTrue();
        (await File.ReadAllTextAsync(summary, Cancel)).ShouldContain("| deployment | field | last publish | file | server | |");

        SluiceProgram.Outcome lonely = await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "-n", "nightly", "--summary", summary);
        (lonely.ExitCode, lonely.Error.Contains("--summary belongs to --apply", StringComparison.Ordinal)).ShouldBe((2, true), lonely.ToString());
    }

    [Fact]
    public async Task Options_become_the_file_whose_deployment_is_planned_applied_and_run()
    {
        SluiceProgram.Outcome built = (await _sluice.RunAsync(
            "deployment", "build", $"{PacesHome.Assembly}:Greet", "-n", "nightly", "-v", "7", "-d", "Greets at night", "-t", "a", "-t", "b", "-q", "slow", "-l", "3",
            "--cron", "0 2 * * *", "--timezone", "Europe/Paris", "--param", "name=Ada", "--param", "times=2", "--override", "env.LEVEL=debug", "--infra", "process")).Succeeded();
        built.Output.ShouldStartWith("greet-deployment.yaml: created (Greet/nightly, file:///");
        built.Output.ShouldContain("\nEdit above the banner, then: ");
        built.Output.ShouldEndWith(" deployment apply greet-deployment.yaml\n");
        string text = await File.ReadAllTextAsync(Greet, Cancel);
        foreach (string line in new[] { "name: nightly", "description: Greets at night", "version: '7'", "work_queue_name: slow", "- b", "  name: Ada", "  times: 2", "  cron: 0 2 * * *", "  timezone: Europe/Paris", "concurrency_limit: 3", "    LEVEL: debug" })
            text.Split('\n').ShouldContain(line);
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Wait", "-o", "wait.yml")).Succeeded();

        SluiceProgram.Outcome plan = await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", "wait.yml", "--plan", "--exit-code", "--output", "json");
        plan.ExitCode.ShouldBe(3, plan.ToString());
        plan.Json.GetProperty("deployments").EnumerateArray().Select(one => $"{one.Text("full_name")} {one.Text("outcome")}").ShouldBe(["Greet/nightly created", "Wait/by-hand created"]);
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
            (await api.FindDeploymentAsync("Greet", "nightly", Cancel)).ShouldBeNull("a plan does nothing");

        (await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", "wait.yml")).Succeeded().Output.ShouldContain("+ Greet/nightly: created");
        SluiceProgram.Outcome again = await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", "wait.yml", "--plan", "--exit-code", "--output", "json");
        again.ExitCode.ShouldBe(0, again.ToString());
        again.Json.GetProperty("deployments").EnumerateArray().ShouldAllBe(one => one.Text("outcome") == "unchanged");
        (await _sluice.RunAsync("deployment", "run", "Greet/nightly", "--watch")).Succeeded().Output.ShouldContain("Greeting 2: hello Ada");
    }

    /// <summary>2.10 limits queues, as its own <c>deployment build --limit</c> does; every other server the deployment.</summary>
    [Theory]
    [InlineData(2, null)]
    [InlineData(2, "etl")]
    [InlineData(3, "etl")]
    public async Task A_limit_that_is_applied_at_once_limits_the_queue_on_Prefect_2(int generation, string? pool)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
        _sluice.With("PREFECT_API_URL", server.Url.AbsoluteUri);
        if (pool is not null)
            (await _sluice.RunAsync("work-pool", "create", pool, "--type", "process")).Succeeded();
        string[] build = ["deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "--param", "name=Ada", "--work-queue", "slow", .. pool is null ? (string[])[] : ["--pool", pool], "--apply", "--limit"];

        SluiceProgram.Outcome made = (await _sluice.RunAsync([.. build, "3"])).Succeeded();
        made.Error.ShouldNotContain("SLC1071");
        string told = $"The queue 'slow' of the work pool '{pool ?? "default-agent-pool"}' starts at most 3 runs at once, of all its deployments.\n";
        made.Output.Contains(told, StringComparison.Ordinal).ShouldBe(generation == 2, made.ToString());
        (await QueueAsync()).ShouldBe(generation == 2 ? 3 : null);

        (await _sluice.RunAsync([.. build, "3"])).Succeeded().Output.ShouldNotContain("starts at most");
        if (generation == 2)
            (await _sluice.RunAsync([.. build, "5"])).Succeeded().Output.ShouldContain("starts at most 5 runs at once, of all its deployments; it was 3.");
        // The file alone leaves the queue as it is, and says so.
        (await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml")).Succeeded().ToString().Contains("SLC1071", StringComparison.Ordinal).ShouldBe(generation == 2);
        (await QueueAsync()).ShouldBe(generation == 2 ? 5 : null);

        async Task<int?> QueueAsync() => (await server.Store.FindWorkQueueAsync(pool ?? "default-agent-pool", "slow", Cancel))!.ConcurrencyLimit;
    }

    [Fact]
    public async Task A_build_may_apply_at_once_and_fails_where_that_fails()
    {
        SluiceProgram.Outcome noPool = await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "--pool", "etl", "--apply");
        noPool.ExitCode.ShouldBe(1, noPool.ToString());
        noPool.Error.ShouldContain("error SLC1005: ");
        File.Exists(Greet).ShouldBeTrue("what was built can be mended and applied");

        File.Delete(Greet);
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "--param", "name=Ada", "--apply")).Succeeded().Output.ShouldContain("+ Greet/nightly: created");
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "-a")).Succeeded().Output.ShouldContain("= Greet/nightly: unchanged");
    }

    [Fact]
    public async Task Infrastructure_that_the_own_worker_cannot_launch_is_stored_for_others_and_refused_by_it_in_one_line()
    {
        SluiceProgram.Outcome nobody = await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "boxed", "--infra", "docker-container", "--apply");
        nobody.ExitCode.ShouldBe(1, nobody.ToString());
        nobody.Error.ShouldContain("error SLC1078: Greet/boxed names the infrastructure 'docker' and no work pool, and without one its runs are started as processes");

        (await _sluice.RunAsync("work-pool", "create", "boxes", "--type", "docker")).Succeeded();
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "boxed", "--infra", "docker-container", "--pool", "boxes", "--apply")).Succeeded();
        (await _sluice.RunAsync("worker", "start", "--pool", "boxes")).FailedWith(1).ShouldBe(
            "sluice: pool 'boxes' is of type 'docker', and this worker runs processes: serve the pool with a worker of that type, or name a pool of type dotnet or process");
    }

    [Fact]
    public async Task A_fault_in_a_file_fails_with_its_place_and_applies_nothing()
    {
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly")).Succeeded();
        string wrong = _sluice.Folder.Write("wrong.yaml", (await File.ReadAllTextAsync(Greet, Cancel)).Replace("name: nightly", "nam: nightly", StringComparison.Ordinal));
        SluiceProgram.Outcome failed = await _sluice.RunAsync("deployment", "apply", "greet-deployment.yaml", Path.GetFileName(wrong), "--output", "json");
        failed.ExitCode.ShouldBe(1, failed.ToString());
        failed.Error.ShouldContain("wrong.yaml(5,1): error SLC1112: A deployment has no key 'nam'. Did you mean 'name'?");
        failed.Output.ShouldBeEmpty();
        await using IOrchestrationApi api = await _sluice.OpenApiAsync();
        (await api.FindDeploymentAsync("Greet", "nightly", Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_conflict_between_file_and_server_stops_until_it_is_decided()
    {
        (await _sluice.RunAsync("deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "--param", "name=Ada", "--apply")).Succeeded();
        await SetNameAsync("hers");
        await File.WriteAllTextAsync(Greet, (await File.ReadAllTextAsync(Greet, Cancel)).Replace("  name: Ada", "  name: his", StringComparison.Ordinal), Cancel);

        SluiceProgram.Outcome stopped = await _sluice.RunAsync("deployment", "apply", Greet);
        stopped.ExitCode.ShouldBe(1, stopped.ToString());
        stopped.Error.ShouldContain("error SLC1090: ");
        stopped.Error.ShouldContain("parameters.name was \"Ada\", the file says \"his\", the server has \"hers\"");
        stopped.Error.ShouldContain("sluice deployment apply");
        (await NameAsync()).ShouldBe("hers");

        (await _sluice.RunAsync("deployment", "apply", Greet, "--conflicts", "keep")).Succeeded();
        (await NameAsync()).ShouldBe("hers");
        await SetNameAsync("hers again");
        await File.WriteAllTextAsync(Greet, (await File.ReadAllTextAsync(Greet, Cancel)).Replace("  name: his", "  name: ours", StringComparison.Ordinal), Cancel);
        (await _sluice.RunAsync("deployment", "apply", Greet, "--conflicts", "code")).Succeeded();
        (await NameAsync()).ShouldBe("ours");
    }

    /// <summary>Slow: two real publishes.</summary>
    [Fact]
    public async Task A_project_and_a_file_with_a_program_are_published_and_built_from()
    {
        _sluice.Folder.Write("code/Directory.Build.props", $"""
            <Project>
              <PropertyGroup><NuGetAudit>false</NuGetAudit></PropertyGroup>
              <ItemGroup>
                <CompilerVisibleProperty Include="SluiceGenerateMain;RootNamespace" />
                <Reference Include="{Path.GetDirectoryName(PacesHome.Assembly)}/*.dll" Exclude="{PacesHome.Assembly}" />
                <Analyzer Include="{Repository.Root}/src/Sluice.Generators/bin/Release/netstandard2.0/Sluice.Generators.dll" />
              </ItemGroup>
            </Project>
            """);
        _sluice.Folder.Write("code/Tell/Tell.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Version>3.1.4</Version></PropertyGroup></Project>""");
        _sluice.Folder.Write("code/Tell/Flows.cs", """
            public static class Flows
            {
                [Sluice.Flow("Tell")]
                [Sluice.Deployment("daily")]
                public static void Tell(string what = "news") => System.Console.WriteLine($"Telling {what}");
            }
            """);
        _sluice.Folder.Write("code/single/hint.cs", """
            public static class Hints
            {
                [Sluice.Flow("Hint")]
                public static void Hint(string what = "a way") => System.Console.WriteLine($"Hinting at {what}");
            }
            """);

        SluiceProgram.Outcome project = await SlowAsync("deployment", "build", "code/Tell", "--apply");
        project.Succeeded().Output.ShouldContain("+ Tell/daily: created");
        (await File.ReadAllTextAsync(_sluice.Folder["tell-deployment.yaml"], Cancel)).ShouldContain("version: 3.1.4");
        (await _sluice.RunAsync("package", "inspect", "Tell/daily", "--provenance")).Succeeded().Json
            .GetProperty("predicate").GetProperty("runDetails").GetProperty("builder").GetProperty("version").Text("dotnet-sdk").ShouldNotBeNullOrEmpty();
        (await SlowAsync("deployment", "build", "code/single/hint.cs:Hint", "--name", "once", "--apply")).Succeeded().Output.ShouldContain("+ Hint/once: created");

        foreach ((string name, string says) in new[] { ("Tell/daily", "Telling news"), ("Hint/once", "Hinting at a way") })
            (await _sluice.RunAsync("deployment", "run", name, "--watch")).Succeeded().Output.ShouldContain(says);
    }

    private async Task<SluiceProgram.Outcome> SlowAsync(params string[] arguments)
    {
        await using ProgramRun run = _sluice.Start(arguments);
        int exitCode = await run.WaitForExitAsync(TimeSpan.FromMinutes(4));
        return new(exitCode, run.Output, run.Error);
    }

    private async Task SetNameAsync(string name)
    {
        await using IOrchestrationApi api = await _sluice.OpenApiAsync();
        Deployment live = (await api.FindDeploymentAsync("Greet", "nightly", Cancel))!;
        await api.UpdateDeploymentAsync(live.Id, new() { Parameters = new Dictionary<string, JsonElement> { ["name"] = JsonSerializer.SerializeToElement(name) } }, Cancel);
    }

    private async Task<string?> NameAsync()
    {
        await using IOrchestrationApi api = await _sluice.OpenApiAsync();
        return (await api.FindDeploymentAsync("Greet", "nightly", Cancel))!.Parameters["name"].GetString();
    }
}
