using System.Diagnostics;
using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary>A secret goes to the flow and to nobody else: a canary is given to a real run and looked for in all that is printed and logged.</summary>
public sealed class SecretTests : IAsyncLifetime
{
    private const string Canary = "canary-5c1b";
    private const string Parameters = $$"""{"user":"ada","token":"{{Canary}}"}""";

    private readonly SluiceProgram _sluice = new();

    public async ValueTask InitializeAsync() => await _sluice.DeployAsync();

    public ValueTask DisposeAsync()
    {
        _sluice.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_run_gets_the_secret_and_shows_it_nowhere()
    {
        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Enter/by-hand", "--params", Parameters, "--watch", "--flow-run-name", "first")).Succeeded();
        watch.Output.ShouldContain("Welcome ada");
        watch.Output.ShouldContain(Canary.Length.ToString());
        List<SluiceProgram.Outcome> shown =
        [
            watch,
            await _sluice.RunAsync("deployment", "run", "Enter/by-hand", "--params", Parameters, "--watch", "--output", "json"),
            await _sluice.RunAsync("deployment", "run", "Enter/by-hand", "--params", Parameters, "--start-in", "3600"),
            await _sluice.RunAsync("flow-run", "inspect", "first"),
            await _sluice.RunAsync("flow-run", "inspect", "first", "--output", "json"),
            await _sluice.RunAsync("flow-run", "ls", "--output", "json"),
            await _sluice.RunAsync("flow-run", "logs", "first", "--level", "DEBUG"),
        ];
        foreach (SluiceProgram.Outcome outcome in shown)
            outcome.Succeeded().ToString().ShouldNotContain(Canary);
        shown[2].Output.ShouldContain("token = \"********\"");
        shown[3].Output.ShouldContain("token = \"********\"");
        shown[4].Json.GetProperty("parameters").GetRawText().ShouldContain("********");
    }

    [Fact]
    public async Task A_deployment_that_holds_a_secret_shows_it_nowhere()
    {
        await using (Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Orchestration.Deployment deployment = (await api.FindDeploymentAsync("Enter", "by-hand", CancellationToken.None))!;
            await api.UpdateDeploymentAsync(
                deployment.Id, new() { Parameters = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Parameters)! }, CancellationToken.None);
        }
        foreach (string[] command in new string[][] { ["inspect", "Enter/by-hand"], ["inspect", "Enter/by-hand", "--output", "json"], ["ls", "--output", "json"] })
        {
            SluiceProgram.Outcome outcome = (await _sluice.RunAsync(["deployment", .. command])).Succeeded();
            outcome.ToString().ShouldNotContain(Canary);
            outcome.Output.ShouldContain("********");
        }
        // The run gets it all the same.
        (await _sluice.RunAsync("deployment", "run", "Enter/by-hand", "--watch")).Succeeded().Output.ShouldContain(Canary.Length.ToString());
    }

    [Theory]
    [InlineData("""{"user":"ada","token":"canary-5c1b-too-long"}""", "is longer than 12 characters")]
    [InlineData("""{"user":"ada","token":["canary-5c1b"]}""", "is not a string")]
    [InlineData("""{"user":5,"token":"canary-5c1b"}""", "5 is not a string")]
    public async Task A_refused_secret_is_not_repeated(string parameters, string reason)
    {
        SluiceProgram.Outcome refused = await _sluice.RunAsync("deployment", "run", "Enter/by-hand", "--params", parameters);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain(reason);
        refused.ToString().ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData(0, "--user", "ada", "--token", Canary)]
    [InlineData(2, "--user", "ada", "--token", "canary-5c1b-too-long")]
    [InlineData(2, "--params", "{\"user\":\"ada\",\"token\":\"canary-5c1b")]
    [InlineData(2, "--user", "ada", "--token", "half", Canary)]
    [InlineData(0, "--help")]
    public async Task A_local_run_shows_it_nowhere(int exitCode, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", PacesHome.Assembly, "Enter", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string all = await output + await errors;
        process.ExitCode.ShouldBe(exitCode, all);
        all.ShouldNotContain(Canary);
        all.ShouldNotBeEmpty();
    }
}
