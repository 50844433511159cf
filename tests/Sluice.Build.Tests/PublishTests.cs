using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>Real publishes of real projects against the packed package.</summary>
[Collection(nameof(PackedFeed))]
public sealed class PublishTests(PackedFeed feed) : IDisposable
{
    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task Publishing_a_project_deploys_it_and_the_deployment_runs_from_the_stored_package()
    {
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        string output = await _user.PublishAsync("Greeter");

        output.ShouldContain("Greet/hourly");
        output.ShouldContain("created");
        JsonElement deployment = (await _user.DeploymentsAsync()).ShouldHaveSingleItem();
        deployment.GetProperty("full_name").GetString().ShouldBe("Greet/hourly");
        deployment.GetProperty("entrypoint").GetString().ShouldBe("Greeter.dll!Flows.Greet");

        // The build folder is gone before the run: only the package is left to run from.
        Directory.Delete(_user["Greeter"], recursive: true);
        (await _user.RunAsync("Greet/hourly", "--param", "name=Ada")).ShouldContain("Hello, Ada!");
        // The command that was printed works as it stands, also where no `sluice` is installed.
        string command = output.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("run it: ", StringComparison.Ordinal))["run it: ".Length..];
        (await _user.ShellAsync(command)).ShouldContain("Hello, world!");
    }

    [Fact]
    public async Task Publishing_again_uploads_nothing_and_writes_nothing_and_one_changed_line_uploads_only_what_changed()
    {
        _user.WriteProject("Greeter/Greeter.csproj", items: """<Content Include="big.txt" CopyToPublishDirectory="PreserveNewest" />""");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);
        _user.Write("Greeter/big.txt", new string('x', 1_000_000));
        await _user.PublishAsync("Greeter");
        string[] stored = Stored();
        JsonElement before = (await _user.DeploymentsAsync()).Single();

        string again = await _user.PublishAsync("Greeter");

        again.ShouldContain("unchanged");
        Stored().ShouldBe(stored);
        (await _user.DeploymentsAsync()).Single().GetRawText().ShouldBe(before.GetRawText());

        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow.Replace("Hello", "Good day", StringComparison.Ordinal));
        (await _user.PublishAsync("Greeter")).ShouldContain("updated");

        string[] added = [.. Stored().Except(stored)];
        added.Sum(path => new FileInfo(path).Length).ShouldBeLessThan(500_000);
        (await _user.RunAsync("Greet/hourly")).ShouldContain("Good day, world!");
    }

    [Fact]
    public async Task No_build_and_an_output_folder_of_ones_own_are_honoured_and_leftovers_there_stay_out_of_the_package()
    {
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);
        (int exit, string built) = await _user.DotNetAsync("build", "Greeter", "-c", "Release", "-nologo");
        exit.ShouldBe(0, built);
        _user.Write("out/leftover-of-last-year.txt", "not published");

        (await _user.PublishAsync("Greeter", "--no-build", "-o", _user["out"])).ShouldContain("created");

        File.Exists(_user["out", "Greeter.dll"]).ShouldBeTrue();
        PackagedFiles().ShouldContain("Greeter.dll");
        PackagedFiles().ShouldNotContain("leftover-of-last-year.txt");
    }

    [Theory]
    [InlineData("single-file", "-p:PublishSingleFile=true", "--no-self-contained")]
    [InlineData("self-contained", "--self-contained", "-p:InvariantGlobalization=true")]
    public async Task A_program_for_one_system_is_packaged_with_its_mode_and_runs(string mode, params string[] arguments)
    {
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        await _user.PublishAsync(["Greeter", "-r", BuildFacts.RuntimeIdentifier, .. arguments]);

        PackageManifest().GetProperty("deployment_mode").GetString().ShouldBe(mode);
        PackageManifest().GetProperty("runtime_identifier").GetString().ShouldBe(BuildFacts.RuntimeIdentifier);
        (await _user.RunAsync("Greet/hourly")).ShouldContain("Hello, world!");
    }

    [Fact]
    public async Task A_native_program_is_packaged_and_runs()
    {
        _user.WriteProject("Greeter/Greeter.csproj", "<OutputType>Exe</OutputType><PublishAot>true</PublishAot><InvariantGlobalization>true</InvariantGlobalization><StripSymbols>true</StripSymbols>", framework: "<TargetFramework>net9.0</TargetFramework>");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        await _user.PublishAsync("Greeter", "-r", BuildFacts.RuntimeIdentifier);

        PackageManifest().GetProperty("deployment_mode").GetString().ShouldBe("native-aot");
        PackagedFiles().ShouldContain(OperatingSystem.IsWindows() ? "Greeter.exe" : "Greeter");
        PackagedFiles().ShouldNotContain("Greeter.dll");
        (await _user.RunAsync("Greet/hourly")).ShouldContain("Hello, world!");
    }

    [Fact]
    public async Task A_solution_publish_deploys_the_program_and_is_silent_about_projects_without_flows()
    {
        _user.WriteProject("Greeter/Greeter.csproj", items: """<ProjectReference Include="../Words/Words.csproj" />""");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow.Replace("$\"Hello, {name}!\"", "Words.Hello(name)", StringComparison.Ordinal));
        _user.WriteProject("Words/Words.csproj", "");
        _user.Write("Words/Words.cs", """public static class Words { public static string Hello(string name) => $"Hello, {name}!"; }""");
        (await _user.DotNetAsync("new", "sln", "--format", "sln", "-n", "All")).Exit.ShouldBe(0);
        (await _user.DotNetAsync("sln", "All.sln", "add", "Greeter/Greeter.csproj", "Words/Words.csproj")).Exit.ShouldBe(0);

        string output = await _user.PublishAsync("All.sln");

        output.ShouldContain("Greet/hourly");
        output.ShouldNotContain("nothing to deploy");
        (await _user.RunAsync("Greet/hourly")).ShouldContain("Hello, world!");
    }

    [Fact]
    public async Task Flows_in_a_library_do_not_deploy_and_one_line_names_the_project_to_publish()
    {
        _user.WriteProject("Greeter/Greeter.csproj", "");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);
        _user.WriteProject("Host/Host.csproj", items: """<ProjectReference Include="../Greeter/Greeter.csproj" />""");
        _user.Write("Host/Program.cs", "Console.WriteLine(1);");

        (await _user.PublishAsync("Greeter")).ShouldContain("nothing to deploy: Greeter is a library");
        (await _user.PublishAsync("Host")).ShouldContain("are in Greeter.csproj. Publish that project.");
        (await _user.DeploymentsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_project_for_several_frameworks_deploys_the_one_that_is_published()
    {
        _user.WriteProject("Greeter/Greeter.csproj", framework: "<TargetFrameworks>net10.0;net9.0</TargetFrameworks>");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        await _user.PublishAsync("Greeter", "-f", "net10.0");

        PackageManifest().GetProperty("target_framework").GetString().ShouldBe("net10.0");
        (await _user.DeploymentsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Packing_a_tool_and_projects_that_do_not_publish_and_switched_off_hooks_deploy_nothing()
    {
        _user.WriteProject("Tool/Tool.csproj", "<OutputType>Exe</OutputType><PackAsTool>true</PackAsTool>");
        _user.Write("Tool/Flows.cs", UserFolder.GreetFlow);
        (int exit, string packed) = await _user.DotNetAsync("pack", "Tool", "-nologo");
        exit.ShouldBe(0, packed);
        packed.ShouldNotContain("Greet/hourly");

        (exit, packed) = await _user.DotNetAsync("build", "Tool", "-c", "Release", "-t:Pack", "-nologo");
        exit.ShouldBe(0, packed);
        packed.ShouldNotContain("Greet/hourly");

        _user.WriteProject("Off/Off.csproj", "<OutputType>Exe</OutputType><IsPublishable>false</IsPublishable>");
        _user.Write("Off/Flows.cs", UserFolder.GreetFlow);
        (await _user.PublishAsync("Off")).ShouldNotContain("Greet/hourly");
        (await _user.PublishAsync("Off", "-p:IsPublishable=true", "-p:SluiceDeploy=false")).ShouldNotContain("Greet/hourly");

        Directory.Exists(_user.Home).ShouldBeFalse();
    }

    [Fact]
    public async Task The_targets_can_be_called_by_name_and_return_the_deployments()
    {
        _user.WriteProject("Greeter/Greeter.csproj", "<OutputType>Exe</OutputType><SluiceDeploy>false</SluiceDeploy>");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        JsonElement planned = await TargetAsync("SluicePlan");
        planned.GetProperty("Outcome").GetString().ShouldBe("created");
        (await _user.DeploymentsAsync()).ShouldBeEmpty();

        JsonElement deployed = await TargetAsync("SluiceDeploy");
        deployed.GetProperty("Name").GetString().ShouldBe("Greet/hourly");
        deployed.GetProperty("Id").GetString().ShouldBe((await _user.DeploymentsAsync()).Single().GetProperty("id").GetString());
        deployed.GetProperty("PackageSha256").GetString().ShouldBe(PackageManifest().GetProperty("digest").GetString());
        new Uri(deployed.GetProperty("PackageUri").GetString()!).LocalPath.ShouldStartWith(_user.Home);

        (int exit, string output) = await _user.DotNetAsync("build", "Greeter", "-c", "Release", "-t:SluiceManifest", "-nologo");
        exit.ShouldBe(0, output);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(_user["Greeter", "bin", "Release", "net10.0", "Greeter.sluice.json"]));
        manifest.RootElement.GetProperty("manifest_version").GetInt32().ShouldBe(1);
        manifest.RootElement.GetProperty("flows")[0].GetProperty("name").GetString().ShouldBe("Greet");
    }

    [Fact]
    public async Task An_error_of_the_deploy_is_a_coded_error_of_the_build_and_a_secret_is_in_no_log()
    {
        const string canary = "canary-7c1f0b52";
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        await using ProgramRun run = await ProgramRun.CompleteAsync(
            "dotnet", ["publish", "Greeter", "-nologo", "-tl:off", "-v:diag", $"-bl:{_user["log.binlog"]}", "-p:SluiceWorkPool=nowhere"],
            new Dictionary<string, string?>(_user.Environment) { ["PREFECT_API_KEY"] = canary }, _user.Path);

        run.Process.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("error SLC1005");
        run.Output.ShouldContain("The work pool 'nowhere' of ");
        (await _user.DeploymentsAsync()).ShouldBeEmpty();

        // The binary log holds the environment of the build only when MSBuild is asked to; our parts put nothing of it anywhere.
        string request = File.ReadAllText(_user["Greeter", "obj", "Release", "net10.0", "sluice.request.json"]);
        request.ShouldNotContain(canary);
        Directory.EnumerateFiles(_user.Path, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".binlog", StringComparison.Ordinal))
            .Where(path => File.ReadAllText(path).Contains(canary, StringComparison.Ordinal))
            .ShouldBeEmpty();
        using var log = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(_user["log.binlog"]), System.IO.Compression.CompressionMode.Decompress));
        log.ReadToEnd().Contains(canary, StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_keeps_its_package_when_another_is_published_meanwhile()
    {
        _user.WriteProject("Waiter/Waiter.csproj");
        string flow = """
            using Sluice;
            public static class Flows
            {
                [Flow, Deployment("now")]
                public static async Task<string> WaitAsync(string gate, CancellationToken cancellation)
                {
                    Console.WriteLine("waiting");
                    while (!File.Exists(gate))
                        await Task.Delay(50, cancellation);
                    return Words.Version;
                }
            }
            """;
        _user.Write("Waiter/Flows.cs", flow);
        _user.Write("Waiter/Words.cs", "public static class Words { public static string Version => \"the old package\"; }");
        await _user.PublishAsync("Waiter");
        string[] run = ["exec", _user.Tool, "deployment", "run", "Wait/now", "--param", $"gate={_user["gate"]}", "--watch"];
        await using ProgramRun running = ProgramRun.Start("dotnet", run, _user.Environment, _user.Path);
        await running.WaitForLineAsync(line => line.EndsWith("waiting", StringComparison.Ordinal), TimeSpan.FromMinutes(2));

        _user.Write("Waiter/Words.cs", "public static class Words { public static string Version => \"the new package\"; }");
        (await _user.PublishAsync("Waiter")).ShouldContain("updated");
        _user.Write("gate", "");

        (await running.WaitForExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, running.Output + running.Error);
        running.Output.ShouldContain("the old package");
        (await _user.RunAsync("Wait/now", "--param", $"gate={_user["gate"]}")).ShouldContain("the new package");
    }

    [Fact]
    public async Task The_command_installs_as_a_tool()
    {
        (int exit, string output) = await _user.DotNetAsync("tool", "install", "Sluice.Cli", "--tool-path", _user["tools"], "--version", _user.Version);
        exit.ShouldBe(0, output);

        await using ProgramRun version = await ProgramRun.CompleteAsync(_user["tools", OperatingSystem.IsWindows() ? "sluice.exe" : "sluice"], ["version"], _user.Environment, _user.Path);
        version.Process.ExitCode.ShouldBe(0, version.Error);
        version.Output.ShouldContain("1.0.0");
    }

    private string[] Stored() => [.. Directory.EnumerateFiles(_user["home", "storage"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private JsonElement PackageManifest() =>
        JsonDocument.Parse(File.ReadAllText(Directory.EnumerateFiles(_user["home", "storage"], "manifest.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last())).RootElement;

    private string[] PackagedFiles() => [.. PackageManifest().GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!)];

    private async Task<JsonElement> TargetAsync(string target)
    {
        (int exit, string output) = await _user.DotNetAsync("build", "Greeter", "-c", "Release", $"-t:{target}", $"-getTargetResult:{target}", "-nologo");
        exit.ShouldBe(0, output);
        using JsonDocument result = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return result.RootElement.GetProperty("TargetResults").GetProperty(target).GetProperty("Items")[0].Clone();
    }
}
