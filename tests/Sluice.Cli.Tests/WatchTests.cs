using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary><c>deployment run --watch</c> and <c>flow-run …</c>: real runs of a stored package, on the embedded API without a server.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private readonly SluiceProgram _sluice = new();

    public async ValueTask InitializeAsync() => await _sluice.DeployAsync();

    public ValueTask DisposeAsync()
    {
        _sluice.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_run_that_nobody_serves_is_executed_here_and_ends_with_its_result()
    {
        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--param", "times=2", "--watch", "--flow-run-name", "first")).Succeeded();

        watch.Error.ShouldBeEmpty();
        watch.Output.ShouldNotContain('\u001b');
        string[] expected = ["Run first of Greet/by-hand", "Scheduled", "running it here", "Pending", "Running", "Greeting 1: hello world", "Greeting 2: hello world", "Completed", "Completed after", "\"text\": \"hello world\""];
        int at = 0;
        foreach (string part in expected)
        {
            at = watch.Output.IndexOf(part, at, StringComparison.Ordinal);
            at.ShouldBeGreaterThan(-1, $"'{part}' in order in\n{watch.Output}");
        }

        JsonElement run = (await _sluice.RunAsync("flow-run", "inspect", "first", "--output", "json")).Succeeded().Json;
        run.Text("state_type").ShouldBe("COMPLETED");
        run.Text("full_name").ShouldBe("Greet/by-hand");
        run.GetProperty("state").GetProperty("data").GetProperty("value").Text("text").ShouldBe("hello world");
        (await _sluice.RunAsync("flow-run", "inspect", "first")).Succeeded().Output.ShouldContain("\"text\": \"hello world\"");
        (await _sluice.RunAsync("flow-run", "ls", "--output", "json")).Json.EnumerateArray().Single().Text("id").ShouldBe(run.Text("id"));
        (await _sluice.RunAsync("flow-run", "logs", "first")).Succeeded().Output.ShouldContain("INFO      Greeting 2: hello world\n");
        (await _sluice.RunAsync("flow-run", "logs", "first", "--level", "ERROR")).Succeeded().Output.ShouldBeEmpty();
        (await _sluice.RunAsync("flow-run", "logs", "first", "--output", "json")).Json.EnumerateArray().Select(log => log.Text("message")).ShouldContain("Greeting 1: hello world");
    }

    [Fact]
    public async Task With_output_json_standard_output_is_the_run_alone()
    {
        // Credentials of another server lie about, as they do in a developer's shell.
        _sluice.With("PREFECT_API_KEY", "stale").With("PREFECT_API_AUTH_STRING", "stale:password");
        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch", "--output", "json")).Succeeded();

        watch.Json.Text("state_type").ShouldBe("COMPLETED");
        watch.Json.GetProperty("state").GetProperty("data").GetProperty("value").GetProperty("length").GetInt32().ShouldBe(11);
        watch.Error.ShouldContain("Greeting 1: hello world");
    }

    /// <summary>A deployment, how its run ends, and words of why.</summary>
    [Theory]
    [InlineData("Fail/by-hand", "FAILED", "It failed of course.")]
    [InlineData("Vanish/by-hand", "CRASHED", "exit code 7")]
    public async Task A_run_that_does_not_complete_exits_1(string deployment, string state, string reason)
    {
        SluiceProgram.Outcome watch = await _sluice.RunAsync("deployment", "run", deployment, "--watch", "--flow-run-name", "doomed");

        watch.ExitCode.ShouldBe(1);
        watch.Output.ShouldContain(reason);
        (await _sluice.RunAsync("flow-run", "inspect", "doomed", "--output", "json")).Json.Text("state_type").ShouldBe(state);
    }

    [Fact]
    public async Task Ctrl_c_cancels_a_run_that_lives_here_and_exits_130()
    {
        await using ProgramRun watch = _sluice.Start("deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--watch", "--flow-run-name", "waiting");
        int flow = int.Parse((await watch.WaitForLineAsync(line => line.Contains("Waiting as process"), SluiceProgram.Bound)).Split(' ')[^1]);

        watch.Process.Send(Signal.Interrupt);

        (await watch.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(130, watch.Output + watch.Error);
        watch.Error.ShouldContain("Cancelling the run, which lives in this process.");
        (await _sluice.RunAsync("flow-run", "inspect", "waiting", "--output", "json")).Json.Text("state_type").ShouldBe("CANCELLED");
        Should.Throw<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(flow), "the flow's process is gone");
    }

    [Fact]
    public async Task Another_program_cancels_the_run_and_the_watch_exits_130()
    {
        await using ProgramRun watch = _sluice.Start("deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--watch", "--flow-run-name", "waiting");
        await watch.WaitForLineAsync(line => line.Contains("Waiting as process"), SluiceProgram.Bound);

        (await _sluice.RunAsync("flow-run", "delete", "waiting")).FailedWith(1).ShouldContain("cancel it first");
        (await _sluice.RunAsync("flow-run", "cancel", "waiting")).Succeeded().Output.ShouldContain("is being cancelled");

        (await watch.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(130, watch.Output + watch.Error);
        (await _sluice.RunAsync("flow-run", "cancel", "waiting")).FailedWith(1).ShouldContain("has ended already: Cancelled");
        (await _sluice.RunAsync("flow-run", "delete", "waiting")).Succeeded();
        (await _sluice.RunAsync("flow-run", "inspect", "waiting")).FailedWith(1).ShouldContain("there is no flow run 'waiting'");
    }

    [Fact]
    public async Task A_watch_that_takes_too_long_cancels_the_run_that_lives_here_and_exits_1()
    {
        SluiceProgram.Outcome watch = await _sluice.RunAsync(
            "deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--watch", "--timeout", "3", "--flow-run-name", "slow");

        watch.ExitCode.ShouldBe(1, watch.ToString());
        watch.Error.ShouldContain("after 3 s. Cancelling the run");
        (await _sluice.RunAsync("flow-run", "inspect", "slow", "--output", "json")).Json.Text("state_type").ShouldBe("CANCELLED");
    }

    [Fact]
    public async Task A_run_that_nobody_began_is_cancelled_at_once()
    {
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--start-in", "3600", "--flow-run-name", "later")).Succeeded();

        (await _sluice.RunAsync("flow-run", "cancel", "later")).Succeeded().Output.ShouldContain("Cancelled flow run 'later'.");
        (await _sluice.RunAsync("flow-run", "ls", "--state", "cancelled", "--output", "json")).Json.EnumerateArray().Single().Text("name").ShouldBe("later");
        (await _sluice.RunAsync("flow-run", "ls", "--state", "Late", "--output", "json")).Json.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Runs_of_the_same_name_are_told_apart_by_their_ids()
    {
        for (int i = 0; i < 2; i++)
            (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--start-in", "3600", "--flow-run-name", "twin")).Succeeded();
        string id = (await _sluice.RunAsync("flow-run", "ls", "--output", "json")).Json[0].Text("id")!;

        (await _sluice.RunAsync("flow-run", "inspect", "twin")).FailedWith(1).ShouldContain(id);
        (await _sluice.RunAsync("flow-run", "inspect", id)).Succeeded();
        (await _sluice.RunAsync("flow-run", "inspect", "twn")).FailedWith(1).ShouldContain("Did you mean 'twin'?");
    }
}
