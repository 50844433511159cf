using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary><c>server start</c>, <c>worker start</c>, <c>dev</c> and <c>flow-run execute</c>: programs that talk over HTTP and are ended by signals.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Server_and_worker_run_a_deployment_apart_over_http()
    {
        await _sluice.DeployAsync();
        await using ProgramRun server = _sluice.Start("server", "start", "--port", "0");
        string url = await UrlAsync(server);
        JsonElement record = JsonDocument.Parse(await File.ReadAllTextAsync(_sluice.Home.ServerRecord)).RootElement;
        record.Text("url").ShouldBe(url);
        record.GetProperty("pid").GetInt32().ShouldBe(server.Process.Id);
        record.Text("version").ShouldBe(ProductVersion.Text);
        record.GetProperty("started").GetDateTimeOffset().ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow);

        _sluice.With("PREFECT_API_URL", url);
        await using ProgramRun worker = _sluice.Start("worker", "start", "--pool", "default-agent-pool", "-q", "default", "-q", "slow", "--name", "tester");
        await worker.WaitForLineAsync(line => line == $"Worker 'tester' serves pool 'default-agent-pool', queues default, slow of {url}. Ctrl+C stops it.", SluiceProgram.Bound);
        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch", "--flow-run-name", "afar")).Succeeded();
        watch.Output.ShouldNotContain("running it here");
        watch.Output.ShouldContain("\"text\": \"hello world\"");
        (await _sluice.RunAsync("flow-run", "inspect", "afar", "--output", "json")).Json.Text("full_name").ShouldBe("Greet/by-hand");
        (await _sluice.RunAsync("work-pool", "inspect", "default-agent-pool")).Output.ShouldContain("tester (online");

        // Watching a run that lives elsewhere ends without touching it.
        string file = _sluice.Folder["go"];
        await using ProgramRun other = _sluice.Start("deployment", "run", "Wait/by-hand", "--param", $"file={file}", "--watch", "--flow-run-name", "elsewhere");
        await other.WaitForLineAsync(line => line.Contains("Waiting as process"), SluiceProgram.Bound);
        other.Process.Send(Signal.Interrupt);
        (await other.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(130);
        other.Error.ShouldContain("Stopped watching; the run goes on.");
        (await _sluice.RunAsync("flow-run", "inspect", "elsewhere", "--output", "json")).Json.Text("state_type").ShouldBe("RUNNING");

        // The worker's graceful stop waits for the run.
        worker.Process.Send(Signal.Terminate);
        await File.WriteAllTextAsync(file, "");
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
        (await _sluice.RunAsync("flow-run", "inspect", "elsewhere", "--output", "json")).Json.Text("state_type").ShouldBe("COMPLETED");

        server.Process.Send(Signal.Terminate);
        (await server.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, server.Output + server.Error);
        File.Exists(_sluice.Home.ServerRecord).ShouldBeFalse();
    }

    [Fact]
    public async Task Dev_makes_up_by_one_run_for_what_fell_due_while_nothing_ran()
    {
        await _sluice.DeployAsync();
        // Five hours ago, as far as the database can tell.
        var past = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-5));
        await using (IOrchestrationApi api = await EmbeddedApi.OpenAsync(_sluice.Home, past, CancellationToken.None))
        {
            Deployment deployment = (await api.FindDeploymentAsync("Greet", "by-hand", CancellationToken.None))!;
            Schedule hourly = new() { Interval = 3600, AnchorDate = past.GetUtcNow().AddMinutes(30) };
            await api.CreateSchedulesAsync(deployment.Id, [new() { Slug = "hourly", Schedule = hourly, Misfire = ScheduleMisfire.RunOnce }], CancellationToken.None);
        }
        await using ProgramRun dev = _sluice.Start("dev", "--port", "0");
        await dev.WaitForLineAsync(line => line.Contains("Greet/") && line.Contains("Completed"), SluiceProgram.Bound);

        JsonElement[] runs = [.. (await _sluice.RunAsync("flow-run", "ls", "--output", "json")).Succeeded().Json.EnumerateArray()
            .Where(run => run.GetProperty("expected_start_time").GetDateTimeOffset() <= DateTimeOffset.UtcNow)];
        runs.ShouldHaveSingleItem().GetProperty("context").GetProperty("missed").GetInt32().ShouldBe(5);
        runs[0].Text("state_type").ShouldBe("COMPLETED");
        string inspect = (await _sluice.RunAsync("flow-run", "inspect", runs[0].Text("name")!)).Succeeded().Output;
        inspect.ShouldContain("5 due times missed since ");
        inspect.ShouldContain("Z  Late\n");
    }

    [Fact]
    public async Task Dev_runs_what_is_due_until_ctrl_c_and_leaves_nothing_behind()
    {
        await _sluice.DeployAsync();
        await using ProgramRun dev = _sluice.Start("dev", "--port", "0");
        await UrlAsync(dev);
        await dev.WaitForLineAsync(line => line == "Worker: pool 'default-agent-pool'", SluiceProgram.Bound);
        (await _sluice.RunAsync("work-pool", "create", "later")).Succeeded();
        await dev.WaitForLineAsync(line => line == "Worker: pool 'later'", SluiceProgram.Bound);

        (await _sluice.RunAsync("deployment", "resume-schedule", "Greet/each-second")).Succeeded();
        await dev.WaitForLineAsync(line => line.Contains("Greet/") && line.Contains("Completed"), SluiceProgram.Bound);
        (await _sluice.RunAsync("deployment", "pause-schedule", "Greet/each-second")).Succeeded();

        dev.Process.Send(Signal.Interrupt);

        (await dev.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, dev.Output + dev.Error);
        File.Exists(_sluice.Home.ServerRecord).ShouldBeFalse();
        JsonElement runs = (await _sluice.RunAsync("flow-run", "ls", "--output", "json")).Succeeded().Json;
        runs.EnumerateArray().Count(run => run.Text("state_type") == "COMPLETED").ShouldBeGreaterThan(0);
        runs.EnumerateArray().ShouldAllBe(run => run.Text("state_type") == "COMPLETED" || run.Text("state_type") == "SCHEDULED");
    }

    [Fact]
    public async Task A_worker_of_another_queue_does_not_keep_a_watch_waiting()
    {
        await _sluice.DeployAsync();
        await using ProgramRun worker = _sluice.Start("worker", "start", "-q", "slow");
        await worker.WaitForLineAsync(line => line.Contains("queue slow"), SluiceProgram.Bound);

        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch")).Succeeded();

        watch.Output.ShouldContain("No worker serves default-agent-pool/default: running it here.");
    }

    [Fact]
    public async Task The_second_signal_ends_running_flows()
    {
        await _sluice.DeployAsync();
        await using ProgramRun dev = _sluice.Start("dev", "--port", "0");
        await UrlAsync(dev);
        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--flow-run-name", "endless")).Succeeded();
        await using ProgramRun logs = _sluice.Start("flow-run", "logs", "endless", "--follow");
        await logs.WaitForLineAsync(line => line.Contains("Waiting as process"), SluiceProgram.Bound);

        dev.Process.Send(Signal.Terminate);
        await Task.WhenAny(dev.WaitForExitAsync(SluiceProgram.Bound), Task.Delay(500));
        dev.Process.HasExited.ShouldBeFalse("it waits for the running flow");
        dev.Process.Send(Signal.Terminate);

        (await dev.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, dev.Output + dev.Error);
        (await logs.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, "the run ended, and with it the log");
        (await _sluice.RunAsync("flow-run", "inspect", "endless", "--output", "json")).Json.Text("state_type").ShouldBe("CRASHED");
    }

    [Fact]
    public async Task A_taken_port_is_named_with_the_option_that_mends_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        foreach (string[] verb in new string[][] { ["server", "start"], ["dev"] })
        {
            string error = (await _sluice.RunAsync([.. verb, "--port", port])).FailedWith(1);
            error.ShouldContain($"127.0.0.1:{port}");
            error.ShouldContain("--port");
        }
        File.Exists(_sluice.Home.ServerRecord).ShouldBeFalse();
    }

    [Fact]
    public async Task A_network_address_needs_a_password_and_then_every_client_does()
    {
        (await _sluice.RunAsync("server", "start", "--host", "0.0.0.0", "--port", "0")).FailedWith(2).ShouldContain("PREFECT_SERVER_API_AUTH_STRING");
        (await _sluice.With("PREFECT_SERVER_API_AUTH_STRING", "no-colon").RunAsync("server", "start", "--port", "0")).FailedWith(2).ShouldContain("user:password");

        await using ProgramRun server = _sluice.With("PREFECT_SERVER_API_AUTH_STRING", "admin:canary-9c1").Start("server", "start", "--host", "0.0.0.0", "--port", "0");
        string url = await UrlAsync(server);
        server.Output.ShouldNotContain("canary-9c1");
        SluiceProgram.Outcome refused = await _sluice.RunAsync("flow", "ls", "--api-url", url);
        refused.FailedWith(1).ShouldContain("PREFECT_API_AUTH_STRING");
        (await _sluice.With("PREFECT_API_AUTH_STRING", "admin:canary-9c1").RunAsync("flow", "ls", "--api-url", url, "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        server.Process.Send(Signal.Terminate);
        (await server.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0);
    }

    [Fact]
    public async Task A_key_is_asked_for_as_a_password_is_and_csrf_tokens_are_fetched_by_themselves()
    {
        _sluice.With("SLUICE_SERVER_API_KEY", "canary-77d2").With("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "maybe");
        (await _sluice.RunAsync("server", "start", "--port", "0")).FailedWith(2).ShouldBe("sluice: PREFECT_SERVER_CSRF_PROTECTION_ENABLED is 'maybe'; it takes true or false");
        (await _sluice.With("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "true").RunAsync("server", "start", "--host", "", "--port", "0")).FailedWith(2).ShouldStartWith("sluice: --host: '' is not an address to listen on");

        await using ProgramRun server = _sluice.Start("server", "start", "--host", "0.0.0.0", "--port", "0");
        string url = await UrlAsync(server);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_sluice.Home.ServerRecord).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, "it holds the key");
        _sluice.With("PREFECT_API_URL", url);
        (await _sluice.RunAsync("variable", "set", "a", "1")).FailedWith(1).ShouldContain("PREFECT_API_KEY");
        (await _sluice.With("PREFECT_API_KEY", "canary-77d2").RunAsync("variable", "set", "a", "1")).Succeeded();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer canary-77d2");
        using HttpResponseMessage without = await http.PostAsync(url + "/flows/", new StringContent("""{"name":"f"}"""));
        ((int)without.StatusCode).ShouldBe(403);
        (await without.Content.ReadAsStringAsync()).ShouldContain("Missing CSRF token.");
        (server.Output + server.Error).ShouldNotContain("canary-77d2");
    }

    [Fact]
    public async Task A_queue_that_is_missing_is_created_by_its_worker_and_a_missing_pool_is_an_error()
    {
        (await _sluice.RunAsync("worker", "start", "--pool", "elt")).FailedWith(1).ShouldContain("there is no work pool 'elt'");
        (await _sluice.RunAsync("work-pool", "create", "cluster", "--type", "kubernetes")).Succeeded();
        (await _sluice.RunAsync("worker", "start", "--pool", "cluster")).FailedWith(1).ShouldContain("pool 'cluster' is of type 'kubernetes'");
        await using ProgramRun worker = _sluice.Start("agent", "start", "-q", "fresh");
        await worker.WaitForLineAsync(line => line.Contains("had no queue 'fresh': created it"), SluiceProgram.Bound);
        await worker.WaitForLineAsync(line => line.Contains("queue fresh"), SluiceProgram.Bound);
        worker.Process.Send(Signal.Interrupt);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
    }

    /// <summary>What Prefect's process worker does: it claims, starts the command with the run's id, signals its process id, and reads its exit code.</summary>
    [Fact]
    public async Task Flow_run_execute_runs_the_package_in_its_own_place()
    {
        await _sluice.DeployAsync();
        await using ProgramRun server = _sluice.Start("server", "start", "--port", "0");
        _sluice.With("PREFECT_API_URL", await UrlAsync(server));
        string package = (await _sluice.RunAsync("deployment", "inspect", "Wait/by-hand", "--output", "json")).Json.GetProperty("job_variables").GetProperty("env").Text("SLUICE_PACKAGE")!;
        (await _sluice.RunAsync("flow-run", "execute")).FailedWith(2).ShouldContain("PREFECT__FLOW_RUN_ID");

        Guid greet = await MakeRunAsync("Greet/by-hand");
        _sluice.With("PREFECT__FLOW_RUN_ID", greet.ToString("N")).With("SLUICE_PACKAGE", package);
        await using (ProgramRun execute = _sluice.Start("flow-run", "execute"))
            (await execute.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, execute.Output + execute.Error);
        (await StateAsync(greet)).Text("type").ShouldBe("COMPLETED");
        (await _sluice.RunAsync("flow-run", "execute")).Succeeded();

        string file = _sluice.Folder["never"];
        Guid wait = await MakeRunAsync("Wait/by-hand", "--param", $"file={file}");
        await using (ProgramRun execute = _sluice.With("PREFECT__FLOW_RUN_ID", wait.ToString()).Start("flow-run", "execute"))
        {
            await using ProgramRun logs = _sluice.Start("flow-run", "logs", wait.ToString(), "--follow");
            string line = await logs.WaitForLineAsync(text => text.Contains("Waiting as process"), SluiceProgram.Bound);
            line.ShouldEndWith($" {execute.Process.Id}", customMessage: "the flow is the process that the worker started");
            execute.Process.Send(Signal.Terminate);
            (await execute.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(143, execute.Output + execute.Error);
        }

        Guid damaged = await MakeRunAsync("Greet/by-hand");
        _sluice.With("PREFECT__FLOW_RUN_ID", damaged.ToString()).With("SLUICE_PACKAGE", package[..^64] + new string('0', 64));
        await using (ProgramRun execute = _sluice.Start("flow-run", "execute"))
            (await execute.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, "the end of the run was reported: " + execute.Output + execute.Error);
        JsonElement state = await StateAsync(damaged);
        state.Text("type").ShouldBe("CRASHED");
        state.Text("message")!.ShouldStartWith("Flow run process could not be started: its package could not be pulled");
    }

    private static async Task<string> UrlAsync(ProgramRun server) =>
        (await server.WaitForLineAsync(line => line.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound))["Server: ".Length..].Trim();

    private async Task<Guid> MakeRunAsync(params string[] arguments) =>
        (await _sluice.RunAsync(["deployment", "run", .. arguments, "--output", "json"])).Succeeded().Json.GetProperty("id").GetGuid();

    private async Task<JsonElement> StateAsync(Guid run) =>
        (await _sluice.RunAsync("flow-run", "inspect", run.ToString(), "--output", "json")).Succeeded().Json.GetProperty("state");
}
