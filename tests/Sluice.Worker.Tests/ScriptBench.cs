using System.Diagnostics;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>File-based programs in a real store, which workers build with the machine's own SDK. They speak to the API with nothing but the framework.</summary>
internal static class ScriptBench
{
    /// <summary>A flow that says what it is given and completes.</summary>
    public const string Flow = """
        #:property PublishAot=false
        #:property Nullable=disable
        using System.Net.Http.Headers;
        using System.Text;

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("PREFECT_API_KEY"));
        string run = Environment.GetEnvironmentVariable("PREFECT_API_URL") + "/flow_runs/" + Environment.GetEnvironmentVariable("PREFECT__FLOW_RUN_ID") + "/set_state";
        foreach (string type in new[] { "RUNNING", "COMPLETED" })
        {
            if (type == "COMPLETED")
                Console.WriteLine("program=" + AppContext.BaseDirectory);
            var answer = await http.PostAsync(run, new StringContent("{\"state\":{\"type\":\"" + type + "\"}}", Encoding.UTF8, "application/json"));
            answer.EnsureSuccessStatusCode();
        }

        """;

    /// <summary>Keeps what the build is given in a file a build, and holds the build up while <c>hold</c> exists.</summary>
    public static string Witness(string folder) => $"""
        <Project>
          <Target Name="Witness" BeforeTargets="CoreCompile">
            <Exec Command="env &gt; '{folder}/build-$$.txt'; echo $$ &gt; '{folder}/begun'; if [ -e '{folder}/hold' ]; then exec sleep 600; fi" />
          </Target>
        </Project>
        """;

    /// <summary>Stores a script with its files and deploys it.</summary>
    public static async Task<Guid> DeployScriptAsync(this WorkerBench bench, params (string Path, string Text)[] files) => await bench.DeployAsync(new Dictionary<string, object?>
    {
        ["command"] = "sluice flow-run execute",
        ["env"] = new Dictionary<string, string> { ["SLUICE_PACKAGE"] = (await bench.StoreScriptAsync(files)).ToString(), ["OF_THE_RUN"] = "1" },
    });

    /// <summary>Stores a script with its files.</summary>
    public static async Task<PackageReference> StoreScriptAsync(this WorkerBench bench, params (string Path, string Text)[] files)
    {
        using var folder = new TempFolder();
        PackageContent content = await PackageContent.ReadAsync([.. files.Select(file => new PackageSource(file.Path, folder.Write(file.Path, file.Text)))], default);
        await using IPackageStore store = PackageStores.Open(new Uri(bench.Home.Storage + "/"));
        PackageWritten written = await new PackageWriter(store, TimeProvider.System).WriteAsync(
            new()
            {
                Content = content,
                Name = "Test script",
                Manifest = JsonSerializer.SerializeToElement(new { }),
                Launch = new(null, null),
                TargetFramework = "net10.0",
                DeploymentMode = "framework-dependent",
                Script = files[0].Path,
            },
            [],
            progress: null,
            default);
        return written.Reference;
    }

    public static async Task<string[]> MessagesAsync(this WorkerBench bench, Guid run) => [.. (await bench.LogsAsync(run)).Select(log => log.Message)];

    /// <summary>What the cache of builds holds, but for logs and locks.</summary>
    public static string[] Builds(this WorkerBench bench) => [.. Directory.EnumerateDirectories(Path.Combine(bench.Home.Cache, "builds")).Select(path => Path.GetFileName(path))];

    /// <summary>Waits for the end of a process that somebody else started.</summary>
    public static async Task WaitForEndAsync(int processId, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            return;
        }
        using (process)
            await process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits for a file that another process writes, and answers its text.</summary>
    public static async Task<string> WaitForFileAsync(string path)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < WorkerBench.Bound; await Task.Delay(50))
        {
            if (File.Exists(path) && await File.ReadAllTextAsync(path) is { Length: > 0 } text)
                return text.Trim();
        }
        throw new TimeoutException($"{path} did not come.");
    }
}
