using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary>What the program says about itself and about command lines that it cannot read.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Help_lists_the_nouns_and_documents_exit_codes_and_environment()
    {
        SluiceProgram.Outcome help = (await _sluice.RunAsync("--help")).Succeeded();

        foreach (string expected in new[]
        {
            "deploy ", "manifest ", "deployment ", "flow ", "flow-run ", "work-pool ", "work-queue ", "worker ", "server ", "dev ", "schedule ", "config ", "version ",
            "Exit codes:", "130", "SLUICE_HOME", "PREFECT_API_URL", "NO_COLOR",
        })
            help.Output.ShouldContain(expected);
        help.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_arguments_it_shows_its_help() => (await _sluice.RunAsync()).Succeeded().Output.ShouldContain("Commands:");

    /// <summary>Nouns and verbs of the design.</summary>
    [Theory]
    [InlineData("deploy")]
    [InlineData("manifest")]
    [InlineData("deployment ls")]
    [InlineData("deployment inspect")]
    [InlineData("deployment delete")]
    [InlineData("deployment run")]
    [InlineData("deployment pause-schedule")]
    [InlineData("deployment resume-schedule")]
    [InlineData("deployment set-schedule")]
    [InlineData("deployment schedule ls")]
    [InlineData("deployment schedule create")]
    [InlineData("deployment schedule delete")]
    [InlineData("deployment schedule clear")]
    [InlineData("deployment schedule pause")]
    [InlineData("deployment schedule resume")]
    [InlineData("flow ls")]
    [InlineData("flow-run ls")]
    [InlineData("flow-run inspect")]
    [InlineData("flow-run logs")]
    [InlineData("flow-run cancel")]
    [InlineData("flow-run delete")]
    [InlineData("flow-run execute")]
    [InlineData("work-pool ls")]
    [InlineData("work-pool create")]
    [InlineData("work-pool inspect")]
    [InlineData("work-pool update")]
    [InlineData("work-pool pause")]
    [InlineData("work-pool resume")]
    [InlineData("work-pool delete")]
    [InlineData("work-queue ls")]
    [InlineData("work-queue create")]
    [InlineData("work-queue inspect")]
    [InlineData("work-queue update")]
    [InlineData("work-queue pause")]
    [InlineData("work-queue resume")]
    [InlineData("work-queue delete")]
    [InlineData("worker start")]
    [InlineData("agent start")]
    [InlineData("server start")]
    [InlineData("dev")]
    [InlineData("schedule preview")]
    [InlineData("config view")]
    [InlineData("config set")]
    [InlineData("version")]
    public void Every_verb_exists_and_its_help_shows_usage(string verb)
    {
        var output = new StringWriter();
        using var signals = new Signals();
        var home = new SluiceHome(_sluice.Home.Root);
        var screen = new Screen(output, output, outputIsTerminal: false, errorIsTerminal: false, colors: false, width: 80);
        var context = new CliContext(home, new CliSettings(home), screen, signals, TimeProvider.System);

        int exitCode = CommandTree.Build(context).Parse([.. verb.Split(' '), "--help"]).Invoke(new() { Output = output, Error = output });

        exitCode.ShouldBe(0);
        output.ToString().ShouldContain($" {verb} ");
        output.ToString().ShouldContain("Usage:");
    }

    /// <summary>A wrong command line, and words of the line that answers it.</summary>
    [Theory]
    [InlineData("deploymnt ls", "has no 'deploymnt'. Did you mean 'deployment'?")]
    [InlineData("deployment", "'sluice deployment' needs one of: ls, inspect")]
    [InlineData("deployment lx", "Did you mean 'ls'?")]
    [InlineData("deployment inspect", "needs FLOW/DEPLOYMENT; see 'sluice deployment inspect --help'")]
    [InlineData("flow ls --outptu json", "has no option '--outptu'. Did you mean '--output'?")]
    [InlineData("flow ls --output yaml", "'text' 'json'")]
    [InlineData("flow ls extra", "takes no further argument 'extra'")]
    [InlineData("work-pool create etl --limit many", "--limit 'many' is not a whole number")]
    [InlineData("work-pool create etl --limit -1", "--limit")]
    [InlineData("worker start --limit 0", "--limit is 0; it takes 1 or more")]
    [InlineData("server start --port 70000", "--port is 70000; it takes 0 to 65535")]
    [InlineData("flow-run ls --limit 0", "--limit is 0")]
    [InlineData("schedule preview", "a deployment as flow/deployment, or --input FILE")]
    [InlineData("schedule preview --interval 60 --day-or false", "--day-or belongs to --cron")]
    [InlineData("schedule preview --interval 60 --from yesterday", "--from 'yesterday' is not an ISO 8601 time")]
    [InlineData("schedule preview --interval 60 --count 0", "--count is 0; it takes 1 to 10000")]
    [InlineData("deployment run a/b --start-in 5 --start-at 2030-01-01", "one of --start-in and --start-at")]
    [InlineData("deployment run a/b --start-in soon", "--start-in 'soon' is not a duration")]
    [InlineData("deployment run a/b --start-at soon", "--start-at 'soon' is not understood at 'soon'; write e.g. 'tomorrow at 9am'")]
    [InlineData("deployment run a/b --start-at 12/1/2026", "may mean two days")]
    [InlineData("deployment run a/b --start-at noon --timezone Europe/Pariss", "did you mean 'Europe/Paris'?")]
    [InlineData("deployment run a/b --timezone Europe/Paris", "--timezone belongs to --start-at")]
    [InlineData("deployment run", "name the deployment as flow/deployment, or by --id")]
    [InlineData("deployment run a/b --id 01a202e6-ada4-79b6-a42f-89f381eb04bc", "not both")]
    [InlineData("deployment run --id a/b", "--id 'a/b' is not an id")]
    [InlineData("deployment run a/b -jv level", "--job-variable 'level' is not NAME=VALUE")]
    [InlineData("deployment delete", "name a deployment as flow/deployment, by --id, or write --all")]
    [InlineData("deployment delete a/b --all", "names or --all, not both")]
    [InlineData("deployment schedule create a/b", "exactly one of --cron, --interval and --rrule")]
    [InlineData("deployment schedule create a/b --interval 60 --active --no-active", "--active or --no-active, not both")]
    [InlineData("deployment schedule", "needs one of: ls, create, delete, clear, pause, resume")]
    [InlineData("deployment set-schedule a/b --cron nonsense", "cron expression 'nonsense' is invalid")]
    [InlineData("deployment set-schedule a/b --cron @daily --interval 60", "write exactly one of --cron, --interval and --rrule")]
    [InlineData("deployment run a/b --timeout 5", "--timeout belongs to --watch")]
    [InlineData("deployment run a/b --params [1]", "--params is not a JSON object")]
    [InlineData("deployment run a/b --params {", "--params is not JSON at line 1, character 2: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed. Write an object, e.g. '{\"city\": \"Seattle\"}'")]
    [InlineData("deployment run a/b --params {\"stadt\":\"Köln\",}", "--params is not JSON at line 1, character 17: The JSON object contains a trailing comma at the end which is not supported. Write an object")]
    [InlineData("deployment run a/b -jv env=7", "--job-variable env takes an object of variables, and '7' is none; write e.g. -jv env.LEVEL=debug")]
    [InlineData("flow ls --api-url ftp://host", "--api-url: 'ftp://host' is not an API URL")]
    [InlineData("config set PREFECT_API_URL", "NAME=VALUE")]
    [InlineData("config set PREFECT_API_URI=http://x/api", "Did you mean 'PREFECT_API_URL'?")]
    [InlineData("config set PREFECT_API_URL=nonsense", "is not an http or https URL")]
    public async Task A_wrong_command_line_is_answered_in_one_line_with_exit_code_2(string commandLine, string expected) =>
        (await _sluice.RunAsync(commandLine.Split(' '))).FailedWith(2).ShouldContain(expected);

    /// <summary>What a script writes whose variable holds nothing.</summary>
    [Theory]
    [InlineData("--idempotency-key")]
    [InlineData("--flow-run-name")]
    [InlineData("--work-queue")]
    [InlineData("--tag")]
    public async Task A_text_of_a_run_that_is_empty_is_refused(string option) =>
        (await _sluice.RunAsync("deployment", "run", "a/b", option, "")).FailedWith(2).ShouldBe($"sluice: {option} is empty: write a text, or leave it out");

    [Fact]
    public async Task Version_is_for_people_and_programs()
    {
        (await _sluice.RunAsync("version")).Succeeded().Output.ShouldStartWith($"sluice {ProductVersion.Text}\n");
        SluiceProgram.Outcome json = (await _sluice.RunAsync("version", "--output", "json")).Succeeded();
        json.Json.GetProperty("version").GetString().ShouldBe(ProductVersion.Text);
        json.Json.GetProperty("api").GetString().ShouldBe($"embedded in {_sluice.Home.Root}");
    }
}
