using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;

namespace Sluice.Worker.Tests;

/// <summary>Workers that take signed packages alone.</summary>
public sealed class PolicyRunTests : IDisposable
{
    private readonly SigningKey _key = SigningKey.Create();

    private PackagePolicy Policy => new() { Keys = [_key.Public] };

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_signed_package_runs()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync(await DeployAsync(bench, Env(await PublishAsync(bench, _key))));
        await using BenchWorker worker = bench.Work(options => options with { Policy = Policy });
        (await bench.WaitForEndAsync(id)).State!.ShouldSatisfyAllConditions(state => state.Type.ShouldBe(StateType.Completed, state.Message));
    }

    [Theory]
    [InlineData("unsigned", "is refused by the policy of this machine: it is not signed. Allowed is the key")]
    [InlineData("unsigned, in the cache already", "is refused by the policy of this machine: it is not signed.")]
    [InlineData("another key", "which is not allowed. Allowed is the key")]
    [InlineData("manifest changed", "it is not signed")]
    [InlineData("command", "names the command `echo hello` and no package")]
    [InlineData("image", "names the command `/app/flow` and no package")]
    [InlineData("startup hook", "its job variables set DOTNET_STARTUP_HOOKS")]
    [InlineData("preload", "its job variables set LD_PRELOAD")]
    [InlineData("collector", "its job variables set DOTNET_GCName")]
    [InlineData("tls engine", "its job variables set OPENSSL_CONF")]
    [InlineData("variable DOTNET_GCPath", "its job variables set DOTNET_GCPath")]
    [InlineData("variable COMPlus_GCName", "its job variables set COMPlus_GCName")]
    [InlineData("variable SLUICE_HOME", "its job variables set SLUICE_HOME")]
    [InlineData("variable SLUICE_ALLOWED_KEYS", "its job variables set SLUICE_ALLOWED_KEYS")]
    [InlineData("variable HOME", "its job variables set HOME")]
    [InlineData("source", "it is source, which nobody signed")]
    public async Task What_nobody_signed_crashes_the_run_before_anything_is_unpacked(string what, string message)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var other = SigningKey.Create();
        PackageReference package = await PublishAsync(bench, what switch { "another key" => other, "unsigned" or "unsigned, in the cache already" => null, _ => _key });
        if (what == "manifest changed")
        {
            string manifest = Path.Combine(package.Location.LocalPath, "manifest.json"), text = File.ReadAllText(manifest);
            File.Delete(manifest);
            File.WriteAllText(manifest, text.Replace("framework-dependent", "self-contained", StringComparison.Ordinal));
        }
        string cache = Path.Combine(bench.Home.Cache, "packages");
        if (what == "unsigned, in the cache already")
            await new PackageCache(cache).GetAsync(package, default);
        Dictionary<string, object?> variables = what switch
        {
            "command" => new() { ["command"] = "echo hello" },
            "image" => new() { ["command"] = "/app/flow", ["image"] = $"registry.example/team/flow@sha256:{new string('a', 64)}" },
            "startup hook" => Env(package, ("DOTNET_STARTUP_HOOKS", "/tmp/evil.dll")),
            "preload" => Env(package, ("LD_PRELOAD", "/tmp/evil.so")),
            "collector" => Env(package, ("DOTNET_gcServer", "1"), ("DOTNET_GCName", "evil.so")),
            "tls engine" => Env(package, ("OPENSSL_CONF", "/tmp/evil.cnf")),
            "source" => new() { ["env"] = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = $"git+https://git.example/team/flows?path=App.csproj#commit={new string('a', 40)}" } },
            _ => what.StartsWith("variable ", StringComparison.Ordinal) ? Env(package, (what["variable ".Length..], "/tmp/evil")) : Env(package),
        };
        Guid id = await bench.RunAsync(await DeployAsync(bench, variables));
        await using BenchWorker worker = bench.Work(options => options with { Policy = Policy });

        FlowRun run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(StateType.Crashed);
        run.State!.Message!.ShouldContain(message);
        (await bench.LogsAsync(id)).ShouldHaveSingleItem().Message.ShouldBe(run.State.Message);
        if (what != "unsigned, in the cache already")
            (Directory.Exists(cache) ? Directory.GetFileSystemEntries(cache) : []).ShouldBeEmpty();
    }

    private static Dictionary<string, object?> Env(PackageReference package, params (string Name, string Value)[] more)
    {
        var env = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = package.ToString(), ["TESTFLOW"] = "ok" };
        foreach ((string name, string value) in more)
            env[name] = value;
        return new() { ["command"] = "sluice flow-run execute", ["env"] = env };
    }

    private static Task<Guid> DeployAsync(WorkerBench bench, Dictionary<string, object?> variables) => bench.DeployAsync(variables);

    private static async Task<PackageReference> PublishAsync(WorkerBench bench, SigningKey? key)
    {
        string folder = Path.GetDirectoryName(WorkerBench.Program)!;
        PackageContent content = await PackageContent.ReadAsync([.. Directory.EnumerateFiles(folder).Select(path => new PackageSource(Path.GetFileName(path), path))], default);
        await using IPackageStore store = PackageStores.Open(new Uri(bench.Home.Storage + "/"));
        PackageDraft draft = new()
        {
            Content = content,
            Name = "Test flow",
            Manifest = JsonSerializer.SerializeToElement(new { }),
            Launch = new(null, "TestFlow.dll"),
            TargetFramework = "net10.0",
            DeploymentMode = "framework-dependent",
            DocumentsAsync = _ => Task.FromResult(new PackageDocuments(Encoding.UTF8.GetBytes("{}"), Encoding.UTF8.GetBytes("{}"))),
            Signer = key,
        };
        return (await new PackageWriter(store, TimeProvider.System).WriteAsync(draft, [], null, default)).Reference;
    }
}
