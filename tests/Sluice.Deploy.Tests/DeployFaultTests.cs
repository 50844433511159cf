using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Deploy.Tests;

/// <summary>Kills and full disks, with real processes.</summary>
public sealed class DeployFaultTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_killed_deploy_leaves_the_old_or_the_new_deployments_whole()
    {
        // A whole deploy of this machine, so that the kills hit every part of it.
        long start = Stopwatch.GetTimestamp();
        ProgramRun whole = await ProgramRun.CompleteAsync(Child.Program, Arguments(_bench.Request));
        whole.Process.ExitCode.ShouldBe(0, whole.Output);
        TimeSpan length = Stopwatch.GetElapsedTime(start);

        var random = new Random(20261122);
        string old = "the program";
        int taken = 0;
        for (int kill = 0; kill < 12; kill++)
        {
            string program = $"program {kill}";
            _bench.Temp.Write("publish/Weather.dll", program);
            await using ProgramRun child = ProgramRun.Start(Child.Program, Arguments(_bench.Request with { DeploymentVersion = program }));
            await child.WaitForLineAsync(line => line == "deploying", TimeSpan.FromMinutes(1));
            await Task.Delay(random.NextDouble() * 1.5 * length, TestContext.Current.CancellationToken); // The moment of the kill, not a wait for something.
            child.Process.Kill();
            await child.WaitForExitAsync(TimeSpan.FromMinutes(1));

            Deployment daily = (await _bench.LiveAsync("daily"))!, manual = (await _bench.LiveAsync("manual"))!;
            string found = File.ReadAllText(Path.Combine((await _bench.PullAsync(daily)).Folder, "Weather.dll"));
            found.ShouldBeOneOf(old, program);
            manual.Path.ShouldBe(daily.Path);
            daily.Version.ShouldBe(manual.Version);
            if (found == program)
            {
                daily.Version.ShouldBe(program);
                taken++;
            }
            old = found;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{taken} of 12 were applied before their kill.");
        _bench.Temp.Write("publish/Weather.dll", "the last program");
        (await _bench.DeployAsync()).HasChanges.ShouldBeTrue();
        File.ReadAllText(Path.Combine((await _bench.PullAsync((await _bench.LiveAsync("daily"))!)).Folder, "Weather.dll")).ShouldBe("the last program");
    }

    [Theory]
    [InlineData("2m", 3_000_000)]
    [InlineData("64k", 1_000)]
    public async Task A_full_disk_is_SLC1009_and_shows_no_package(string disk, int program)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a mount namespace or a file size limit.");
        Directory.CreateDirectory(_bench.Home.Root);
        _bench.Temp.Write("publish/Weather.dll", new string('x', program));
        string deploy = string.Join(' ', Arguments(_bench.Request).Prepend(Child.Program).Select(a => $"'{a}'"));
        // A small tmpfs of the child's own where namespaces are allowed, else a limit on the size of its files.
        ProgramRun run = await ProgramRun.CompleteAsync("unshare", ["-rm", "sh", "-c", $"mount -t tmpfs -o size={disk} none '{_bench.Home.Root}' && {deploy}"]);
        if (!run.Output.StartsWith("deploying", StringComparison.Ordinal))
            run = await ProgramRun.CompleteAsync("bash", ["-c", $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f {(program > 1_000_000 ? 2048 : 64)}; {deploy}"]);

        run.Process.ExitCode.ShouldBe(1, run.Output + run.Error);
        string[] lines = run.Output.TrimEnd().Split('\n');
        lines.Length.ShouldBe(3, run.Output);
        lines[1].ShouldStartWith($"{_bench.Request.Project} : error SLC1009: ");
        lines[2].ShouldBe("packages: 0");
    }

    [Fact]
    public async Task A_killed_deploy_leaves_moves_and_prunes_whole_too()
    {
        // Each publish renames one deployment, and every second one adds or drops another.
        DeployRequest Request(int publish)
        {
            JsonNode flow = JsonNode.Parse(DeployBench.Flow)!, other = JsonNode.Parse(DeployBench.Flow)!;
            flow["deployments"]![1]!["name"] = $"named {publish}";
            // By another method: which of two became the renamed one could not be told.
            (other["name"], other["entrypoint"]) = ("Other", "Weather.dll!Weather.Flows.Other");
            other["deployments"]!.AsArray().RemoveAt(1);
            other["deployments"]![0]!["name"] = "extra";
            _bench.WriteFlows(publish % 2 == 0 ? [flow, other] : [flow]);
            return _bench.Request with { DeploymentVersion = $"{publish}", Prune = "delete" };
        }
        async Task<string> StateAsync()
        {
            await using IOrchestrationApi api = await _bench.OpenAsync();
            return string.Join(", ", (await api.ListDeploymentsAsync(new(), TestContext.Current.CancellationToken)).Select(one => $"{one.Name} {one.Version}"));
        }
        static string Expected(int publish) => $"daily {publish}{(publish % 2 == 0 ? $", extra {publish}" : "")}, named {publish} {publish}";

        long start = Stopwatch.GetTimestamp();
        ProgramRun whole = await ProgramRun.CompleteAsync(Child.Program, Arguments(Request(0)));
        whole.Process.ExitCode.ShouldBe(0, whole.Output);
        TimeSpan length = Stopwatch.GetElapsedTime(start);
        (await StateAsync()).ShouldBe(Expected(0));
        Guid moved = (await _bench.LiveAsync("named 0"))!.Id;

        var random = new Random(20261123);
        int standing = 0;
        for (int publish = 1; publish <= 10; publish++)
        {
            await using ProgramRun child = ProgramRun.Start(Child.Program, Arguments(Request(publish)));
            await child.WaitForLineAsync(line => line == "deploying", TimeSpan.FromMinutes(1));
            await Task.Delay(random.NextDouble() * 1.5 * length, TestContext.Current.CancellationToken); // The moment of the kill, not a wait for something.
            child.Process.Kill();
            await child.WaitForExitAsync(TimeSpan.FromMinutes(1));

            string state = await StateAsync();
            state.ShouldBeOneOf(Expected(standing), Expected(publish));
            standing = state == Expected(publish) ? publish : standing;
            (await _bench.LiveAsync($"named {standing}"))!.Id.ShouldBe(moved);
        }

        await _bench.DeployAsync(Request(12));
        (await StateAsync()).ShouldBe(Expected(12));
        (await _bench.LiveAsync("named 12"))!.Id.ShouldBe(moved);
    }

    private string[] Arguments(DeployRequest request)
    {
        string file = _bench.Temp["request.json"];
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(request, DeployJson.Default.DeployRequest));
        return ["child", "deploy", file, _bench.Home.Root];
    }
}
