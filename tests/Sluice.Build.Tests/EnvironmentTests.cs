using System.Text.Json;

namespace Sluice.Build.Tests;

/// <summary>The life of an environment and of a rename, by real publishes.</summary>
[Collection(nameof(PackedFeed))]
public sealed class EnvironmentTests(PackedFeed feed) : IDisposable
{
    private const string Flow = """
        using Sluice;

        public static class Flows
        {
            [Flow(PersistResult = true)]
            [Deployment("hourly", Cron = "0 * * * *"), Deployment("by-hand")]
            public static string Greet() => $"Hello from {Environment.GetEnvironmentVariable("SLUICE_ENVIRONMENT") ?? "the thing itself"}!";
        }
        """;

    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task An_environment_is_published_run_and_pruned_and_a_rename_keeps_the_deployment()
    {
        _user.WriteProject("Greeter/Greeter.csproj");
        _user.Write("Greeter/Flows.cs", Flow);
        await _user.PublishAsync("Greeter");
        JsonElement hourly = (await NamesAsync())["Greet/hourly"];

        // What a CI system did not replace stops the publish.
        (int exit, string refused) = await _user.DotNetAsync("publish", "Greeter", "--no-build", "-nologo", "-tl:off", "-p:SluiceEnvironment=$BRANCH");
        exit.ShouldNotBe(0);
        refused.ShouldContain("Greeter.csproj : error SLC1107: The environment '$BRANCH' contains '$'");

        string output = await _user.PublishAsync("Greeter", "--no-build", "-p:SluiceEnvironment=feature/PR_7", "-p:SluiceEnvironmentTtl=7d");
        output.ShouldContain("Greet/hourly-feature-pr-7: created, paused");
        output.ShouldContain(" 0 uploaded (0 B)", Case.Sensitive, "its contents are stored already");
        Dictionary<string, JsonElement> both = await NamesAsync();
        both.Keys.Order().ShouldBe(["Greet/by-hand", "Greet/by-hand-feature-pr-7", "Greet/hourly", "Greet/hourly-feature-pr-7"]);
        both["Greet/hourly"].GetRawText().ShouldBe(hourly.GetRawText());
        (await _user.RunAsync("Greet/hourly-feature-pr-7")).ShouldContain("Hello from feature-pr-7!");
        (await _user.RunAsync("Greet/hourly")).ShouldContain("Hello from the thing itself!");
        Directory.GetDirectories(_user["home", "storage", "results"]).Select(Path.GetFileName).Order().ShouldBe(["greet", "greet-feature-pr-7"]);

        _user.Write("Greeter/Flows.cs", Flow.Replace("""Deployment("hourly", Cron = "0 * * * *"), Deployment("by-hand")""", """Deployment("each-hour", Cron = "0 * * * *")""", StringComparison.Ordinal));
        (await _user.PublishAsync("Greeter", "-p:SluicePrune=delete")).ShouldSatisfyAllConditions(
            text => text.ShouldContain("Greet/each-hour: moved (from Greet/hourly"),
            text => text.ShouldContain("Greet/by-hand: deleted (no longer in the code)"));
        both = await NamesAsync();
        both.Keys.Order().ShouldBe(["Greet/by-hand-feature-pr-7", "Greet/each-hour", "Greet/hourly-feature-pr-7"]);
        both["Greet/each-hour"].GetProperty("id").GetString().ShouldBe(hourly.GetProperty("id").GetString());
        (await _user.SluiceAsync("deployment", "versions", "Greet/each-hour", "--output", "json")).Output.ShouldContain("\"number\": 2");

        (await _user.SluiceAsync("deployment", "prune", "--environment", "feature/PR_7", "--delete", "--yes")).Exit.ShouldBe(0);
        (await NamesAsync()).Keys.ShouldBe(["Greet/each-hour"]);
    }

    private async Task<Dictionary<string, JsonElement>> NamesAsync() => (await _user.DeploymentsAsync()).ToDictionary(one => one.GetProperty("full_name").GetString()!);
}
