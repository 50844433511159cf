using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary><c>deploy --environment</c> and <c>deployment prune</c>, as a user types them.</summary>
public sealed class DeploymentPruneTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task An_environment_comes_is_listed_and_is_removed_when_its_pull_request_is_closed()
    {
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        SluiceProgram.Outcome deployed = (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--environment", "feature/PR_7", "--environment-ttl", "7d")).Succeeded();
        deployed.Output.ShouldContain("Greet/each-second-feature-pr-7: created, paused\n");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--plan", "--exit-code")).Succeeded();
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--environment", "feature/PR_7", "--environment-ttl", "7d", "--plan", "--exit-code")).Succeeded();

        JsonElement listed = (await _sluice.RunAsync("deployment", "ls", "--environment", "feature/PR_7", "--output", "json")).Succeeded().Json;
        listed.GetArrayLength().ShouldBe(8);
        listed.EnumerateArray().ShouldAllBe(one => one.Text("name")!.EndsWith("-feature-pr-7", StringComparison.Ordinal) && one.GetProperty("paused").GetBoolean());
        SluiceProgram.Outcome shown = (await _sluice.RunAsync("deployment", "inspect", "Wait/by-hand-feature-pr-7")).Succeeded();
        shown.Output.ShouldMatch(@"App +Paces\n");
        shown.Output.ShouldMatch(@"Environment +feature-pr-7, until \d{4}-\d\d-\d\dT[^,]+, in \d d");
        shown.Output.ShouldNotContain("sluice.created");

        (await _sluice.RunAsync("deployment", "prune")).Succeeded().Error.ShouldStartWith("Nothing to prune in ");
        (await _sluice.RunAsync("deployment", "prune", "--environment", "feature/PR_7", "--delete")).FailedByUsage("Delete 8 deployments of");
        SluiceProgram.Outcome plan = (await _sluice.RunAsync("deployment", "prune", "--environment", "feature/PR_7", "--delete", "--plan")).Succeeded();
        plan.Output.ShouldContain("Wait/by-hand-feature-pr-7: would be deleted (of environment feature-pr-7)\n");
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.GetArrayLength().ShouldBe(16, "nothing was done");

        JsonElement pruned = (await _sluice.RunAsync("deployment", "prune", "--environment", "feature/PR_7", "--delete", "--yes", "--output", "json")).Succeeded().Json;
        pruned.GetProperty("planned").GetBoolean().ShouldBeFalse();
        pruned.GetProperty("deployments").EnumerateArray().Select(one => (one.Text("app"), one.Text("environment"), one.Text("outcome"))).ShouldBe(Enumerable.Repeat<(string?, string?, string?)>(("Paces", "feature-pr-7", "deleted"), 8));
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().ShouldAllBe(one => !one.Text("name")!.Contains("feature", StringComparison.Ordinal));
        (await _sluice.RunAsync("deployment", "prune", "--environment", "feature/PR_7")).Succeeded().Error.ShouldContain("no publish created anything in environment feature-pr-7");
    }

    [Fact]
    public async Task All_of_an_app_is_paused_and_then_deleted_and_what_a_person_made_stays()
    {
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Flow flow = await api.EnsureFlowAsync(new() { Name = "Greet" }, CancellationToken.None);
            await api.UpsertDeploymentAsync(new() { Name = "of a person", FlowId = flow.Id }, CancellationToken.None);
        }

        (await _sluice.RunAsync("deployment", "prune", "--assembly", PacesHome.Assembly)).Succeeded().Output.ShouldBeEmpty("the code has all of it");
        (await _sluice.RunAsync("deployment", "prune", "--app", "Paca", "--all", "--delete")).Succeeded().Error.ShouldContain(": no publish of the app 'Paca' created anything.");
        SluiceProgram.Outcome report = (await _sluice.RunAsync("deployment", "prune", "--app", "Paces", "--all")).Succeeded();
        report.Output.ShouldContain("Wait/by-hand: orphaned (of the app Paces)\n");
        report.Error.ShouldBe("They stay as they are: --delete removes them, --pause pauses them.\n");
        (await _sluice.RunAsync("deployment", "prune", "--app", "Paces", "--all", "--pause", "--yes")).Succeeded().Output.ShouldContain("Wait/by-hand: paused (of the app Paces)\n");
        (await _sluice.RunAsync("deployment", "prune", "--app", "Paces", "--all", "--pause")).Succeeded().Output.ShouldContain("Wait/by-hand: orphaned (of the app Paces; paused already)\n");
        (await _sluice.RunAsync("deployment", "inspect", "Wait/by-hand", "--output", "json")).Json.GetProperty("paused").GetBoolean().ShouldBeTrue();
        (await _sluice.RunAsync("deployment", "prune", "--app", "Paces", "--all", "--delete", "--yes")).Succeeded();
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().Select(one => one.Text("full_name")).ShouldBe(["Greet/of a person"]);
    }

    [Fact]
    public async Task An_environment_that_two_apps_have_is_removed_only_where_it_is_said_whose()
    {
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--environment", "pr-1")).Succeeded();
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Flow flow = await api.EnsureFlowAsync(new() { Name = "Bill" }, CancellationToken.None);
            Dictionary<string, JsonElement> labels = new (string, string)[] { ("sluice.app", "Billing"), ("sluice.environment", "pr-1"), ("sluice.created", "Bill/daily-pr-1") }
                .ToDictionary(label => label.Item1, label => JsonSerializer.SerializeToElement(label.Item2));
            await api.UpsertDeploymentAsync(new() { Name = "daily-pr-1", FlowId = flow.Id, Labels = labels }, CancellationToken.None);
        }

        (await _sluice.RunAsync("deployment", "prune", "--environment", "pr-1", "--delete", "--yes")).FailedByUsage("several apps have an environment pr-1: Billing, Paces. Say whose is meant by --app NAME; nothing was done");
        (await _sluice.RunAsync("deployment", "prune", "--environment", "pr-1", "--delete", "--plan")).Succeeded().Output.ShouldContain("Bill/daily-pr-1: would be deleted");
        (await _sluice.RunAsync("deployment", "prune", "--app", "Paces", "--environment", "pr-1", "--delete", "--yes")).Succeeded();
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().Select(one => one.Text("full_name")).ShouldBe(["Bill/daily-pr-1"]);
    }

    /// <summary>What is typed, and words of the answer.</summary>
    [Theory]
    [InlineData("--delete --pause", "write --delete or --pause, not both")]
    [InlineData("--plan", "--plan belongs to --delete or --pause")]
    [InlineData("--all", "--all belongs to --app NAME")]
    [InlineData("--all --app A --environment pr-1", "--all belongs to --app NAME, and goes without --environment and --assembly")]
    [InlineData("--environment $BRANCH", "The environment '$BRANCH' contains '$'")]
    public async Task What_makes_no_sense_is_refused_in_one_line(string typed, string expected) =>
        (await _sluice.RunAsync(["deployment", "prune", .. typed.Split(' ')])).FailedByUsage(expected);

    [Fact]
    public async Task A_missing_assembly_is_named() =>
        (await _sluice.RunAsync("deployment", "prune", "--assembly", "missing.dll")).FailedWith(1).ShouldContain("missing.dll does not exist");
}

file static class Usage
{
    public static void FailedByUsage(this SluiceProgram.Outcome outcome, string words)
    {
        outcome.ExitCode.ShouldBe(2, outcome.ToString());
        outcome.Error.ShouldContain(words);
    }
}
