#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false
#:property ServerGarbageCollection=false
#:property AllowUnsafeBlocks=true
#:package Microsoft.CodeAnalysis.CSharp@4.14.0
#:project ../src/Sluice/Sluice.csproj
#:project ../src/Sluice.Orchestration/Sluice.Orchestration.csproj
#:project ../src/Sluice.Server/Sluice.Server.csproj
#:project ../src/Sluice.Generators/Sluice.Generators.csproj

// Measures what issue and design promise, on this machine.
//   dotnet run build/bench.cs                         everything; writes docs/benchmarks.md
//   dotnet run build/bench.cs -- generator scheduler  only these parts; prints
// Parts: publish, latency, empty, schedules, analyzers, generator, scheduler, api, plan, storage.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

string[] all = ["publish", "latency", "empty", "schedules", "analyzers", "generator", "scheduler", "api", "plan", "storage"];
string[] parts = args.Length == 0 ? all : args;
if (parts.Except(all).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"Unknown part '{unknown}'; there are {string.Join(", ", all)}.");
    return 2;
}

string root = FindRoot();
string tool = Path.Combine(root, "src", "Sluice.Cli", "bin", "Release", "net10.0", "sluice.dll");
string work = Directory.CreateTempSubdirectory("sluice-bench-").FullName;
var report = new StringBuilder();
try
{
    Say($"Measured {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} with `dotnet run build/bench.cs`: {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. {Noise()}");
    foreach (string part in parts)
    {
        Console.Error.WriteLine($"… {part}");
        switch (part)
        {
            case "publish": MeasurePublish(); break;
            case "latency": await MeasureLatencyAsync(); break;
            case "empty": await MeasureEmptyAsync(); break;
            case "schedules": MeasureSchedules(); break;
            case "analyzers": MeasureAnalyzers(); break;
            case "generator": MeasureGenerator(); break;
            case "scheduler": await MeasureSchedulerAsync(); break;
            case "api": await MeasureApiAsync(); break;
            case "plan": MeasurePlan(); break;
            case "storage": MeasureStorage(); break;
        }
    }
}
finally
{
    Directory.Delete(work, recursive: true);
}
string text = Regex.Replace(Regex.Replace(report.ToString(), @"\n{3,}", "\n\n"), @"\|\n(?=[^|\n])", "|\n\n").TrimEnd() + "\n";
Console.Write(text);
if (args.Length == 0)
    File.WriteAllText(Path.Combine(root, "docs", "benchmarks.md"), "# Benchmarks\n\n" + text);
return 0;

// A no-change publish against a plain publish of the same project: the same command, with and without the deploy, in turn.
void MeasurePublish()
{
    string project = Path.Combine(root, "samples", "Weather");
    string home = Path.Combine(work, "publish");
    Run("dotnet", ["publish", project, "-nologo", "-v", "q"], home);
    var plain = new List<double>();
    var deploying = new List<double>();
    for (int round = 0; round < 12; round++)
    {
        plain.Add(Timed(() => Run("dotnet", ["publish", project, "-nologo", "-v", "q", "-p:SluiceDeploy=false"], home)));
        deploying.Add(Timed(() => Run("dotnet", ["publish", project, "-nologo", "-v", "q"], home)));
    }
    using JsonDocument outcome = JsonDocument.Parse(File.ReadAllText(Path.Combine(project, "obj", "Release", "net10.0", "sluice.request.outcome.json")));
    Say("## A publish that changes nothing");
    Say("| | median | p95 |\n|---|---|---|");
    Row("plain publish", plain, "s");
    Row("with deploy", deploying, "s");
    Say($"More: {F(Median(deploying) - Median(plain))} s (aim: at most 0.4 s). Blobs uploaded: {outcome.RootElement.GetProperty("uploaded_files")}; API writes: {outcome.RootElement.GetProperty("api_writes")}.");
}

// The time from a run's due time to its flow's first line, by the flow's own clock: runs that are due 1.5 s apart, all known before, then runs that are created due.
async Task MeasureLatencyAsync()
{
    Say("## Due time to the flow's first line, own process");
    Say("50 runs each. *Due ahead*: known to the worker before it is due, as every scheduled run is. *At once*: created due now, so the start of the process counts in full.\n");
    Say("| program | due ahead: p50 | p95 | at once: p50 | p95 |\n|---|---|---|---|---|");
    foreach (var (name, folder) in Programs())
    {
        string home = Path.Combine(work, "latency-" + name);
        await using var server = await TestServer.StartAsync(home, tool, withWorker: true);
        server.Deploy(folder, name);
        Deployment deployment = (await server.Api.FindDeploymentAsync("Empty", "now", default))!;
        await server.RunAsync(deployment.Id, DateTimeOffset.UtcNow);
        var atOnce = new List<double>();
        DateTimeOffset first = DateTimeOffset.UtcNow.AddSeconds(4);
        List<double> ahead = [.. await Task.WhenAll(Enumerable.Range(0, 50).Select(run => server.RunAsync(deployment.Id, first.AddSeconds(run * 1.5))))];
        for (int run = 0; run < 50; run++)
            atOnce.Add(await server.RunAsync(deployment.Id, DateTimeOffset.UtcNow));
        Say($"| {name} | {F(Median(ahead))} ms | {F(Percentile(ahead, 95))} ms | {F(Median(atOnce))} ms | {F(Percentile(atOnce, 95))} ms |");
    }
    Say("\nAim: p50 under 50 ms (AOT), 250 ms (ReadyToRun), 350 ms (JIT).");
}

// An empty run without a worker: the program is started by hand with the run's id, and watched until it ends.
async Task MeasureEmptyAsync()
{
    Say("## An empty run, process start to Completed");
    Say("30 runs each; wall time to the Completed state by the server's clock, and to the process's end; peak resident memory by the kernel.\n");
    Say("| program | Completed: p50 | p95 | ended: p50 | peak memory: median |\n|---|---|---|---|---|");
    foreach (var (name, folder) in Programs())
    {
        string home = Path.Combine(work, "empty-" + name);
        await using var server = await TestServer.StartAsync(home, tool, withWorker: false);
        server.Deploy(folder, name);
        Deployment deployment = (await server.Api.FindDeploymentAsync("Empty", "now", default))!;
        var completed = new List<double>();
        var ended = new List<double>();
        var memory = new List<double>();
        for (int round = 0; round < 31; round++)
        {
            FlowRun run = await server.Api.CreateDeploymentRunAsync(deployment.Id, new DeploymentRunCreate(), default);
            await server.Api.SetFlowRunStateAsync(run.Id, new StateCreate { Type = StateType.Pending }, default, default);
            string native = Path.Combine(folder, "Empty");
            var start = new ProcessStartInfo(native) { UseShellExecute = false, WorkingDirectory = folder };
            start.Environment["PREFECT__FLOW_RUN_ID"] = run.Id.ToString();
            start.Environment["PREFECT_API_URL"] = server.Url;
            DateTime began = DateTime.UtcNow;
            using Process process = Process.Start(start)!;
            long peak = 0;
            while (!process.WaitForExit(1))
                peak = Math.Max(peak, PeakMemory(process.Id));
            DateTime end = process.ExitTime.ToUniversalTime();
            State last = (await server.Api.ReadFlowRunAsync(run.Id, default))!.State!;
            if (last.Type != StateType.Completed)
                throw new InvalidOperationException($"The empty run ended as {last.Name}: {last.Message}");
            if (round == 0)
                continue;
            completed.Add((last.Timestamp.UtcDateTime - began).TotalMilliseconds);
            ended.Add((end - began).TotalMilliseconds);
            memory.Add(peak / 1024.0);
        }
        Say($"| {name} | {F(Median(completed))} ms | {F(Percentile(completed, 95))} ms | {F(Median(ended))} ms | {F(Median(memory))} MiB |");
    }
    Say("\nAim: under 60 ms for AOT. Prefect's engine on such a machine: Completed at 0.97 s, 106 MiB.");
}

void MeasureSchedules()
{
    string[] brief = ["--warmupCount", "3", "--iterationCount", "8", "--iterationTime", "150"];
    Say("## Schedules");
    Say("Next to Quartz's CronExpression on equivalent expressions, in the same run. Aim: faster on both, and no allocation for the next due time. Cron:\n");
    Peers("CronBenchmarks", brief);
    Say("\nRecurrence rules that a cron expression says too:\n");
    Peers("RRuleBenchmarks", brief);
    Say("\nIntervals from an anchor at midnight that divide the hour or the day:\n");
    Peers("IntervalBenchmarks", brief);
    Say("\nRules that no cron expression says, or that never fire:\n");
    Peers("SparseBenchmarks", brief);
}

void MeasureAnalyzers()
{
    Say("## What schedules cost at compile time");
    Say("The generator and all analyzers over 1,000 flows whose deployments have a schedule, next to the same flows without, in turn.\n");
    // The compiler's own program collects garbage so.
    using Process pairs = Process.Start(new ProcessStartInfo("dotnet", ["run", "--project", Path.Combine(root, "tests", "Sluice.Benchmarks"), "--", "analyzer-pairs"])
    {
        RedirectStandardOutput = true, UseShellExecute = false, Environment = { ["DOTNET_gcServer"] = "1", ["DOTNET_GCgen0size"] = "0x20000000" },
    })!;
    foreach (string line in pairs.StandardOutput.ReadToEnd().Split('\n').Where(line => line.StartsWith('|') || line.EndsWith("runs.", StringComparison.Ordinal)))
        Say(line.StartsWith('|') ? line : "\n" + line);
    pairs.WaitForExit();
    Say("\nAim: at most 5 % more. Lower quartiles of 100 rounds, with room for what a run allocates, so that no garbage collection falls to one side by chance.");
}

// The table that BenchmarkDotNet makes of a class of tests/Sluice.Benchmarks.
void Peers(string benchmarks, params string[] options)
{
    string artifacts = Path.Combine(work, benchmarks);
    Run("dotnet", ["run", "--project", Path.Combine(root, "tests", "Sluice.Benchmarks"), "--", "--filter", $"*{benchmarks}*", "--artifacts", artifacts, .. options], work);
    foreach (string line in File.ReadLines(Path.Combine(artifacts, "results", $"Sluice.Benchmarks.{benchmarks}-report-github.md")).Where(line => line.StartsWith('|')))
        Say(line);
}

void MeasureGenerator()
{
    Say("## Generator");
    Say("Median of 20 edits after 5 for warming up; *cold* is the first run of a warmed-up process. *Re-emitted*: outputs whose step was neither cached nor unchanged.\n");
    Say("| flow methods | cold | edit elsewhere | per method | allocated per method | re-emitted | body edit | per method | allocated per method | re-emitted |\n|---|---|---|---|---|---|---|---|---|---|");
    foreach (int flows in new[] { 1, 100, 1000 })
    {
        var (source, elsewhere) = GeneratorInput(flows);
        MetadataReference[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path))];
        SyntaxTree main = CSharpSyntaxTree.ParseText(source, path: "Flows.cs");
        SyntaxTree other = CSharpSyntaxTree.ParseText(elsewhere, path: "Other.cs");
        CSharpCompilation compilation = CSharpCompilation.Create("App", [main, other], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        // Time is taken without step tracking, as in an IDE; what was re-emitted is counted with it.
        compilation.GetDiagnostics();
        var clock = Stopwatch.StartNew();
        GeneratorDriver driver = Driver(tracking: false).RunGenerators(compilation);
        double cold = clock.Elapsed.TotalMilliseconds;
        if (driver.GetRunResult().GeneratedTrees.Length < flows)
            throw new InvalidOperationException("The generator made fewer outputs than there are flows.");
        GeneratorDriver tracked = Driver(tracking: true).RunGenerators(compilation);

        var inOther = Edits(compilation, other, text => text.Replace("EDIT", "EDIT0", StringComparison.Ordinal), driver, tracked);
        var inBody = Edits(compilation, main, text => text.Replace("return 0;", "return 0; ;", StringComparison.Ordinal), driver, tracked);
        if (flows > 1)
            Say($"| {flows} | {F(cold)} ms | {F(inOther.Milliseconds)} ms | {F(inOther.Milliseconds * 1000 / flows)} µs | {F(inOther.Bytes / 1024 / flows)} KB | {inOther.Emitted} | {F(inBody.Milliseconds)} ms | {F(inBody.Milliseconds * 1000 / flows)} µs | {F(inBody.Bytes / 1024 / flows)} KB | {inBody.Emitted} |");
    }
    Say("\nAim: 0 re-emitted; at most 25 µs and 12 KB per flow method.");

    Say("\nBeside System.Text.Json's generator on the same types (each a record with an enum and a list of another record): a flow that takes and returns each, and a `[JsonSerializable]` of each.\n");
    Peers("GeneratorBenchmarks");
    Say("\nAim: not slower cold, and cheaper per edit.");
}

static GeneratorDriver Driver(bool tracking) => CSharpGeneratorDriver.Create([new Sluice.Generators.FlowGenerator().AsSourceGenerator()],
    driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: tracking));

static (double Milliseconds, double Bytes, int Emitted) Edits(CSharpCompilation compilation, SyntaxTree tree, Func<string, string> edit, GeneratorDriver driver, GeneratorDriver tracked)
{
    string text = tree.GetText().ToString();
    var times = new List<double>();
    var bytes = new List<double>();
    int emitted = 0;
    for (int round = 0; round < 25; round++)
    {
        text = edit(text);
        SyntaxTree edited = CSharpSyntaxTree.ParseText(text, path: tree.FilePath);
        compilation = compilation.ReplaceSyntaxTree(tree, edited);
        tree = edited;
        // Binding what the edit touched is the compiler's own work, done before the generator asks.
        compilation.GetDiagnostics();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        driver = driver.RunGenerators(compilation);
        double elapsed = clock.Elapsed.TotalMilliseconds;
        double allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        tracked = tracked.RunGenerators(compilation);
        emitted += tracked.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
            .Count(output => output.Reason is IncrementalStepRunReason.New or IncrementalStepRunReason.Modified or IncrementalStepRunReason.Removed);
        if (round < 5)
            continue;
        times.Add(elapsed);
        bytes.Add(allocated);
    }
    return (Median(times), Median(bytes), emitted);
}

static (string Source, string Elsewhere) GeneratorInput(int flows)
{
    var source = new StringBuilder("using System; using Sluice;\npublic sealed record Input(string Name, int Count, DateOnly? Day);\npublic static class Flows\n{\n");
    for (int flow = 0; flow < flows; flow++)
        source.Append(CultureInfo.InvariantCulture, $$"""
                /// <summary>Does the work of number {{flow}}.</summary>
                /// <param name="city">Where.</param>
                [Flow("Flow {{flow}}", Retries = 2)]
                [Deployment("daily", Cron = "{{flow % 60}} 6 * * *", TimeZone = "Europe/Paris", Parameters = "{\"city\": \"Seattle\"}")]
                public static int Run{{flow}}(string city, int days = 7, Input? input = null) { return 0; }

            """);
    return (source.Append("}\n").ToString(), "internal static class Other { static void EDIT() { } }\n");
}

async Task MeasureSchedulerAsync()
{
    const int deployments = 10_000;
    string home = Path.Combine(work, "scheduler");
    Directory.CreateDirectory(home);
    await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new SluiceHome(home), TimeProvider.System, default);
    DeploymentApply[] batch = [.. Enumerable.Range(0, deployments).Select(number => new DeploymentApply
    {
        FlowName = $"flow-{number / 10}",
        Deployment = new DeploymentCreate
        {
            Name = $"d{number}",
            FlowId = Guid.Empty,
            Schedules = [new DeploymentScheduleCreate { Slug = "schedule-1", Schedule = new Schedule { Cron = $"{number % 60} {number % 24} * * *", Timezone = "Europe/Paris" } }],
        },
    })];
    double apply = Timed(() => api.ApplyAsync(new() { Deployments = batch }, default).GetAwaiter().GetResult());

    using var stop = new CancellationTokenSource();
    var clock = Stopwatch.StartNew();
    Task services = new ServerServices(api, TimeProvider.System).RunAsync(stop.Token);
    int runs = 0;
    double done = 0;
    while (clock.Elapsed < TimeSpan.FromMinutes(5))
    {
        int now = await api.CountFlowRunsAsync(new FlowRunsQuery(), default);
        if (now > runs)
            (runs, done) = (now, clock.Elapsed.TotalSeconds);
        else if (runs >= deployments * 3 && clock.Elapsed.TotalSeconds - done > 2)
            break;
        await Task.Delay(100);
    }
    if (runs < deployments * 3)
        throw new InvalidOperationException($"Only {runs} runs were made.");

    var database = (api as Sluice.Server.Store.EmbeddedStore)!;
    long before = database.Statements;
    await Task.Delay(TimeSpan.FromSeconds(60));
    long idle = database.Statements - before;
    await stop.CancelAsync();
    await services;
    Say("## Scheduler");
    Say($"10,000 deployments with cron schedules, applied in one transaction of {F(apply)} s.\n");
    Say("| | |\n|---|---|");
    Say($"| until each deployment has its next three runs | {F(done)} s |");
    Say($"| runs created per second | {F(runs / done)} ({runs} runs) |");
    Say($"| database statements in an idle minute (aim: 0) | {idle} |");
}

async Task MeasureApiAsync()
{
    Say("## API");
    Say("Over HTTP on loopback, the server in a process of its own; each client does its requests one after the other.\n");
    Say("| request | sequential | 8 clients | sequential: median | p95 |\n|---|---|---|---|---|");
    string home = Path.Combine(work, "api");
    await using var server = await TestServer.StartAsync(home, tool, withWorker: false);
    Flow flow = await server.Api.EnsureFlowAsync(new FlowCreate { Name = "load" }, default);
    Deployment deployment = await server.Api.UpsertDeploymentAsync(new DeploymentCreate { Name = "d", FlowId = flow.Id, Parameters = new Dictionary<string, JsonElement>() }, default);

    await LoadAsync("create-run", 2000, (api, _) => api.CreateDeploymentRunAsync(deployment.Id, new DeploymentRunCreate(), default));
    await LoadAsync("claim poll (limit 10)", 1000, (api, _) => api.GetScheduledFlowRunsAsync("default-agent-pool", new ScheduledFlowRunsQuery { ScheduledBefore = DateTimeOffset.UtcNow, Limit = 10 }, default));
    var due = new System.Collections.Concurrent.ConcurrentQueue<Guid>();
    foreach (int page in Enumerable.Range(0, 20))
        foreach (FlowRun run in await server.Api.ListFlowRunsAsync(new FlowRunsQuery { Limit = 200, Offset = page * 200 }, default))
            due.Enqueue(run.Id);
    await LoadAsync("claim (set PENDING)", 1000, async (api, _) =>
    {
        if (!due.TryDequeue(out Guid id))
            throw new InvalidOperationException("No run is left to claim.");
        OrchestrationResult result = await api.SetFlowRunStateAsync(id, new StateCreate { Type = StateType.Pending }, new SetStateOptions { Lease = TimeSpan.FromSeconds(30) }, default);
        if (result.Status != SetStateStatus.Accept)
            throw new InvalidOperationException($"A claim was answered {result.Status}.");
    });
    Say("\nPrefect on SQLite, on such a machine: 2 to 33 create-run, 15 to 23 claim polls per second.");

    async Task LoadAsync(string name, int count, Func<IOrchestrationApi, int, Task> request)
    {
        var times = new List<double>();
        for (int warm = 0; warm < 100; warm++)
            await request(server.Api, warm);
        var clock = Stopwatch.StartNew();
        for (int number = 0; number < count; number++)
        {
            long began = Stopwatch.GetTimestamp();
            await request(server.Api, number);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        double sequential = count / clock.Elapsed.TotalSeconds;
        HttpOrchestrationApi[] clients = [.. Enumerable.Range(0, 8).Select(_ => new HttpOrchestrationApi(new ApiEndpoint(server.Url)))];
        clock.Restart();
        await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            for (int number = 0; number < count / 8; number++)
                await request(client, number);
        })));
        double parallel = count / 8 * 8 / clock.Elapsed.TotalSeconds;
        foreach (HttpOrchestrationApi client in clients)
            await client.DisposeAsync();
        Say($"| {name} | {F(sequential)} /s | {F(parallel)} /s | {F(Median(times))} ms | {F(Percentile(times, 95))} ms |");
    }
}

// The test program has the servers, and is the benchmark as well.
// The program of Sluice.Deploy's tests measures, with the servers that they play.
void MeasurePlan()
{
    Say("## Plan and apply of 1,000 deployments");
    Say("100 flows with 10 deployments each, published whole: hashing, reading, merging, the record and the apply. Requests and bytes as a proxy before the server counts them.");
    string tests = Path.Combine(root, "tests", "Sluice.Deploy.Tests");
    Run("dotnet", ["build", tests, "-nologo", "-v", "q"], work);
    using Process measured = Process.Start(new ProcessStartInfo(Path.Combine(tests, "bin", "Release", "net10.0", "Sluice.Deploy.Tests"), ["child", "measure"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
    string lines = measured.StandardOutput.ReadToEnd();
    measured.WaitForExit();
    if (measured.ExitCode != 0)
        throw new InvalidOperationException($"The measure of plans ended with {measured.ExitCode}.");
    Say(lines.Trim());
}

void MeasureStorage()
{
    Say("## Storage, next to rclone");
    string tests = Path.Combine(root, "tests", "Sluice.Storage.Tests"), ahead = Path.Combine(tests, "bin", "ahead");
    Run("dotnet", ["build", tests, "-nologo", "-v", "q"], work);
    // As the tool in the package is.
    Run("dotnet", ["msbuild", Path.Combine(root, "build", "ReadyToRun"), "-restore", "-nologo", "-v:q", $"-p:From={Path.Combine(tests, "bin", "Release", "net10.0")}", $"-p:To={ahead}"], work);
    using Process measured = Process.Start(new ProcessStartInfo(Path.Combine(ahead, "Sluice.Storage.Tests"), ["bench", "3"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
    string lines = measured.StandardOutput.ReadToEnd();
    measured.WaitForExit();
    if (measured.ExitCode != 0)
        throw new InvalidOperationException($"The storage benchmark ended with {measured.ExitCode}.");
    Say(lines.Trim());
}

// The same program published three ways; NativeAOT as net9.0, the one whose compiler restores everywhere this runs.
IEnumerable<(string Name, string Folder)> Programs()
{
    string rid = RuntimeInformation.RuntimeIdentifier;
    return [
        ("AOT", Publish("aot", "-f", "net9.0", "-r", rid, "-p:BenchMode=AOT")),
        ("ReadyToRun", Publish("r2r", "-f", "net10.0", "-r", rid, "--no-self-contained", "-p:BenchMode=ReadyToRun")),
        ("JIT", Publish("jit", "-f", "net10.0")),
    ];

    string Publish(string name, params string[] arguments)
    {
        string folder = Path.Combine(work, "programs", name);
        if (!Directory.Exists(folder))
            Run("dotnet", ["publish", Path.Combine(root, "tests", "Fixtures", "Empty"), "-nologo", "-v", "q", "-p:SluiceDeploy=false", "-o", folder, .. arguments], work);
        // The manifest is read from an assembly; the native program's own was compiled beside it.
        string assembly = Path.Combine(folder, "Empty.dll");
        if (!File.Exists(assembly))
            File.Copy(Path.Combine(root, "tests", "Fixtures", "Empty", "obj", "Release", "net9.0", rid, "Empty.dll"), Path.Combine(work, "programs", "Empty.dll"), overwrite: true);
        return folder;
    }
}

// How much the same work varies on this machine: a loop that does nothing but compute, 200 times.
static string Noise()
{
    var times = new List<double>();
    for (int round = 0; round < 220; round++)
    {
        var clock = Stopwatch.StartNew();
        ulong value = 1;
        for (int step = 0; step < 2_000_000; step++)
            value = value * 6364136223846793005 + 1442695040888963407;
        GC.KeepAlive(value);
        if (round >= 20)
            times.Add(clock.Elapsed.TotalMilliseconds);
    }
    return $"The machine's noise: the same computation took {F(Median(times))} ms (median), {F(Percentile(times, 95))} ms (p95), {F(times.Max())} ms (longest of 200).";
}

static long PeakMemory(int process)
{
    try
    {
        string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture);
    }
    catch (IOException)
    {
        return 0; // It ended while being looked at.
    }
}

void Say(string line) => report.Append(line).Append('\n').Append(line.StartsWith('|') ? "" : "\n");

void Row(string name, List<double> values, string unit) => Say($"| {name} | {F(Median(values))} {unit} | {F(Percentile(values, 95))} {unit} |");

static double Median(List<double> values) => Percentile(values, 50);

static double Percentile(List<double> values, int percent)
{
    double[] sorted = [.. values.Order()];
    return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(percent / 100.0 * sorted.Length) - 1)];
}

static string F(double value) => value >= 100 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("0.##", CultureInfo.InvariantCulture);

static double Timed(Action action)
{
    var clock = Stopwatch.StartNew();
    action();
    return clock.Elapsed.TotalSeconds;
}

static void Run(string program, string[] arguments, string home)
{
    var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
    start.Environment["SLUICE_HOME"] = home;
    start.Environment.Remove("CI");
    start.Environment.Remove("PREFECT_API_URL");
    using Process process = Process.Start(start)!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
}

static string FindRoot()
{
    for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "Generators.sln")))
            return folder.FullName;
    throw new InvalidOperationException("Run this inside the repository.");
}

/// <summary>A server, and where wanted a worker, as processes of their own, with a client.</summary>
sealed class TestServer : IAsyncDisposable
{
    private readonly string _home;
    private readonly string _tool;
    private readonly List<Process> _processes = [];

    private TestServer(string home, string tool) => (_home, _tool) = (home, tool);

    public string Url { get; private set; } = "";

    public HttpOrchestrationApi Api { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(string home, string tool, bool withWorker)
    {
        Directory.CreateDirectory(home);
        var server = new TestServer(home, tool);
        Process process = server.Start("server", "start", "--port", "0");
        string record = Path.Combine(home, "server.json");
        for (var bound = Stopwatch.StartNew(); !File.Exists(record); await Task.Delay(20))
            if (process.HasExited || bound.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException("The server did not start.");
        using (JsonDocument json = JsonDocument.Parse(File.ReadAllText(record)))
            server.Url = json.RootElement.GetProperty("url").GetString()!;
        server.Api = new HttpOrchestrationApi(new ApiEndpoint(server.Url));
        if (withWorker)
            server.Start("worker", "start", "-p", "default-agent-pool", "-q", "default");
        return server;
    }

    /// <summary>Deploys a published folder.</summary>
    public void Deploy(string folder, string mode)
    {
        string request = Path.Combine(_home, "request.json");
        string assembly = Path.Combine(folder, "Empty.dll");
        File.WriteAllText(request, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["assembly"] = File.Exists(assembly) ? assembly : Path.Combine(Path.GetDirectoryName(folder)!, "Empty.dll"),
            ["publish_dir"] = folder,
            ["target_framework"] = mode == "AOT" ? "net9.0" : "net10.0",
            ["deployment_mode"] = mode == "AOT" ? "native-aot" : "framework-dependent",
        }));
        Process deploy = Start("deploy", "--request", request);
        deploy.WaitForExit();
        if (deploy.ExitCode != 0)
            throw new InvalidOperationException($"Deploying {folder} ended with {deploy.ExitCode}.");
    }

    /// <summary>Runs a deployment at a time and answers the milliseconds from its due time to the flow's first line.</summary>
    public async Task<double> RunAsync(Guid deployment, DateTimeOffset due)
    {
        FlowRun run = await Api.CreateDeploymentRunAsync(deployment, new DeploymentRunCreate
        {
            State = new StateCreate { Type = StateType.Scheduled, StateDetails = new StateDetails { ScheduledTime = due } },
        }, default);
        long change = 0;
        for (var bound = Stopwatch.StartNew(); ;)
        {
            FlowRun now = (await Api.ReadFlowRunAsync(run.Id, default))!;
            if (now.StateType == StateType.Completed)
                break;
            if (now.StateType!.Value.IsFinal() || bound.Elapsed > TimeSpan.FromMinutes(3))
                throw new InvalidOperationException($"The run is {now.StateName}: {now.State?.Message}");
            change = await Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), default);
        }
        IReadOnlyList<Log> logs = await Api.ListLogsAsync(new LogsQuery { Logs = new LogFilter { FlowRunId = new IdFilter { Any = [run.Id] } } }, default);
        string line = logs.Select(log => log.Message).Single(message => message.StartsWith("first line at ", StringComparison.Ordinal));
        long ticks = long.Parse(line["first line at ".Length..], CultureInfo.InvariantCulture);
        return (ticks - due.UtcTicks) / (double)TimeSpan.TicksPerMillisecond;
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        foreach (Process process in Enumerable.Reverse(_processes).Where(process => !process.HasExited))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", _tool, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLUICE_HOME"] = _home;
        start.Environment.Remove("CI");
        start.Environment.Remove("PREFECT_API_URL");
        if (arguments[0] == "worker")
            start.Environment["PREFECT_API_URL"] = Url;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null && arguments[0] != "worker")
                Console.Error.WriteLine(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }
}
