using Sluice.Worker.Launch;
using Sluice.Worker.Programs;

namespace Sluice.Worker.Tests;

/// <summary>What a failed build is told as, and which variables a build gets.</summary>
public sealed class BuildErrorsTests
{
    [Theory]
    [InlineData(
        "/w/source/Flows.cs(3,19): error CS0029: Cannot implicitly convert type 'string' to 'int' [/w/source/App.csproj]\n/w/source/Flows.cs(3,19): error CS0029: Cannot implicitly convert type 'string' to 'int' [/w/source/App.csproj::TargetFramework=net10.0]",
        "Flows.cs(3,19): error CS0029: Cannot implicitly convert type 'string' to 'int'")]
    [InlineData(
        "  Determining projects to restore...\n/w/source/a/flow.cs.csproj : error NU1101: Unable to find package Nothing. No packages exist with this id in source(s): feed",
        "a/flow.cs.csproj : error NU1101: Unable to find package Nothing. No packages exist with this id in source(s): feed. The worker restores packages from its own NuGet sources: give its nuget.config, or the source's, one that has the package")]
    [InlineData("MSBUILD : error MSB1009: Project file does not exist.", "MSBUILD : error MSB1009: Project file does not exist")]
    [InlineData("CSC : error CS5001: Program does not contain a static 'Main' method [/w/source/App.fsproj]", "CSC : error CS5001: Program does not contain a static 'Main' method")]
    [InlineData("A compatible .NET SDK was not found.\n\nRequested SDK version: 99.0.100\nglobal.json file: /w/source/global.json", "its global.json asks for the .NET SDK 99.0.100, and the worker's machine has 10.0.401: install that SDK there, or change global.json")]
    [InlineData("one\ntwo\n\nSegmentation fault\n", "dotnet publish failed without an error line; its last lines: one / two / Segmentation fault")]
    [InlineData("a: error A1: 1\na: error A2: 2\na: error A3: 3\na: error A4: 4\na: error A5: 5\na: error A6: 6\na: error A7: 7", "a: error A1: 1; a: error A2: 2; a: error A3: 3; a: error A4: 4; a: error A5: 5; and 2 more")]
    public void A_failed_build_is_told_by_its_first_errors(string output, string told) => BuildErrors.Describe(output.Split('\n'), "/w/source", "10.0.401").ShouldBe(told);

    [Fact]
    public void A_build_gets_what_building_needs_and_no_secret_of_the_worker()
    {
        var worker = new Dictionary<string, string?>
        {
            ["PATH"] = "/bin", ["https_proxy"] = "http://proxy", ["NuGetPackageSourceCredentials_feed"] = "Username=u;Password=p", ["DOTNET_ROOT"] = "/d", ["LC_ALL"] = "C",
            ["FEED_TOKEN"] = "t", ["SLUICE_BUILD_ENVIRONMENT"] = "FEED_TOKEN, OTHER",
            ["PREFECT_API_KEY"] = "k", ["AWS_SECRET_ACCESS_KEY"] = "s", ["GITHUB_ACCESS_TOKEN"] = "g", ["Configuration"] = "Debug", ["SLUICE_HOME"] = "/h",
        };

        BuildVariables.Of(worker, "/home").Keys.Order(StringComparer.Ordinal).ShouldBe(
            [
                "DOTNET_CLI_UI_LANGUAGE", "DOTNET_CLI_USE_MSBUILD_SERVER", "DOTNET_NOLOGO", "DOTNET_ROOT", "FEED_TOKEN", .. OperatingSystem.IsWindows() ? [] : new[] { "HOME" },
                "LC_ALL", "MSBUILDDISABLENODEREUSE", "NuGetPackageSourceCredentials_feed", "PATH", "https_proxy",
            ]);
    }

    [Fact]
    public void Of_a_build_that_writes_without_end_its_errors_and_last_lines_are_kept()
    {
        var output = new BuildOutput();
        output.Add("Requested SDK version: 99.0.100");
        output.Add("a: error A1: 1");
        for (int i = 0; i < 100_000; i++)
            output.Add(i % 2 == 0 ? "noise" : $"b: error B{i}: {new string('x', 10_000)}");
        output.Add("the end");

        output.Lines.Count.ShouldBe(BuildOutput.MostErrors + BuildOutput.MostLast);
        output.Lines.Take(2).ShouldBe(["Requested SDK version: 99.0.100", "a: error A1: 1"]);
        output.Lines[^1].ShouldBe("the end");
        output.Lines.Max(line => line.Length).ShouldBe(4096);
    }

    [Theory]
    [InlineData(null, 1800)]
    [InlineData("", 1800)]
    [InlineData("90", 90)]
    [InlineData("604800", 604800)]
    [InlineData("0", null)]
    [InlineData("604801", null)]
    [InlineData("1.5", null)]
    [InlineData("half an hour", null)]
    public void A_build_has_a_limit_that_the_worker_may_set(string? text, int? seconds)
    {
        var worker = new Dictionary<string, string?> { ["SLUICE_BUILD_TIMEOUT_SECONDS"] = text };
        if (seconds is { } limit)
            BuildVariables.LimitOf(worker).ShouldBe(TimeSpan.FromSeconds(limit));
        else
            Should.Throw<LaunchException>(() => BuildVariables.LimitOf(worker)).Message.ShouldBe($"SLUICE_BUILD_TIMEOUT_SECONDS of the worker is '{text}' and should be whole seconds from 1 to 604800");
    }

    [Fact]
    public void An_installation_without_an_sdk_is_passed_over()
    {
        using var folder = new Sluice.Testing.TempFolder();
        string runtimeOnly = folder.Write("runtime/dotnet", ""), empty = folder.Write("empty/dotnet", ""), whole = folder.Write("whole/dotnet", "");
        Directory.CreateDirectory(folder["empty", "sdk", "10.0.100"]);
        folder.Write("whole/sdk/10.0.401/dotnet.dll", "");
        folder.Write("whole/sdk/9.0.100/dotnet.dll", "");

        DotnetSdk.Find([runtimeOnly, empty]).ShouldBeNull();
        DotnetSdk.Find([runtimeOnly, empty, whole]).ShouldBe(new(whole, "10.0.401, 9.0.100"));
    }
}
