using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Deploy.SelfTesting;
using Sluice.Testing;

namespace Sluice.Deploy.Tests;

/// <summary>A real program (<c>tests/Fixtures/Moody</c>) is started and asked before anything is stored; how that goes, a file beside it decides.</summary>
public sealed class SelfTestTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public SelfTestTests()
    {
        string built = Path.Combine(Repository.Root, "tests", "Fixtures", "Moody", "bin", "Release", "net10.0");
        Directory.CreateDirectory(_bench.Temp["moody"]);
        foreach (string file in Directory.EnumerateFiles(built))
            File.Copy(file, _bench.Temp["moody", Path.GetFileName(file)]);
    }

    private DeployRequest Request => new()
    {
        Assembly = _bench.Temp["moody", "Moody.dll"],
        PublishDir = _bench.Temp["moody"],
        TargetFramework = "net10.0",
        DeploymentMode = "framework-dependent",
        SelfTest = true,
    };

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("chatty")]
    public async Task A_program_that_starts_and_binds_is_stored(string mood)
    {
        Feel(mood);
        (await _bench.DeployAsync(Request)).Deployments.ShouldHaveSingleItem().Outcome.ShouldBe("created");
    }

    [Theory]
    [InlineData("throw", "SLC1043", "The flow 'Greet' cannot be called: its type does not load: System.InvalidOperationException: The configuration 'rates.json' is missing.")]
    [InlineData("crash", "SLC1043", "The published program cannot start: it ended with exit code 134. It wrote: Unhandled exception. System.InvalidOperationException: No driver for this database.")]
    [InlineData("leave", "SLC1043", "ended without answering the test: a Main of its own has to end with 'return await FlowProgram.RunAsync(args, FlowList.All);'. It wrote: A Main of its own.")]
    public async Task A_program_that_cannot_run_its_flows_is_not_stored(string mood, string code, string says)
    {
        Feel(mood);
        DeployError error = await _bench.FailAsync(Request);
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(says);
        error.Message.ShouldNotContain("\n");
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse("nothing was uploaded");
        (await _bench.LiveAsync("by hand", "Greet")).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_hangs_is_ended_after_the_limit()
    {
        Feel("hang");
        // Long enough for it to have started, however slow the machine: the test is about its end.
        using var bench = new DeployBench { SelfTestLimit = TimeSpan.FromSeconds(10) };
        DeployError error = await bench.FailAsync(Request);
        error.Code.ShouldBe("SLC1046");
        error.Message.ShouldContain("did not answer within 10 seconds of its start and was ended");
        if (File.Exists(_bench.Temp["moody", "pid.txt"]))
            Should.Throw<ArgumentException>(() => Process.GetProcessById(int.Parse(File.ReadAllText(_bench.Temp["moody", "pid.txt"]), CultureInfo.InvariantCulture)), "it is gone");
    }

    [Fact]
    public async Task Published_files_of_another_build_are_found_out()
    {
        // What was compiled since: another type of parameter, and another flow.
        JsonNode flow = JsonNode.Parse("""
            {"name":"Greet","entrypoint":"Moody.dll!Moody.MoodyFlows.Greet","parameter_openapi_schema":{"title":"Parameters","type":"object","properties":{"times":{"type":"string"}}},
             "deployments":[{"name":"by hand","parameters":{"times":"often"}}]}
            """)!;
        JsonNode other = JsonNode.Parse("""{"name":"Leave","entrypoint":"Moody.dll!Moody.MoodyFlows.Leave","deployments":[]}""")!;
        string assembly = FlowAssembly.Write(_bench.Temp["obj", "Moody.dll"], [flow.ToJsonString(), other.ToJsonString()], "Moody");

        DeployResult result = await _bench.RunAsync(Request with { Assembly = assembly });

        result.Outcome.ShouldBeNull();
        result.Diagnostics.Select(d => d.Code).ShouldBe(["SLC1044", "SLC1045"]);
        result.Diagnostics[0].Message.ShouldContain("it lacks 'Leave' (Moody.dll!Moody.MoodyFlows.Leave)");
        result.Diagnostics[1].Message.ShouldStartWith("Greet/by hand: the program refuses the parameters: $.times: ");
    }

    [Fact]
    public async Task A_program_for_another_system_is_stored_with_a_warning()
    {
        string other = OperatingSystem.IsWindows() ? "linux-x64" : "win-x64";
        DeployResult result = await _bench.RunAsync(Request with { RuntimeIdentifier = other });
        result.Outcome.ShouldNotBeNull();
        result.Diagnostics.ShouldContain(d => d.IsWarning && d.Code == "SLC1047" && d.Message.Contains($"published for {other}, which this machine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packages_are_not_tested_unless_asked_for_and_plans_never()
    {
        Feel("crash");
        (await _bench.DeployAsync(Request with { PlanOnly = true })).Deployments.ShouldHaveSingleItem();
        (await _bench.DeployAsync(Request with { SelfTest = null })).Deployments.ShouldHaveSingleItem().Outcome.ShouldBe("created");
    }

    [Fact]
    public void Parameters_that_a_run_has_to_give_are_left_open()
    {
        var binding = new SelfTestBinding("Greet/by hand", "e", new Dictionary<string, System.Text.Json.JsonElement> { ["times"] = System.Text.Json.JsonDocument.Parse("2").RootElement });
        binding.IsLeftOpen("$.name").ShouldBeTrue();
        binding.IsLeftOpen("$.times").ShouldBeFalse();
        binding.IsLeftOpen("$.place.city").ShouldBeFalse();
    }

    private void Feel(string mood) => File.WriteAllText(_bench.Temp["moody", "mood.txt"], mood);
}
