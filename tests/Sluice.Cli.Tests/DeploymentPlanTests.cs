using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary><c>sluice deployment plan</c>, as a user types it.</summary>
public sealed class DeploymentPlanTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_plan_tells_what_would_change_and_3_says_that_something_would()
    {
        SluiceProgram.Outcome first = await _sluice.RunAsync("deployment", "plan", "--assembly", PacesHome.Assembly, "--exit-code");
        first.ExitCode.ShouldBe(3, first.ToString());
        first.Output.ShouldContain("+ Greet/by-hand: would be created\n");
        first.Output.ShouldNotContain("\u001b", customMessage: "colours are for terminals");
        JsonElement planned = (await _sluice.RunAsync("deployment", "plan", "--assembly", PacesHome.Assembly, "--output", "json")).Succeeded().Json;
        (planned.GetProperty("plan_version").GetInt32(), planned.GetProperty("applied").GetBoolean(), planned.GetProperty("has_changes").GetBoolean()).ShouldBe((1, false, true));
        planned.GetProperty("counts").GetProperty("created").GetInt32().ShouldBe(planned.GetProperty("deployments").GetArrayLength());

        await _sluice.DeployAsync();
        SluiceProgram.Outcome empty = await _sluice.RunAsync("deployment", "plan", "--assembly", PacesHome.Assembly, "--exit-code");
        empty.ExitCode.ShouldBe(0, empty.ToString());
        empty.Output.ShouldContain("= Greet/by-hand: unchanged\n");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--plan", "--exit-code")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_a_person_changed_is_drift_in_the_plan_its_file_and_its_JSON_and_stays()
    {
        await _sluice.DeployAsync();
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Deployment live = (await api.FindDeploymentAsync("Greet", "by-hand", Cancel))!;
            await api.UpdateDeploymentAsync(live.Id, new() { Tags = ["hers"], JobVariables = new Dictionary<string, JsonElement>(live.JobVariables) { ["password"] = JsonElement.Parse("\"canary\"") } }, Cancel);
        }
        string file = _sluice.Folder["plans/plan.json"];

        SluiceProgram.Outcome plan = await _sluice.RunAsync("deployment", "plan", "--assembly", PacesHome.Assembly, "--exit-code", "--plan-file", file);

        plan.ExitCode.ShouldBe(0, plan.ToString());
        plan.Output.ShouldContain("= Greet/by-hand: unchanged\n    job_variables.password: \"********\" (changed on the server, kept; the code does not say it)\n    tags[hers]: \"hers\" (changed on the server, kept; the code does not say it)\n");
        plan.Output.ShouldContain(" changed on the server and kept. Nothing was stored or applied.");
        string written = await File.ReadAllTextAsync(file, Cancel);
        written.ShouldNotContain("canary");
        JsonElement hand = JsonElement.Parse(written).GetProperty("deployments").EnumerateArray().Single(deployment => deployment.GetProperty("full_name").GetString() == "Greet/by-hand");
        JsonElement field = hand.GetProperty("fields").EnumerateArray().Single(one => one.GetProperty("path").GetString() == "tags[hers]");
        (field.GetProperty("path").GetString(), field.GetProperty("live").GetString(), field.GetProperty("class").GetString(), field.GetProperty("decision").GetString()).ShouldBe(("tags[hers]", "hers", "drift", "live"));
    }

    [Fact]
    public async Task The_schedules_of_a_plan_and_of_a_publish_are_those_that_will_be()
    {
        await _sluice.DeployAsync();
        (await _sluice.RunAsync("deployment", "set-schedule", "Greet/each-second", "--cron", "0 7 * * *", "--timezone", "Europe/Oslo")).Succeeded().Error.ShouldNotContain("clock");
        (await _sluice.RunAsync("deployment", "schedule", "create", "Greet/each-second", "--cron", "0 18 * * 5", "--slug", "weekends")).Succeeded();

        foreach (string[] verb in new string[][] { ["deployment", "plan"], ["deploy"] })
        {
            string said = (await _sluice.RunAsync([.. verb, "--assembly", PacesHome.Assembly])).Succeeded().Output;
            string own = said[said.IndexOf("= Greet/each-second: unchanged, paused", StringComparison.Ordinal)..];
            own = own[..own.IndexOf("\n= ", StringComparison.Ordinal)];
            own.ShouldContain(": at 07:00 every day (Europe/Oslo)\n");
            own.ShouldContain("  weekends: at 18:00 on Friday (UTC)\n");
            own.ShouldNotContain("every second of every minute");
        }

        // Another clock than before is told.
        (await _sluice.RunAsync("deployment", "set-schedule", "Greet/each-second", "--cron", "0 7 * * *", "--slug", "schedule-1")).Succeeded()
            .Error.ShouldContain("Its clock was that of Europe/Oslo, and is UTC now: write --timezone Europe/Oslo to keep it.");
    }

    [Theory]
    [InlineData("--conflicts", "both", "keep")]
    [InlineData("--skip-apply", null, "--skip-apply")]
    public async Task Wrong_options_are_bad_usage(string option, string? value, string says)
    {
        SluiceProgram.Outcome wrong = await _sluice.RunAsync(["deployment", "plan", "--assembly", PacesHome.Assembly, option, .. value is null ? Array.Empty<string>() : [value]]);
        wrong.ExitCode.ShouldBe(2, wrong.ToString());
        wrong.Error.ShouldContain(says);
    }
}
