using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Worker.Tests;

/// <summary>Runs of deployments that name a package in a real store.</summary>
public sealed class PackageRunTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_package_is_pulled_and_runs_in_its_folder(bool executable, bool assembly)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        PackageReference package = await PublishAsync(bench, new(executable ? Path.GetFileName(WorkerBench.Program) : null, assembly ? "TestFlow.dll" : null));
        Guid id = await bench.RunAsync(await DeployAsync(bench, package.ToString(), "environment SLUICE_PACKAGE"));
        await using BenchWorker worker = bench.Work();

        (await bench.WaitForEndAsync(id)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));
        string folder = (await bench.WaitForLogAsync(id, message => message.StartsWith("folder=", StringComparison.Ordinal)))["folder=".Length..];
        folder.ShouldStartWith(Path.Combine(bench.Home.Cache, "packages"));
        (await bench.LogsAsync(id)).Select(log => log.Message).ShouldContain($"SLUICE_PACKAGE={package}");
    }

    [Fact]
    public async Task A_damaged_package_crashes_the_run_and_says_so_in_its_log()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        PackageReference package = await PublishAsync(bench, new(null, "TestFlow.dll"));
        foreach (string blob in Directory.EnumerateFiles(Path.Combine(bench.Home.Storage, "blobs"), "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(blob);
            if (content.Length > 0)
            {
                content[0] ^= 1;
                File.Delete(blob);
                File.WriteAllBytes(blob, content);
            }
        }

        await CrashesAsync(bench, package.ToString(), "its package could not be pulled: ");
    }

    [Fact]
    public async Task A_vanished_store_crashes_the_run_and_says_so_in_its_log()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        PackageReference package = await PublishAsync(bench, new(null, "TestFlow.dll"));
        Directory.Delete(bench.Home.Storage, recursive: true);

        await CrashesAsync(bench, package.ToString(), "its package could not be pulled: ");
    }

    [Fact]
    public async Task A_package_for_another_machine_says_so()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        PackageReference package = await PublishAsync(bench, new("TestFlow.runtimeconfig.json", null));

        await CrashesAsync(bench, package.ToString(), "the package's program 'TestFlow.runtimeconfig.json' is for ");
    }

    [Fact]
    public async Task A_reference_that_is_none_says_so()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await CrashesAsync(bench, "file:///x", "SLUICE_PACKAGE is 'file:///x' and should be URI#sha256=DIGEST or URI#commit=SHA: publish the deployment again");
    }

    private static async Task CrashesAsync(WorkerBench bench, string package, string message)
    {
        Guid id = await bench.RunAsync(await DeployAsync(bench, package, "ok"));
        await using BenchWorker worker = bench.Work();

        FlowRun run = await bench.WaitForEndAsync(id);

        run.StateType.ShouldBe(StateType.Crashed);
        run.State!.Message.ShouldStartWith($"Flow run process could not be started: {message}");
        (await bench.LogsAsync(id)).ShouldHaveSingleItem().Message.ShouldBe(run.State.Message);
    }

    private static Task<Guid> DeployAsync(WorkerBench bench, string package, string words) => bench.DeployAsync(new Dictionary<string, object?>
    {
        ["command"] = "sluice flow-run execute",
        ["env"] = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = package, ["TESTFLOW"] = words },
    });

    private static async Task<PackageReference> PublishAsync(WorkerBench bench, PackageLaunch launch)
    {
        string folder = Path.GetDirectoryName(WorkerBench.Program)!;
        PackageContent content = await PackageContent.ReadAsync(
            [.. Directory.EnumerateFiles(folder).Select(path => new PackageSource(Path.GetFileName(path), path))], default);
        await using IPackageStore store = PackageStores.Open(new Uri(bench.Home.Storage + "/"));
        PackageWritten written = await new PackageWriter(store, TimeProvider.System).WriteAsync(
            new()
            {
                Content = content,
                Name = "Test flow",
                Manifest = JsonSerializer.SerializeToElement(new { }),
                Launch = launch,
                TargetFramework = "net10.0",
                DeploymentMode = "framework-dependent",
            },
            [],
            progress: null,
            default);
        return written.Reference;
    }
}
