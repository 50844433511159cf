using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Worker.Launch;
using Sluice.Worker.Templates;

namespace Sluice.Worker.Tests;

/// <summary>What a pool's base job template makes of job variables. The rules are those of Prefect's workers; the rows say what they do.</summary>
public sealed class JobTemplateTests
{
    private const string Process = """
        {"job_configuration":{"command":"{{ command }}","env":"{{ env }}","working_dir":"{{ working_dir }}","stream_output":"{{ stream_output }}","labels":"{{ labels }}"},
         "variables":{"type":"object","properties":{"command":{"type":"string"},"env":{"type":"object","default":{"A":"pool"}},"working_dir":{"type":"string","default":"/pool"},
                      "stream_output":{"type":"boolean","default":true},"labels":{"type":"object","default":null}}}}
        """;

    [Theory]
    [InlineData("{}", "{}", """{"env":{"A":"pool"},"working_dir":"/pool","stream_output":true}""")]
    [InlineData("""{"working_dir":"/deployment"}""", "{}", """{"env":{"A":"pool"},"working_dir":"/deployment","stream_output":true}""")]
    [InlineData("""{"working_dir":"/deployment"}""", """{"working_dir":"/run"}""", """{"env":{"A":"pool"},"working_dir":"/run","stream_output":true}""")]
    [InlineData("""{"env":{"B":"1"}}""", """{"env":{"C":"2"}}""", """{"env":{"A":"pool","B":"1","C":"2"},"working_dir":"/pool","stream_output":true}""")]
    [InlineData("""{"env":{"A":"deployment"}}""", """{"env":{"A":"run"}}""", """{"env":{"A":"run"},"working_dir":"/pool","stream_output":true}""")]
    [InlineData("""{"env.B":"dotted"}""", """{"env.A":"run"}""", """{"env":{"A":"run","B":"dotted"},"working_dir":"/pool","stream_output":true}""")]
    [InlineData("""{"env":{"A":null}}""", "{}", """{"env":{"A":null},"working_dir":"/pool","stream_output":true}""")]
    [InlineData("""{"stream_output":false,"command":"a b"}""", "{}", """{"command":"a b","env":{"A":"pool"},"working_dir":"/pool","stream_output":false}""")]
    [InlineData("""{"labels":{"team":"etl"}}""", "{}", """{"env":{"A":"pool"},"working_dir":"/pool","stream_output":true,"labels":{"team":"etl"}}""")]
    [InlineData("""{"unknown":1}""", "{}", """{"env":{"A":"pool"},"working_dir":"/pool","stream_output":true}""")]
    public void Defaults_come_before_the_deployments_variables_and_those_before_the_runs(string deployment, string run, string expected) =>
        Same(Apply(Process, deployment, run), expected);

    [Theory]
    [InlineData("\"{{ n }}\"", """{"n":5}""", "5")]
    [InlineData("\"{{n}}\"", """{"n":5}""", "5")]
    [InlineData("\"{{ n }}\"", """{"n":[1,{"a":true}]}""", """[1,{"a":true}]""")]
    [InlineData("\"{{ n }}\"", """{"n":{"a":null}}""", """{"a":null}""")]
    [InlineData("\"--rows={{ n }} --fast={{ f }}\"", """{"n":5,"f":true}""", "\"--rows=5 --fast=True\"")]
    [InlineData("\"[{{ n }}]\"", "{}", "\"[]\"")]
    [InlineData("\"{{ a.b }}\"", """{"a":{"b":"deep"}}""", "\"deep\"")]
    [InlineData("\"{{ a[1] }}\"", """{"a":["x","y"]}""", "\"y\"")]
    [InlineData("\"{{ a[7] }}\"", """{"a":["x"]}""", null)]
    [InlineData("\"no placeholder\"", "{}", "\"no placeholder\"")]
    [InlineData("\"{{ not closed\"", "{}", "\"{{ not closed\"")]
    [InlineData("""["{{ n }}","{{ missing }}",1]""", """{"n":"x"}""", """["x",1]""")]
    [InlineData("""{"x":{"y":"{{ n }}","z":"{{ missing }}","w":null}}""", """{"n":1}""", """{"x":{"y":1,"w":null}}""")]
    [InlineData("7", "{}", "7")]
    public void A_placeholder_becomes_its_value_and_what_has_none_goes(string template, string variables, string? expected)
    {
        JsonObject configuration = Apply("""{"job_configuration":{"it":TEMPLATE},"variables":{}}""".Replace("TEMPLATE", template, StringComparison.Ordinal), variables, "{}");

        if (expected is null)
            configuration.ShouldNotContainKey("it");
        else
            Same(configuration["it"], expected);
    }

    [Fact]
    public async Task A_template_as_deep_as_JSON_goes_is_filled_in_one_pass()
    {
        const int depth = 60;
        string template = string.Concat(Enumerable.Repeat("""{"a":""", depth)) + "\"{{ n }}\"" + new string('}', depth);

        // Filled twice a level, it would take years.
        JsonNode node = await Task.Run(() => Apply("""{"job_configuration":TEMPLATE,"variables":{}}""".Replace("TEMPLATE", template, StringComparison.Ordinal), """{"n":5}""", "{}"))
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        while (node is JsonObject members)
            node = members["a"]!;
        node.ToJsonString().ShouldBe("5");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"variables":{}}""")]
    [InlineData("""{"job_configuration":null}""")]
    public void A_pool_without_a_template_takes_the_variables_as_they_are(string template) =>
        Same(Apply(template, """{"command":"a","env":{"A":"1"}}""", """{"env":{"B":"2"},"other":[1]}"""), """{"command":"a","env":{"A":"1","B":"2"},"other":[1]}""");

    [Theory]
    [InlineData("""{"command":"x"}""", """{"SLUICE_PACKAGE":"file:///p#sha256=1"}""")]
    [InlineData("""{"env":{"ONLY":"this"}}""", """{"ONLY":"this","SLUICE_PACKAGE":"file:///p#sha256=1"}""")]
    [InlineData("""{"env":{"SLUICE_PACKAGE":"pinned"}}""", """{"SLUICE_PACKAGE":"pinned"}""")]
    public void Where_the_program_is_reaches_the_worker_also_where_the_template_passes_no_environment_on(string configuration, string env) =>
        Same(Apply("""{"job_configuration":CONFIGURATION,"variables":{}}""".Replace("CONFIGURATION", configuration, StringComparison.Ordinal), """{"env":{"SLUICE_PACKAGE":"file:///p#sha256=1","OTHER":"2"}}""", "{}")["env"], env);

    [Fact]
    public void A_value_of_the_workers_environment_stands_for_its_name()
    {
        string path = Environment.GetEnvironmentVariable("PATH")!;

        Apply("""{"job_configuration":{"it":"{{ $PATH }}:/more","none":"<{{ $SLUICE_NO_SUCH_VARIABLE }}>"},"variables":{}}""", "{}", "{}").ToJsonString()
            .ShouldBe(new JsonObject { ["it"] = path + ":/more", ["none"] = "<>" }.ToJsonString());
    }

    [Theory]
    [InlineData("""{"stream_output":"yes"}""", "the job variable stream_output is not a boolean but a text: correct the deployment's job variables")]
    [InlineData("""{"termination_grace_seconds":-1}""", "the job variable termination_grace_seconds is -1 and should be a number from 0 to 86400: correct the deployment's job variables")]
    [InlineData("""{"termination_grace_seconds":"5"}""", "the job variable termination_grace_seconds is \"5\" and should be a number from 0 to 86400: correct the deployment's job variables")]
    public void A_variable_of_the_wrong_type_is_named(string variables, string message) =>
        Should.Throw<LaunchException>(() => JobVariables.Read(Apply("{}", variables, "{}"))).Message.ShouldBe(message);

    [Fact]
    public async Task A_run_gets_what_the_pool_the_server_and_the_worker_add()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await bench.Api.CreateVariableAsync(new() { Name = "region", Value = JsonSerializer.SerializeToElement("north") }, default);
        await bench.SetSecretAsync("db-password", "canary-8d1f");
        await bench.Api.CreateWorkPoolAsync(new() { Name = "typed", Type = "dotnet", BaseJobTemplate = JsonElement.Parse("""
            {"job_configuration":{"command":"'PROGRAM' {{ words }}","env":{"REGION":"{{ prefect.variables.region }}","WHERE":"in {{ prefect.variables.region }}, {{ prefect.variables.nowhere }}.",
                "PASSWORD":"{{ prefect.blocks.secret.db-password }}","AGAIN":"{{ prefect.blocks.secret.db-password.value }}","TEMPLATE":"{{ env.TEMPLATE }}","PRICE":"5$ and ${NAME} more"}},
             "variables":{"type":"object","properties":{"words":{"type":"string","default":"ok"},"env":{"type":"object"}}}}
            """.Replace("PROGRAM", WorkerBench.Program, StringComparison.Ordinal)) }, default);
        Guid deployment = await bench.DeployAsync(new Dictionary<string, object?> { ["words"] = $"env '{bench["seen"]}'", ["env"] = new Dictionary<string, string> { ["TEMPLATE"] = "${DB_PASSWORD}" } }, pool: "typed");
        Guid id = await bench.RunAsync(deployment);
        await using BenchWorker worker = bench.Work(options => options with { Pool = "typed", Sources = bench.Sources });

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        Dictionary<string, string> seen = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(bench["seen"]))!;
        new[] { "REGION", "WHERE", "PASSWORD", "AGAIN", "TEMPLATE", "PRICE" }.Select(name => seen[name])
            .ShouldBe(["north", "in north, .", "canary-8d1f", "canary-8d1f", "canary-8d1f", "5$ and ${NAME} more"]);
        (await bench.LogsAsync(id)).ShouldContain(log => log.Message.StartsWith("The job variables refer to the variable 'nowhere', which does not exist", StringComparison.Ordinal));
        string told = string.Join('\n', worker.Lines.Concat((await bench.LogsAsync(id)).Select(log => log.Message))) + JsonSerializer.Serialize(await bench.Api.ReadDeploymentAsync(deployment, default));
        told.ShouldNotContain("canary-8d1f");
    }

    [Theory]
    [InlineData("{{ prefect.blocks.secret.nobody }}", "its job configuration refers to the block secret/nobody, which does not exist: 'sluice block create secret/nobody' makes it")]
    [InlineData("{{ prefect.blocks.secret }}", "its job configuration refers to 'prefect.blocks.secret', which is no block: write {{ prefect.blocks.TYPE.NAME }}")]
    [InlineData("x {{ prefect.blocks.secret.nobody }}", "its job configuration has 'x {{ prefect.blocks.secret.nobody }}': a block stands alone in its text, with nothing around it")]
    [InlineData("${NOBODY_KNOWS}", "The job variable env.A needs NOBODY_KNOWS, which is neither an environment variable nor a secret of the server: set it where this runs, or store it with 'sluice block create secret/nobody-knows'")]
    public async Task A_run_whose_configuration_cannot_be_made_crashes_with_the_reason(string value, string reason)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync(await bench.DeployAsync(new Dictionary<string, object?> { ["command"] = "anything", ["env"] = new Dictionary<string, string> { ["A"] = value } }));
        await using BenchWorker worker = bench.Work(options => options with { Sources = bench.Sources });

        FlowRun run = await bench.WaitForEndAsync(id);
        (run.StateType, run.State!.Message).ShouldBe((StateType.Crashed, $"Flow run process could not be started: {reason}."));
    }

    [Fact]
    public async Task A_pool_that_wants_no_output_gets_none_and_the_run_does_not_block()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync(await bench.DeployAsync(new Dictionary<string, object?> { ["command"] = $"'{WorkerBench.Program}' ok", ["stream_output"] = false }));
        await using BenchWorker worker = bench.Work();

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);
        (await bench.LogsAsync(id)).ShouldNotContain(log => log.Name.StartsWith("sluice.std", StringComparison.Ordinal));
    }

    private static JsonObject Apply(string template, string deployment, string run) =>
        new JobTemplate(new() { Id = Guid.NewGuid(), Name = "p", Type = "process", BaseJobTemplate = JsonElement.Parse(template) }).Apply(Parse(deployment), Parse(run));

    private static Dictionary<string, JsonElement> Parse(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    private static void Same(JsonNode? actual, string expected) =>
        JsonNode.DeepEquals(actual, JsonNode.Parse(expected)).ShouldBeTrue($"{actual?.ToJsonString()} is not {expected}");
}
