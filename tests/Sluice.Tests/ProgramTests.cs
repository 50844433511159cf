using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Tests;

/// <summary>What only a process of its own shows: signals, exit codes, code that ends the process.</summary>
public sealed class ProgramTests
{
    private static bool Starts(string line) => line == "started";

    [Fact]
    public async Task A_program_executes_the_run_that_its_environment_names()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Print");

        await using ProgramRun program = server.StartProgram(run.Id);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0);
        program.Output.ShouldBe("printed by the flow\n");
        program.Error.ShouldBeEmpty();
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
    }

    [Fact]
    public async Task A_failed_run_exits_0_because_its_state_was_reported()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Fail");

        await using ProgramRun program = server.StartProgram(run.Id);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0);
        (await server.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Failed);
    }

    [Theory]
    [InlineData("TERM", "Wait and clean up")]
    [InlineData("INT", "Wait and clean up")]
    public async Task A_signal_to_a_run_that_is_being_cancelled_reports_cancelled(string signal, string flow)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync(flow);
        await using ProgramRun program = server.StartProgram(run.Id);
        await program.WaitForLineAsync(Starts, TestServer.Bound);

        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);
        await SendAsync(signal, program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Cancelling Cancelled");
        (await server.LogsAsync(run.Id)).Select(log => log.Message).ShouldContain("cleaned up");
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_signal_to_a_running_run_leaves_the_state_to_the_worker(string signal, int code)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Wait and clean up");
        await using ProgramRun program = server.StartProgram(run.Id);
        await program.WaitForLineAsync(Starts, TestServer.Bound);

        await SendAsync(signal, program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(code);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running");
        (await server.LogsAsync(run.Id)).Select(log => log.Message).ShouldBe(["cleaned up", $"The process was asked to end (SIG{signal}) before the flow was done"]);
    }

    [Theory]
    [InlineData("reschedule", 0, "Pending Running AwaitingRetry")]
    [InlineData("relinquish", 143, "Pending Running")]
    public async Task SIGTERM_puts_a_run_back_where_the_worker_wants_it(string behavior, int code, string states)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Wait");
        await using ProgramRun program = server.StartProgram(run.Id, ("PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR", behavior));
        await program.WaitForLineAsync(Starts, TestServer.Bound);

        await SendAsync("TERM", program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(code);
        (await server.StatesAsync(run.Id)).ShouldBe(states);
    }

    [Theory]
    [InlineData("Exit", "The flow's code ended its process (exit code 7) before the flow returned.")]
    [InlineData("Exit well", "The flow's code ended its process (exit code 0) before the flow returned.")]
    [InlineData("Crash", "The flow's process ended by an exception that nothing caught: System.IO.InvalidDataException: on a thread of its own")]
    public async Task Code_that_ends_its_process_is_reported_as_crashed_with_its_logs(string flow, string message)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync(flow);

        await using ProgramRun program = server.StartProgram(run.Id);

        int code = await program.WaitForExitAsync(TestServer.Bound);
        (code == 0).ShouldBe(flow == "Exit well");
        State state = (await server.ReadAsync(run.Id)).State!;
        state.Type.ShouldBe(StateType.Crashed);
        state.Message.ShouldBe(message);
        (await server.LogsAsync(run.Id)).Select(log => log.Message).ShouldBe(["the last words", message]);
    }

    [Fact]
    public async Task A_run_id_that_is_no_UUID_exits_2()
    {
        await using TestServer server = await TestServer.StartAsync();

        await using ProgramRun program = server.StartProgram(Guid.Empty, ("PREFECT__FLOW_RUN_ID", "seven"));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(2);
        program.Error.ShouldBe("PREFECT__FLOW_RUN_ID is not a UUID: unset it to run a flow locally.\n");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_cancels_a_local_run(string signal, int code)
    {
        await using ProgramRun program = TestServer.StartLocally(["wait-and-clean-up"]);
        await program.WaitForLineAsync(Starts, TestServer.Bound);

        await SendAsync(signal, program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(code);
        program.Error.ShouldContain("cleaned up");
        program.Error.ShouldEndWith("Cancelled.\n");
    }

    [Fact]
    public async Task A_second_Ctrl_C_ends_a_local_run_that_does_not_listen()
    {
        await using ProgramRun program = TestServer.StartLocally(["ignore"]);
        await program.WaitForLineAsync(Starts, TestServer.Bound);

        await SendAsync("INT", program);
        await SendAsync("INT", program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(130);
    }

    [Theory]
    [InlineData(true, new[] { "flow-run", "execute" })]
    [InlineData(true, new[] { "flow-run", "execute", "--storage-base-path", "/tmp" })]
    [InlineData(false, new[] { "prefect", "flow-run", "execute" })] // a worker that keeps the entry point of an image
    [InlineData(false, new[] { "python", "-m", "prefect.engine" })]
    public async Task As_prefect_the_program_executes_the_run_of_its_environment(bool named, string[] arguments)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Print");

        await using ProgramRun program = server.StartProgram(run.Id, named ? Prefect() : null, arguments);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
    }

    [Fact]
    public async Task As_prefect_the_program_executes_the_run_that_its_arguments_name()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Print");

        await using ProgramRun program = server.StartProgram(Guid.Empty, Prefect(), ["flow-run", "execute", run.Id.ToString()], ("PREFECT__FLOW_RUN_ID", ""));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
    }

    [Theory]
    [InlineData(new[] { "version" }, 0, "Version: Sluice ", "")]
    [InlineData(new[] { "--version" }, 0, "Version: Sluice ", "")]
    [InlineData(new[] { "flow-run", "execute" }, 2, "", "PREFECT__FLOW_RUN_ID names no run")]
    [InlineData(new[] { "deployment", "ls" }, 2, "", "This is Sluice.Tests.Program, a flow program that stands in for Prefect's command in its image")]
    [InlineData(new string[0], 2, "", "This is Sluice.Tests.Program, a flow program")]
    public async Task As_prefect_the_program_says_what_it_is(string[] arguments, int code, string output, string error)
    {
        await using ProgramRun program = ProgramRun.Start(Prefect(), arguments, new Dictionary<string, string?> { ["PREFECT__FLOW_RUN_ID"] = null });

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(code);
        program.Output.ShouldStartWith(output);
        program.Error.ShouldStartWith(error);
        (program.Output + program.Error).TrimEnd().ShouldNotContain('\n');
    }

    /// <summary>The test program's executable under another name, as images have it.</summary>
    private static string Prefect()
    {
        string copy = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "prefect.exe" : "prefect");
        if (!File.Exists(copy))
            File.Copy(TestServer.TestProgram, copy);
        return copy;
    }

    internal static async Task SendAsync(string signal, ProgramRun program)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX signals are sent with kill.");
        await using ProgramRun kill = await ProgramRun.CompleteAsync("kill", [$"-{signal}", program.Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.Process.ExitCode.ShouldBe(0);
    }
}
