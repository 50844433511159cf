using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;

namespace Sluice.Deploy.Tests;

public sealed class DeployFailureTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    public static TheoryData<string, string, string> Declarations => new()
    {
        { """{"name":"a/b"}""", DeployCodes.DeclarationInvalid, "The deployment name 'a/b' of flow 'Weather report' contains '/'" },
        { """{"name":" "}""", DeployCodes.DeclarationInvalid, "is empty" },
        { """{"name":"manual"}""", DeployCodes.DeclarationInvalid, "Weather report/manual is declared twice" },
        { """{"concurrency_limit":0}""", DeployCodes.DeclarationInvalid, "a concurrency limit is at least 1" },
        { """{"job_variables":{"env":["A=1"]}}""", DeployCodes.DeclarationInvalid, "'env' of JobVariables must be a JSON object" },
        { """{"job_variables":{"env":{"LEVEL":"debug","SLUICE_ENVIRONMENT":"prod"}}}""", DeployCodes.DeclarationInvalid, "Weather report/daily: JobVariables set SLUICE_ENVIRONMENT, which publishing writes itself (-p:SluiceEnvironment=NAME): name the variable otherwise, or leave it out." },
        { """{"parameters":{"city":5}}""", DeployCodes.ParametersDoNotFit, "Weather report/daily: the parameters do not fit: $.city: " },
        { """{"parameters":{"town":"Oslo"}}""", DeployCodes.ParametersDoNotFit, "town" },
        { """{"schedules":[{"slug":"s","parameters":{"days":"x"},"schedule":{"cron":"0 6 * * *"}}]}""", DeployCodes.ParametersDoNotFit, "Weather report/daily, schedule 's': the parameters do not fit: $.days: " },
        { """{"schedules":[{"slug":"s","schedule":{"cron":"0 25 * * *"}}]}""", DeployCodes.ScheduleInvalid, "Weather report/daily, schedule 's': the cron expression '0 25 * * *' is invalid: " },
        { """{"schedules":[{"slug":"s","schedule":{"cron":"0 6 * * *","timezone":"Mars/Base"}}]}""", DeployCodes.ScheduleInvalid, "Mars/Base" },
        { """{"schedules":[{"slug":"s","schedule":{"interval":0}}]}""", DeployCodes.ScheduleInvalid, "the interval is invalid: " },
        { """{"schedules":[{"slug":"s","schedule":{"interval":60,"anchor_date":"yesterday"}}]}""", DeployCodes.ScheduleInvalid, "the anchor 'yesterday' is no ISO 8601 time" },
        { """{"schedules":[{"slug":"s","schedule":{}}]}""", DeployCodes.ScheduleInvalid, "exactly one of Cron, Interval and RRule" },
        { """{"schedules":[{"slug":"s","schedule":{"interval":60}},{"slug":"s","schedule":{"interval":61}}]}""", DeployCodes.ScheduleInvalid, "two schedules with the slug 's'" },
        { """{"infrastructure":"docker"}""", DeployCodes.InfrastructureDiffers, "Weather report/daily names the infrastructure 'docker' and no work pool, and without one its runs are started as processes" },
        { """{"infrastructure":"kubernetes","work_pool_name":"default-agent-pool"}""", DeployCodes.InfrastructureDiffers, "names the infrastructure 'kubernetes'" },
        { """{"work_pool_name":"a/b"}""", DeployCodes.DeclarationInvalid, "Weather report/daily: The work pool name 'a/b' contains '/'" },
        { """{"work_queue_name":"50%"}""", DeployCodes.DeclarationInvalid, "Weather report/daily: The work queue name '50%' contains '%'" },
        { """{"tags":["a"," "]}""", DeployCodes.DeclarationInvalid, "Weather report/daily: a tag is empty" },
        { """{"image":"Registry.example/Team/App:1"}""", DeployCodes.DeclarationInvalid, "'Registry.example/Team/App:1' is no name of a container image" },
        { "{\"parameters\":{\"city\":\"" + new string('x', 600_000) + "\"}}", DeployCodes.ParametersDoNotFit, "Weather report/daily: the parameters are too large: at most 524288 characters" },
        { """{"storage":"ftp://host/prefix"}""", DeployCodes.StorageFailed, "The scheme 'ftp'" },
        { """{"storage_key":"../up"}""", DeployCodes.StorageFailed, "The storage key '../up' is refused" },
    };

    [Theory]
    [MemberData(nameof(Declarations))]
    public async Task What_no_server_would_take_is_refused_before_anything_is_applied(string edit, string code, string says)
    {
        _bench.ChangeFlow(flow =>
        {
            foreach ((string key, JsonNode? value) in JsonNode.Parse(edit)!.AsObject())
                flow["deployments"]![0]![key] = value?.DeepClone();
        });
        DeployError error = await _bench.FailAsync();
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(says);
        error.ToString().ShouldStartWith($"{_bench.Request.Project} : error {code}: ");
        error.ToString().ShouldNotContain("\n");
        (await _bench.LiveAsync("manual")).ShouldBeNull();
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        _bench.ChangeFlow(flow =>
        {
            flow["name"] = "a%b";
            flow["deployments"]![0]!["parameters"] = new JsonObject { ["city"] = 5, ["days"] = "x" };
            flow["deployments"]![0]!["schedules"]![0]!["schedule"]!["cron"] = "nonsense";
        });
        DeployResult result = await _bench.RunAsync();
        result.Diagnostics.Select(d => d.Code).ShouldBe(
            [DeployCodes.DeclarationInvalid, DeployCodes.ParametersDoNotFit, DeployCodes.ParametersDoNotFit, DeployCodes.ScheduleInvalid]);
    }

    [Fact]
    public async Task Two_flows_of_one_name_are_refused()
    {
        _bench.WriteFlows(JsonNode.Parse(DeployBench.Flow)!, JsonNode.Parse(DeployBench.Flow)!);
        (await _bench.FailAsync()).Message.ShouldBe("Two flows are named 'Weather report': rename one by [Flow(\"…\")].");
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_plan_file_and_an_outcome_file_that_cannot_be_written_are_found_out_before_anything_is_applied(bool isPlan)
    {
        Directory.CreateDirectory(_bench.Temp["told.json"]);
        DeployError failed = await _bench.FailAsync(isPlan ? _bench.Request with { PlanFile = _bench.Temp["told.json"] } : _bench.Request with { OutcomeFile = _bench.Temp["told.json"] });
        failed.Message.ShouldStartWith($"The file {_bench.Temp["told.json"]} cannot be written: ");
        (await _bench.LiveAsync("manual")).ShouldBeNull();
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_told_after_all_is_a_warning_since_everything_is_applied()
    {
        DeployResult result = await _bench.RunAsync(_bench.Request with { OutcomeFile = _bench.Temp["told.json"] }, beforeApply: _ =>
        {
            Directory.CreateDirectory(_bench.Temp["told.json"]);
            return Task.CompletedTask;
        });
        result.Outcome.ShouldNotBeNull();
        DeployError warning = result.Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.SummaryUnwritable, true));
        (await _bench.LiveAsync("manual")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Conflicts_that_stop_a_publish_are_in_its_plan_file()
    {
        await _bench.DeployAsync();
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.UpdateDeploymentAsync((await _bench.LiveAsync("daily"))!.Id, new() { Parameters = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Rome\"") } }, TestContext.Current.CancellationToken);
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = "Oslo");

        (await _bench.FailAsync(_bench.Request with { PlanFile = _bench.Temp["plan.json"] })).Code.ShouldBe(DeployCodes.Conflict);

        JsonElement plan = JsonElement.Parse(File.ReadAllText(_bench.Temp["plan.json"]));
        plan.GetProperty("applied").GetBoolean().ShouldBeFalse();
        plan.ToString().ShouldContain("\"conflict\"");
        (await _bench.LiveAsync("daily"))!.Parameters["city"].GetString().ShouldBe("Rome");
    }

    [Fact]
    public async Task A_damaged_assembly_is_SLC1001()
    {
        File.WriteAllText(_bench.Temp["obj/Weather.dll"], "no assembly");
        (await _bench.FailAsync()).Code.ShouldBe(DeployCodes.ManifestUnreadable);
        (await _bench.FailAsync(_bench.Request with { Project = null })).Origin.ShouldBe(_bench.Temp["obj/Weather.dll"]);
    }

    [Fact]
    public async Task A_listed_file_that_is_gone_is_SLC1010_and_a_missing_publish_folder_SLC1017()
    {
        DeployError error = await _bench.FailAsync(_bench.Request with { Files = ["Weather.dll", "gone.txt"] });
        error.Code.ShouldBe(DeployCodes.FileChanged);
        error.Message.ShouldContain("gone.txt");
        (await _bench.FailAsync(_bench.Request with { PublishDir = _bench.Temp["none"] })).Code.ShouldBe(DeployCodes.ProgramMissing);
    }

    [Fact]
    public async Task A_damaged_database_is_SLC1015_and_nothing_is_stored()
    {
        Directory.CreateDirectory(_bench.Home.Root);
        File.WriteAllText(_bench.Home.Database, string.Concat(Enumerable.Repeat("this is no database ", 500)));
        DeployError error = await _bench.FailAsync();
        error.Code.ShouldBe(DeployCodes.DatabaseDamaged);
        error.Message.ShouldContain(_bench.Home.Database);
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_home_that_cannot_be_written_is_SLC1014()
    {
        _bench.Temp.Write("home", "a file where the home should be");
        DeployError error = await _bench.FailAsync();
        error.Code.ShouldBe(DeployCodes.HomeUnwritable);
        error.Message.ShouldContain(_bench.Temp["home"]);
    }

    [Fact]
    public async Task No_API_at_the_address_is_SLC1006_and_nothing_is_stored()
    {
        var environment = new DeployEnvironment
        {
            OpenApiAsync = _ => Task.FromResult(new DeployTarget(new HttpOrchestrationApi(new ApiEndpoint("http://127.0.0.1:1/api")), "http://127.0.0.1:1/api", IsLocal: false)),
            Home = _bench.Home,
            Output = TextWriter.Null,
        };
        DeployResult result = await new DeployRunner(environment).RunAsync(_bench.Request, TestContext.Current.CancellationToken);
        DeployError error = result.Diagnostics.ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.ApiUnreachable);
        error.Message.ShouldContain("http://127.0.0.1:1/api");
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_apply_that_the_API_refuses_leaves_every_deployment_as_it_was()
    {
        await _bench.DeployAsync();
        Deployment before = (await _bench.LiveAsync("daily"))!;
        await using (IOrchestrationApi api = await _bench.OpenAsync())
        {
            await api.CreateWorkPoolAsync(new() { Name = "strict" }, TestContext.Current.CancellationToken);
        }
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![0]!["version"] = "would be new";
            flow["deployments"]![1]!["work_pool_name"] = "strict";
            flow["deployments"]![1]!["job_variables"] = new JsonObject { ["working_dir"] = 5 };
        });

        // What fits when it is checked need not fit a moment later.
        DeployResult result = await _bench.RunAsync(beforeApply: api => api.UpdateWorkPoolAsync("strict", new()
        {
            BaseJobTemplate = System.Text.Json.JsonElement.Parse("""{"job_configuration":{},"variables":{"type":"object","properties":{"working_dir":{"type":"string"}}}}"""),
        }, TestContext.Current.CancellationToken));

        result.Outcome.ShouldBeNull();
        DeployError error = result.Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.ApiRefused);
        error.Message.ShouldContain("working_dir");
        Deployment after = (await _bench.LiveAsync("daily"))!;
        (after.Version, after.Updated).ShouldBe((before.Version, before.Updated));
    }

    [Fact]
    public async Task A_program_that_this_machine_cannot_run_is_a_warning()
    {
        string other = RuntimeInformation.RuntimeIdentifier.StartsWith("win", StringComparison.Ordinal) ? "linux-x64" : "win-x64";
        DeployResult result = await _bench.RunAsync(_bench.Request with { RuntimeIdentifier = other });
        result.Succeeded.ShouldBeTrue();
        result.Diagnostics.ShouldHaveSingleItem().ToString().ShouldStartWith($"{_bench.Request.Project} : warning SLC1011: The program was published for {other}");
    }

    [Theory]
    [InlineData("CI", "true", true)]
    [InlineData("TF_BUILD", "True", true)]
    [InlineData("CI", "false", false)]
    [InlineData("OTHER", "true", false)]
    public async Task CI_without_a_configured_API_is_a_warning(string variable, string value, bool warns)
    {
        _bench.Variables[variable] = value;
        DeployResult result = await _bench.RunAsync();
        result.Succeeded.ShouldBeTrue();
        result.Diagnostics.Select(d => d.Code).ShouldBe(warns ? [DeployCodes.CiWithoutApi] : []);
    }

    [Fact]
    public void Every_code_has_its_page()
    {
        string[] codes = [.. typeof(DeployCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!)];
        codes.ShouldBeUnique();
        foreach (string code in codes.Append("SLC1000"))
            File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics", code + ".md")).ShouldStartWith($"# {code}: ");
    }
}
