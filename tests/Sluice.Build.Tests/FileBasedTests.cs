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
}
