namespace Sluice.Tests;

public sealed class LocalRunTests
{
    [Theory]
    [InlineData()]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Without_a_flow_it_lists_the_flows(params string[] arguments)
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync(arguments);

        exit.ShouldBe(0);
        errors.ShouldBeEmpty();
        output.ShouldMatch("  Greet people +Greets somebody\\.\n");
        output.ShouldContain("app \"Greet people\" --help");
    }

    [Fact]
    public async Task Help_of_a_flow_shows_its_parameters()
    {
        (int exit, string output, _) = await LocalCommandLine.RunAsync("greet-people", "--help");

        exit.ShouldBe(0);
        output.ShouldBe("""
            Greet people

              Greets somebody.

              As often as wanted.

            Usage: app "Greet people" --name <string> [options]

            Options:
              --name <string>       Whom to greet. (required)
              --maxTimes <integer>  How often. (default: 1)
              --loud <boolean>      (default: false)
              --tags <string[]>     (default: [])
              --params <json>       All parameters as one JSON object; options win over it.
              --help                This text.

            """.ReplaceLineEndings("\n"));
    }

    public static TheoryData<string[], string> Runs => new()
    {
        { ["Greet people", "--name", "Ada"], """{"greeting":"Hello Ada!","tags":0,"inRun":false}""" },
        { ["GREET PEOPLE", "--name=Ada"], """{"greeting":"Hello Ada!","tags":0,"inRun":false}""" },
        { ["greet-people", "--name", "Ada", "--maxTimes", "2"], """{"greeting":"Hello Ada! Hello Ada!","tags":0,"inRun":false}""" },
        { ["GreetAsync", "--name", "Ada", "--max-times", "2"], """{"greeting":"Hello Ada! Hello Ada!","tags":0,"inRun":false}""" },
        { ["Greet people", "--loud", "--name", "Ada"], """{"greeting":"HELLO ADA!","tags":0,"inRun":false}""" },
        { ["Greet people", "--loud", "false", "--name", "Ada"], """{"greeting":"Hello Ada!","tags":0,"inRun":false}""" },
        { ["Greet people", "--name", "Ada", "--tags", "[\"a\",\"b\"]"], """{"greeting":"Hello Ada!","tags":2,"inRun":false}""" },
        { ["Greet people", "--params", """{"name":"Ada","maxTimes":2}""", "--maxTimes", "1"], """{"greeting":"Hello Ada!","tags":0,"inRun":false}""" },
        { ["Greet people", "--name", "--Ada\"\\"], """{"greeting":"Hello --Ada\"\\!","tags":0,"inRun":false}""" },
        { ["Greet people", "--name", "città"], """{"greeting":"Hello città!","tags":0,"inRun":false}""" },
        { ["empty"], "null" },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_run_ends_with_its_result_as_one_line_of_JSON(string[] arguments, string result)
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync(arguments);

        errors.ShouldNotContain("Error");
        exit.ShouldBe(0);
        output.ShouldBe(result + "\n");
    }

    [Fact]
    public async Task Logs_go_to_stderr()
    {
        (_, _, string errors) = await LocalCommandLine.RunAsync("greet-people", "--name", "Ada", "--maxTimes", "3");

        errors.ShouldEndWith(" | INFO     | Greeting Ada, 3 times\n");
    }

    public static TheoryData<string[], string> BadUsage => new()
    {
        { ["gret-people"], "There is no flow 'gret-people': did you mean 'Greet people'?\n" },
        { ["--name", "Ada"], "Name the flow before its parameters, as: app \"Greet people\" --name …" },
        { ["Greet people", "--nam", "Ada"], "--nam is not a parameter of 'Greet people': did you mean --name?\n" },
        { ["Greet people", "--colour", "red"], "--colour is not a parameter of 'Greet people': it has --name, --maxTimes, --loud, --tags.\n" },
        { ["Empty", "--name", "Ada"], "--name is not a parameter of 'Empty': it has none.\n" },
        { ["Greet people", "Ada"], "Unexpected argument 'Ada': parameters are given as --name value.\n" },
        { ["Greet people", "--name"], "--name needs a value: string.\n" },
        { ["Greet people", "--name", "Ada", "--name", "Eva"], "--name is given twice.\n" },
        { ["Greet people", "--maxTimes", "many"], "--maxTimes needs integer; got: many\n" },
        { ["Greet people", "--loud=yes"], "--loud needs boolean; got: yes\n" },
        { ["Greet people", "--tags", "a,b"], "--tags needs JSON, string[]; got: a,b\n" },
        { ["Greet people", "--params", "[1]"], "--params needs a JSON object, as {\"city\":\"Seattle\"}; got: [1]\n" },
        { ["Greet people"], "$.name: is required\nThe parameters do not fit 'Greet people'; see app \"Greet people\" --help\n" },
        { ["Greet people", "--name", "Ada", "--maxTimes", "1.5"], "$.maxTimes: expected an integer, found 1.5\n" },
    };

    [Theory]
    [MemberData(nameof(BadUsage))]
    public async Task Bad_usage_says_what_is_wrong_and_exits_2(string[] arguments, string words)
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync(arguments);

        exit.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.ShouldStartWith(words);
    }

    [Fact]
    public async Task A_flow_that_throws_exits_1_with_its_stack_on_stderr()
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync("fail");

        exit.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("System.InvalidOperationException: no such station");
        errors.ShouldContain("TestFlows.cs");
    }

    [Fact]
    public async Task A_local_run_is_tried_again_as_the_flow_says()
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync("fail-twice");

        exit.ShouldBe(0);
        output.ShouldBe("null\n");
        errors.ShouldContain("attempt 1");
        errors.ShouldContain("attempt 3");
        errors.ShouldContain("Try 2 of 3 failed; the next one starts in 1 s");
    }

    [Theory]
    [InlineData("slow")]
    [InlineData("slow-and-deaf")]
    public async Task A_local_run_that_takes_too_long_fails(string flow)
    {
        (int exit, string output, string errors) = await LocalCommandLine.RunAsync(flow);

        exit.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("Flow run exceeded timeout of 0.5 second(s)");
    }
}
