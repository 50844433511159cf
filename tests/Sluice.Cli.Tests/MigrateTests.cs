using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary><c>sluice migrate</c> as a user types it, between homes and servers.</summary>
public sealed class MigrateTests : IDisposable
{
    private const string Canary = "canary-7f3a";
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_home_is_copied_to_a_prefect_server_with_a_plan_first_and_switched_over()
    {
        await using Prefect3Server prefect = await Prefect3Server.StartAsync(new() { ApiKey = Canary });
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            await api.CreateWorkPoolAsync(new() { Name = "etl", Type = "process" }, default);
            await api.CreateVariableAsync(new() { Name = "region", Value = JsonElement.Parse("\"eu\"") }, default);
            Flow flow = await api.EnsureFlowAsync(new() { Name = "Weather report" }, default);
            await api.UpsertDeploymentAsync(new()
            {
                Name = "daily", FlowId = flow.Id, WorkPoolName = "etl", Path = "file:///home/me/.sluice/storage/weather/1",
                Schedules = [new() { Slug = "schedule-1", Schedule = new() { Cron = "0 6 * * *" }, Misfire = ScheduleMisfire.RunOnce }],
            }, default);
        }
        (await _sluice.RunAsync("block", "create", "secret/token", $"value={Canary}")).Succeeded();
        string url = prefect.Url.AbsoluteUri;
        string[] command = ["migrate", "--from", "embedded", "--to", url];

        string refused = (await _sluice.RunAsync(command)).FailedWith(1);
        refused.ShouldBe($"sluice: {url} of --to refused the credentials (401): set SLUICE_TO_API_KEY, or SLUICE_TO_API_AUTH_STRING to user:password");
        _sluice.With("SLUICE_TO_API_KEY", Canary);

        SluiceProgram.Outcome plan = await _sluice.RunAsync([.. command, "--plan", "--exit-code"]);
        plan.ExitCode.ShouldBe(3, plan.ToString());
        prefect.Writes.ShouldBeEmpty();
        string[] lines = plan.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[..2].ShouldBe([$"From: the embedded API in {_sluice.Home.Root} (Sluice {ProductVersion.Text})", $"To:   {url} (Prefect 3.8.3)"]);
        plan.Output.ShouldContain("create   deployment  Weather report/daily");
        plan.Output.ShouldContain("by hand  block       secret/token");
        plan.Output.ShouldContain("Note: deployment Weather report/daily: schedule schedule-1: what is missed is not made up for; misfire policies are Sluice's own.");
        plan.Output.ShouldContain("workers elsewhere cannot read it");
        lines[^1].ShouldStartWith("Plan: ");

        SluiceProgram.Outcome done = (await _sluice.RunAsync(command)).Succeeded();
        done.Output.ShouldContain("\nDone: ");
        done.Error.ShouldContain("1 deployment with schedules is paused at the target, so that nothing runs twice. To switch over, stop the source's server");
        Deployment copy = (await prefect.Store.FindDeploymentAsync("Weather report", "daily", default)).ShouldNotBeNull();
        copy.Paused.ShouldBeTrue();

        prefect.Forget();
        JsonElement again = (await _sluice.RunAsync([.. command, "--output", "json"])).Succeeded().Json;
        again.GetProperty("summary").GetProperty("create").GetInt32().ShouldBe(0);
        again.GetProperty("summary").GetProperty("update").GetInt32().ShouldBe(0);
        again.GetProperty("items").EnumerateArray().Single(item => item.Text("kind") == "deployment").GetProperty("waits_for_activation").GetBoolean().ShouldBeTrue();
        prefect.Writes.ShouldBeEmpty();

        (await _sluice.RunAsync([.. command, "--activate"])).Succeeded().Output.ShouldContain("update   deployment  Weather report/daily  paused");
        (await prefect.Store.FindDeploymentAsync("Weather report", "daily", default))!.Paused.ShouldBeFalse();
        string all = refused + plan + done + again;
        all.ShouldNotContain(Canary);
    }

    [Fact]
    public async Task Secrets_travel_only_when_they_are_asked_for()
    {
        string other = _sluice.Folder["other"];
        (await _sluice.RunAsync("block", "create", "secret/token", $"value={Canary}")).Succeeded();
        (await _sluice.RunAsync("block", "create", "s3/dev", "bucket_path=b/flows")).Succeeded();
        string[] command = ["migrate", "--from", "embedded", "--to", other, "--only", "blocks"];

        SluiceProgram.Outcome without = (await _sluice.RunAsync(command)).Succeeded();
        without.Output.ShouldContain("by hand  block  secret/token");
        without.Output.ShouldContain("create   block  s3/dev");
        SluiceProgram.Outcome with = (await _sluice.RunAsync([.. command, "--with-secrets", "--output", "json"])).Succeeded();
        (without.ToString() + with).ShouldNotContain(Canary);
        with.Json.GetProperty("summary").GetProperty("create").GetInt32().ShouldBe(1);
        (await _sluice.RunAsync([.. command, "--with-secrets"])).Succeeded().Output.ShouldContain("Done: 2 unchanged".Replace("Done", "Plan", StringComparison.Ordinal));

        await using IOrchestrationApi api = await Sluice.Server.EmbeddedApi.OpenAsync(new(other), TimeProvider.System, default);
        BlockDocument copy = (await api.FindBlockDocumentAsync("secret", "token", includeSecrets: true, default)).ShouldNotBeNull();
        copy.Data["value"].GetString().ShouldBe(Canary);
    }

    [Fact]
    public async Task A_thousand_deployments_take_few_requests_and_a_kill_in_the_middle_is_made_good()
    {
        const int Count = 1000;
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            await api.ApplyAsync(new() { Deployments = [.. Enumerable.Range(0, Count).Select(i => new DeploymentApply
            {
                FlowName = $"Flow {i % 250}",
                Deployment = new() { Name = $"d {i / 250}", FlowId = default, Schedules = [new() { Slug = "s", Schedule = new() { Cron = "0 6 * * *" } }], Tags = ["t"] },
            })] }, default);
        }
        await using Prefect3Server prefect = await Prefect3Server.StartAsync();
        string[] command = ["migrate", "--from", "embedded", "--to", prefect.Url.AbsoluteUri, "--yes"];

        await using (ProgramRun run = _sluice.Start(command))
        {
            using var bound = new CancellationTokenSource(SluiceProgram.Bound);
            while ((await prefect.Store.ListDeploymentsAsync(new() { Limit = 50 }, bound.Token)).Count < 50)
                await Task.Delay(20, bound.Token);
            run.Process.Kill();
            await run.Process.WaitForExitAsync(bound.Token);
        }
        int before = await CountAsync(prefect.Store);
        before.ShouldBeInRange(50, Count - 1);
        prefect.Forget();

        (await _sluice.RunAsync(command)).Succeeded();
        (await CountAsync(prefect.Store)).ShouldBe(Count);
        double each = prefect.Requests.Count / (double)(Count - before);
        each.ShouldBeLessThan(5, "requests for each deployment");
        prefect.Forget();
        (await _sluice.RunAsync(command)).Succeeded().Output.ShouldContain("unchanged");
        prefect.Writes.ShouldBeEmpty();
        prefect.Requests.Count.ShouldBeLessThan(30, "an unchanged server is read in pages");
    }

    [Theory]
    [InlineData(new[] { "migrate", "--from", "embedded", "--to", "embedded" }, "--from and --to are the same server")]
    [InlineData(new[] { "migrate", "--from", "embedded" }, "'--to' is required")]
    [InlineData(new[] { "migrate", "--from", "ftp://x", "--to", "embedded" }, "--from is 'ftp://x'; it takes an API URL like http://127.0.0.1:4200/api, 'embedded', or the folder of a Sluice home")]
    [InlineData(new[] { "migrate", "--from", "http://me:canary-7f3a@x/api", "--to", "embedded" }, "--from takes no user and password in its URL: set SLUICE_FROM_API_AUTH_STRING")]
    [InlineData(new[] { "migrate", "--from", "./nowhere", "--to", "embedded" }, "--from: there is no Sluice database at ")]
    [InlineData(new[] { "migrate", "--from", "embedded", "--to", "http://127.0.0.1:1/api", "--only", "deployment" }, "--only: 'deployment' is not copied. Did you mean 'deployments'?")]
    [InlineData(new[] { "migrate", "--from", "embedded", "--to", "http://127.0.0.1:1/api", "--with-secrets" }, "--with-secrets belongs to --only blocks")]
    [InlineData(new[] { "migrate", "--from", "embedded", "--to", "http://127.0.0.1:1/api", "--exit-code" }, "--exit-code belongs to --plan")]
    [InlineData(new[] { "migrate", "--from", "embedded", "--to", "x", "--api-url", "http://127.0.0.1:1/api" }, "migrate takes --from and --to in place of --api-url")]
    public async Task Bad_usage_is_one_line(string[] arguments, string message)
    {
        string line = (await _sluice.RunAsync(arguments)).FailedWith(2);
        line.ShouldContain(message);
        line.ShouldNotContain(Canary);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_by_its_option()
    {
        (await _sluice.RunAsync("variable", "set", "a", "1")).Succeeded();
        int port = FreePort.Take(1)[0];
        (await _sluice.RunAsync("migrate", "--from", "embedded", "--to", $"http://127.0.0.1:{port}/api")).FailedWith(1).ShouldStartWith($"sluice: --to: No API answers at http://127.0.0.1:{port}/api");
    }

    private static async Task<int> CountAsync(IOrchestrationApi api)
    {
        int count = 0;
        while (await api.ListDeploymentsAsync(new() { Limit = 200, Offset = count }, default) is { Count: > 0 } page)
            count += page.Count;
        return count;
    }
}
