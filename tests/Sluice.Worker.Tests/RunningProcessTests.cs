using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Testing;
using Sluice.Worker.Launch;
using Sluice.Worker.Programs;
using Sluice.Worker.Results;

namespace Sluice.Worker.Tests;

/// <summary>Real processes of this machine, started from job variables.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RunningProcessTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_runs_without_a_shell_in_a_fresh_folder_that_is_deleted_afterwards()
    {
        string folder;
        await using (ILaunchedRun run = await LaunchAsync("sh -c 'pwd; echo $X; echo to stderr >&2' ignored", ("X", "$HOME && true")))
        {
            string[] lines = (await ReadAsync(run.Outputs[0])).Split('\n');
            folder = lines[0];
            Directory.Exists(folder).ShouldBeTrue();
            lines[1].ShouldBe("$HOME && true");
            (await ReadAsync(run.Outputs[1])).ShouldBe("to stderr\n");
            (await run.Exited.WaitAsync(Bound)).ShouldBe(0);
        }

        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task The_input_of_a_run_is_empty()
    {
        await using ILaunchedRun run = await LaunchAsync("cat");
        (await run.Exited.WaitAsync(Bound)).ShouldBe(0);
    }

    [Theory]
    [InlineData("no-such-program-anywhere x", "there is no program 'no-such-program-anywhere' on the PATH of the worker: install it there, or name it with its full path")]
    [InlineData("/no/such/program", "there is no program '/no/such/program' on the worker's machine")]
    [InlineData("/etc/passwd", "'/etc/passwd' may not be executed: give it execute permission (chmod +x)")]
    [InlineData("a 'b", "its command `a 'b` cannot be read: the quotation that begins at character 3 is not closed")]
    public async Task A_command_that_cannot_be_started_says_why(string command, string message) =>
        (await Should.ThrowAsync<LaunchException>(() => LaunchAsync(command))).Message.ShouldBe(message);

    [Fact]
    public async Task A_run_with_neither_package_nor_command_says_how_to_mend_it() =>
        (await Should.ThrowAsync<LaunchException>(() => LaunchAsync(command: null))).Message
            .ShouldBe("its deployment names neither a package nor a command: deploy it with `dotnet publish`, or set the job variable command");

    [Fact]
    public async Task A_program_is_looked_up_on_the_runs_own_PATH()
    {
        string program = _folder["tool"];
        File.WriteAllText(program, "#!/bin/sh\nexit 7\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using ILaunchedRun run = await LaunchAsync("tool", ("PATH", $"{_folder.Path}:/usr/bin:/bin"));
        (await run.Exited.WaitAsync(Bound)).ShouldBe(7);
    }

    [Fact]
    public async Task Terminate_is_SIGTERM_to_the_process()
    {
        await using ILaunchedRun run = await LaunchAsync("sh -c 'trap \"exit 42\" TERM; echo ready; while :; do sleep 0.1; done'");
        await ReadLineAsync(run.Outputs[0]);
        run.Terminate();
        (await run.Exited.WaitAsync(Bound)).ShouldBe(42);
    }

    [Fact]
    public async Task Kill_takes_the_whole_tree_also_after_its_root_has_ended()
    {
        await using ILaunchedRun run = await LaunchAsync("sh -c 'sh -c \"echo \\$\\$; exec sleep 1000\" & wait'");
        int grandchild = int.Parse(await ReadLineAsync(run.Outputs[0]), CultureInfo.InvariantCulture);
        using Process leaf = Process.GetProcessById(grandchild);
        run.Terminate();
        (await run.Exited.WaitAsync(Bound)).ShouldBe(143);
        leaf.HasExited.ShouldBeFalse();

        run.Kill();

        // Its parent is gone, so it is the end of its output that shows its end.
        (await ReadAsync(run.Outputs[0])).ShouldBe("");
    }

    [Fact]
    public async Task The_infrastructure_pid_is_of_the_program_itself()
    {
        await using ILaunchedRun run = await LaunchAsync("sh -c 'echo $$'");
        run.InfrastructurePid.ShouldBe($"{Environment.MachineName}:{await ReadLineAsync(run.Outputs[0])}");
    }

    [Fact]
    public async Task A_run_leads_a_session_of_its_own_so_that_a_terminals_CtrlC_does_not_reach_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has setsid.");
        await using ILaunchedRun run = await LaunchAsync("sh -c 'cut -d\" \" -f6 /proc/$$/stat'");
        run.InfrastructurePid.ShouldEndWith($":{await ReadLineAsync(run.Outputs[0])}");
    }

    [Fact]
    public void The_executable_of_this_machine_is_told_from_others()
    {
        NativeImage.RunsHere(Environment.ProcessPath!).ShouldBeTrue();
        byte[] header = File.ReadAllBytes(Environment.ProcessPath!)[..64];
        header[18] ^= 0x5A;
        File.WriteAllBytes(_folder["other"], header);
        NativeImage.RunsHere(_folder["other"]).ShouldBeFalse();
        File.WriteAllText(_folder["text"], "#!/bin/sh\nexit 0 # no image at all\n");
        NativeImage.RunsHere(_folder["text"]).ShouldBeFalse();
    }

    private static async Task<string> ReadAsync(RunOutput output) => await new StreamReader(output.Stream).ReadToEndAsync().WaitAsync(Bound);

    private static async Task<string> ReadLineAsync(RunOutput output)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await output.Stream.ReadAsync(one).AsTask().WaitAsync(Bound) == 1 && one[0] != '\n')
            line.Add(one[0]);
        return System.Text.Encoding.UTF8.GetString([.. line]);
    }

    private Task<ILaunchedRun> LaunchAsync(string? command, params (string Name, string Value)[] environment)
    {
        var run = new FlowRun { Id = Guid.NewGuid(), Name = "brave-fox", FlowId = Guid.NewGuid() };
        var variables = JobVariables.Merge(command is null ? null : new Dictionary<string, JsonElement> { ["command"] = JsonSerializer.SerializeToElement(command) });
        var request = new RunRequest(run, Deployment: null, variables, environment.ToDictionary(variable => variable.Name, variable => (string?)variable.Value), (_, _) => Task.CompletedTask);
        return new ProcessLauncher(new ProgramCache(new(_folder["home"]), StorageSources.Environment, TimeProvider.System), new ResultPlaces(StorageSources.Environment, _ => { })).LaunchAsync(request, CancellationToken.None);
    }
}
