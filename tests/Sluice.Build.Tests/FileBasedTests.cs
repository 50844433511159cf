namespace Sluice.Build.Tests;

/// <summary>A flow in a single file, without a project.</summary>
[Collection(nameof(PackedFeed))]
public sealed class FileBasedTests(PackedFeed feed) : IDisposable
{
    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_single_file_publishes_deploys_and_runs()
    {
        _user.Write("report.cs", $"""
            #:package Sluice@{_user.Version}
            #:property PublishAot=false
            {UserFolder.GreetFlow}
            """);

        (await _user.PublishAsync("report.cs")).ShouldContain("Greet/hourly");

        (await _user.RunAsync("Greet/hourly", "--param", "name=file")).ShouldContain("Hello, file!");
        (int exit, string output) = await _user.DotNetAsync("run", "report.cs", "--", "Greet", "--name", "local");
        exit.ShouldBe(0, output);
        output.TrimEnd().ShouldEndWith("\"Hello, local!\"");
    }

    [Fact]
    public async Task A_single_file_that_is_stored_as_source_is_built_once_by_the_worker()
    {
        _user.Write("greet.cs", "public static class Words { public static string Greeting => \"Hello from source\"; }");
        _user.Write("report.cs", $"""
            #:package Sluice@{_user.Version}
            #:property PublishAot=false
            #:property SluiceStoreAsScript=true
            #:include greet.cs
            {UserFolder.GreetFlow.Replace("$\"Hello, {name}!\"", "$\"{Words.Greeting}, {name}!\"", StringComparison.Ordinal)}
            """);

        (await _user.PublishAsync("report.cs")).ShouldContain(": 5 files of source, which workers build, ");

        // The user's nuget.config stays where it is, since it may hold credentials: the worker has its own.
        _user.Write("home/nuget.config", File.ReadAllText(_user["nuget.config"]));
        (await _user.RunAsync("Greet/hourly", "--param", "name=file")).ShouldSatisfyAllConditions(
            output => output.ShouldContain("Hello from source, file!"),
            output => output.ShouldContain("Built the script report.cs (package "));
        (await _user.RunAsync("Greet/hourly")).ShouldSatisfyAllConditions(
            output => output.ShouldContain("Hello from source, world!"),
            output => output.ShouldNotContain("Built "));

        // Below a Directory.Build.props, which a package of the folder would not hold.
        _user.Write("scripts/report.cs", File.ReadAllText(_user["report.cs"]).Replace("#:include greet.cs", "#:include ../greet.cs", StringComparison.Ordinal));
        (int exit, string refused) = await _user.DotNetAsync("publish", "scripts/report.cs", "-nologo", "-tl:off");
        exit.ShouldNotBe(0);
        refused.ShouldContain($"error SLC1041: report.cs is built with {_user["greet.cs"]} and {_user["Directory.Build.props"]} and ");
    }
}
