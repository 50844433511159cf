#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false
#:project ../src/Sluice.Orchestration/Sluice.Orchestration.csproj

// Kills publish, worker and server with SIGKILL at random moments, and checks afterwards what must hold.
//   dotnet run build/faults.cs                                   100 kills of each; writes docs/faults.md
//   dotnet run build/faults.cs -- --count 10 --seed 1 worker     10 kills of the worker, moments chosen by seed 1; writes nothing
// Runs random tests with more inputs than CI gives them (tests take both from Sluice.Testing's Fuzz):
//   dotnet run build/faults.cs -- schedules                      a million random schedules; also with --count and --seed
//   dotnet run build/faults.cs -- sources                        10,000 broken variants of samples, fixtures and help pages
//   dotnet run build/faults.cs -- housekeeping                   20 rounds of publishes and cleanings of one store at once, some of them killed
//   dotnet run build/faults.cs -- requests                       100 rounds of hostile requests to the embedded server
//   dotnet run build/faults.cs -- applies                        every request of an apply with every fault, and publishes killed at each request
//   dotnet run build/faults.cs -- merge                          50 deployments edited at random in code and on the server; prune and files are alike
//   dotnet run build/faults.cs -- fuzz                           all of them; writes docs/fuzz.md
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

int count = Number("--count", 100);
int seed = Number("--seed", Random.Shared.Next());
string[] parts = [.. args.Where((word, at) => !word.StartsWith("--", StringComparison.Ordinal) && (at == 0 || !args[at - 1].StartsWith("--", StringComparison.Ordinal)))];
string root = FindRoot();
// Random tests: the part's name, the test project and class that hold them, how many inputs they get, and what must hold.
(string Part, string Project, string Class, int Count, string Holds)[] fuzz =
[
    ("schedules", "Sluice.Schedules.Tests", "Sluice.Schedules.Tests.FuzzTests", 1_000_000, "random and mutated schedules of each kind in all zones: an answer or an error with its place, never an exception or a hang"),
    ("sources", "Sluice.Generators.Tests", "Sluice.Generators.Tests.SourceFuzzTests", 10_000, "samples, fixtures and help pages with random deletions and insertions: generator, analyzers and code fixes never throw"),
    ("parameters", "Sluice.Generators.Tests", "Sluice.Generators.Tests.AgreementFuzzTests", 100_000, "valid and mutated JSON of every type and constraint: binder, Sluice.Schemas and python3-jsonschema agree"),
    ("housekeeping", "Sluice.Storage.Tests", "Sluice.Storage.Tests.Housekeeping.CleaningRaceTests", 20, "rounds of publishes and cleanings of one store in five processes, of which two are killed: no visible package ever misses a blob"),
    ("requests", "Sluice.Server.Tests", "Sluice.Server.Tests.Security.InjectionTests", 100, "rounds of hostile texts in every place of every operation of the embedded server: never an error inside, nothing of the inside told, the database whole"),
    ("schema-changes", "Sluice.Schemas.Tests", "Sluice.Schemas.Tests.ComparisonTests", 100_000, "pairs of schemas: what is called harmless refuses no value that was accepted before"),
    ("applies", "Sluice.Orchestration.Tests", "Sluice.Orchestration.Tests.Http.ApplyFaultTests", 600, "applies to servers of both Prefect generations, each request cut, stalled, refused or the last of a dead client: all is as it was, or as it was to be"),
    ("applies", "Sluice.Deploy.Tests", "Sluice.Deploy.Tests.Journal.JournalTests.Killed_at_any_request_a_publish_is_old_or_new_after_recovery", 60, "publishes to servers of both Prefect generations, killed at each request in turn: old or new after recovery"),
    ("merge", "Sluice.Deploy.Tests", "Sluice.Deploy.Tests.Planning.MergePropertyTests", 50, "deployments edited at random on both sides, on every server: what people changed stays, and after an apply the plan is empty"),
    ("prune", "Sluice.Deploy.Tests", "Sluice.Deploy.Tests.Ownership.PruneTests.Nothing_that_somebody_else_made_is_ever_pruned", 50, "mixtures of what people, apps and environments made, on every server: only what the app's publishes created there is pruned"),
    ("files", "Sluice.Deploy.Tests", "Sluice.Deploy.Tests.Files.FileFuzzTests", 2_000, "files of deployments with random edits: faults with their place or files, and all are applied or none"),
];
string[] kills = ["publish", "worker", "server"];
string[] known = [.. kills, .. fuzz.Select(row => row.Part), "fuzz"];
if (parts.Except(known).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"Unknown part '{unknown}'; there are {string.Join(", ", known)}.");
    return 2;
}
bool all = parts.Contains("fuzz");
var fuzzed = new StringBuilder();
foreach (var (part, project, tests, usual, holds) in fuzz.Where(row => all || parts.Contains(row.Part)))
{
    int inputs = Number("--count", usual);
    if (FuzzPart(part, project, tests, inputs) is not 0 and var failed)
        return failed;
    fuzzed.Append(CultureInfo.InvariantCulture, $"| {part} | {inputs:N0} | {holds} | 0 |\n");
}
if (all && !args.Contains("--count"))
{
    File.WriteAllText(Path.Combine(root, "docs", "fuzz.md"), string.Create(CultureInfo.InvariantCulture,
        $"# Random inputs\n\nWhat `dotnet run build/faults.cs -- fuzz` tried. Seed {seed}; {DateTime.UtcNow:yyyy-MM-dd}. CI tries a seeded share of each.\n\n| part | inputs | what must hold | failures |\n|---|---|---|---|\n{fuzzed}"));
}
if (parts.Length > 0 && !parts.Intersect(kills).Any())
    return 0;

string tool = Path.Combine(root, "src", "Sluice.Cli", "bin", "Release", "net10.0", "sluice.dll");
string work = Directory.CreateTempSubdirectory("sluice-faults-").FullName;
string published = Path.Combine(work, "published");
var problems = new List<string>();
var report = new List<string>();
try
{
    if (Run("dotnet", ["publish", Path.Combine(root, "tests", "Fixtures", "Ticker"), "-p:SluiceDeploy=false", "-o", published, "-v", "q", "-nologo"], work) != 0)
        return 1;
    Console.WriteLine($"seed {seed}, {count} kills each");
    if (parts.Length == 0 || parts.Contains("publish"))
        await KillPublishAsync();
    if (parts.Length == 0 || parts.Contains("worker"))
        await KillWhileTickingAsync("worker");
    if (parts.Length == 0 || parts.Contains("server"))
        await KillWhileTickingAsync("server");
}
finally
{
    Directory.Delete(work, recursive: true);
}

foreach (string line in report)
    Console.WriteLine(line);
foreach (string problem in problems)
    Console.Error.WriteLine($"BROKEN: {problem}");
if (parts.Length == 0 && count >= 100 && problems.Count == 0)
    WriteReport();
return problems.Count == 0 ? 0 : 1;

// Deploys a package of random content again and again and kills the tool at a random moment: the live deployment must be the one before or the
// one after, with a package that is whole, and no manifest may be visible whose blobs are not all there.
async Task KillPublishAsync()
{
    var random = new Random(seed);
    string home = Path.Combine(work, "publish-home");
    string request = Path.Combine(work, "request.json");
    WriteContent(random, 0);
    var whole = Stopwatch.StartNew();
    if (Run("dotnet", ["exec", tool, "deploy", "--request", request], home, quiet: true) != 0)
        throw new InvalidOperationException("The first deploy, which nobody killed, failed.");
    TimeSpan full = whole.Elapsed;

    string live = "0";
    int old = 0, made = 0, ended = 0;
    var checkedManifests = new HashSet<string>();
    for (int kill = 1; kill <= count; kill++)
    {
        WriteContent(random, kill);
        using Process deploy = Start("dotnet", ["exec", tool, "deploy", "--request", request], home);
        // From the first moments to a little after the end, so that every phase is hit.
        if (!deploy.WaitForExit(full * random.NextDouble() * 1.15))
            deploy.Kill();
        else
            ended++;
        deploy.WaitForExit();

        JsonElement deployment = Json(home, "deployment", "inspect", "Tick/each-second", "--output", "json");
        string version = deployment.GetProperty("version").GetString()!;
        string next = kill.ToString(CultureInfo.InvariantCulture);
        if (version != live && version != next)
            problems.Add($"publish, kill {kill}: the live deployment is version {version}, neither {live} nor {next}");
        old += version == live ? 1 : 0;
        made += version == next ? 1 : 0;
        live = version;

        string package = deployment.GetProperty("job_variables").GetProperty("env").GetProperty("SLUICE_PACKAGE").GetString()!;
        string digest = package[(package.LastIndexOf('=') + 1)..];
        string manifestFile = Path.Combine(new Uri(package[..package.IndexOf('#')]).LocalPath, "manifest.json");
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(manifestFile));
        if (manifest.RootElement.GetProperty("digest").GetString() != digest || manifest.RootElement.GetProperty("version").GetString() != version)
            problems.Add($"publish, kill {kill}: the deployment is version {version} with digest {digest}, its package is not");
        foreach (string visible in Directory.EnumerateFiles(Path.Combine(home, "storage"), "manifest.json", SearchOption.AllDirectories).Where(checkedManifests.Add))
            CheckWhole(visible, home);
    }
    report.Add($"| publish | {count} | {old} left the old deployment, {made} the new one ({ended} had ended before the kill) | {checkedManifests.Count} visible packages, each whole; 0 half-applied |");
    await Task.CompletedTask;

    void WriteContent(Random content, int version)
    {
        byte[] bytes = new byte[64 * 1024];
        for (int file = 0; file < 16; file++)
        {
            content.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(published, $"payload-{file}.bin"), bytes);
        }
        File.WriteAllText(request, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["assembly"] = Path.Combine(published, "Ticker.dll"),
            ["publish_dir"] = published,
            ["target_framework"] = "net10.0",
            ["deployment_mode"] = "framework-dependent",
            ["version"] = version.ToString(CultureInfo.InvariantCulture),
            ["deployment_version"] = version.ToString(CultureInfo.InvariantCulture),
        }));
    }
}

void CheckWhole(string manifestFile, string home)
{
    using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(manifestFile));
    foreach (JsonElement file in manifest.RootElement.GetProperty("files").EnumerateArray())
    {
        string digest = file.GetProperty("sha256").GetString()!;
        string blob = Path.Combine(home, "storage", "blobs", "sha256", digest[..2], digest);
        if (!File.Exists(blob) || Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(blob))) != digest)
            problems.Add($"publish: {manifestFile} is visible, but its blob {digest} is missing or damaged");
    }
}

// Lets a flow that is due each second run, and kills worker or server again and again (for the worker: with its running flows in every second case).
// Afterwards every second has exactly one run, every run has ended, and no run was executed twice unless its own count says so.
async Task KillWhileTickingAsync(string victim)
{
    var random = new Random(seed);
    string home = Path.Combine(work, victim + "-home");
    string marks = Directory.CreateDirectory(Path.Combine(work, victim + "-marks")).FullName;
    if (Run("dotnet", ["exec", tool, "deploy", "--assembly", Path.Combine(published, "Ticker.dll"), "--publish-dir", published], home, quiet: true) != 0)
        throw new InvalidOperationException("Deploying the ticker failed.");

    Process server = StartServer(0, out int port);
    var api = new HttpOrchestrationApi(new ApiEndpoint($"http://127.0.0.1:{port}/api"));
    Deployment ticker = (await api.FindDeploymentAsync("Tick", "each-second", CancellationToken.None))!;
    await api.UpdateDeploymentAsync(ticker.Id, new DeploymentUpdate
    {
        Parameters = new Dictionary<string, JsonElement> { ["folder"] = JsonSerializer.SerializeToElement(marks) },
    }, CancellationToken.None);
    Process worker = StartWorker(port);
    DateTimeOffset first = DateTimeOffset.UtcNow.AddSeconds(5);
    await Task.Delay(TimeSpan.FromSeconds(6));

    int children = 0;
    for (int kill = 1; kill <= count; kill++)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 2500)));
        if (victim == "worker")
        {
            int[] flows = random.Next(2) == 0 ? ChildrenOf(worker.Id) : [];
            worker.Kill();
            worker.WaitForExit();
            foreach (int flow in flows)
                children += TryKill(flow) ? 1 : 0;
            worker = StartWorker(port);
        }
        else
        {
            server.Kill();
            server.WaitForExit();
            server = StartServer(port, out _);
        }
    }

    await Task.Delay(TimeSpan.FromSeconds(3));
    DateTimeOffset last = DateTimeOffset.UtcNow.AddSeconds(-2);

    // What was due ends by itself, or by its lease: bounded, and the bound is the check. The schedule goes on meanwhile: pausing it would delete
    // due runs that no worker has taken yet.
    IReadOnlyList<FlowRun> runs = [];
    for (var waiting = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromSeconds(1)))
    {
        runs = [.. (await AllRunsAsync(api, ticker.Id)).Where(run => run.ExpectedStartTime <= last)];
        if (runs.All(run => run.StateType!.Value.IsFinal()) || waiting.Elapsed > TimeSpan.FromMinutes(3))
            break;
    }
    Stop(worker);
    Stop(server);

    foreach (FlowRun run in runs.Where(run => !run.StateType!.Value.IsFinal()))
        problems.Add($"{victim}: run {run.Name} of {run.ExpectedStartTime:O} is still {run.StateName}");
    var byDue = runs.GroupBy(run => run.ExpectedStartTime!.Value).ToDictionary(group => group.Key, group => group.Count());
    foreach (var (due, times) in byDue.Where(pair => pair.Value != 1))
        problems.Add($"{victim}: {times} runs are due at {due:O}");
    int seconds = 0;
    for (DateTimeOffset due = WholeSecond(first); due <= last; due = due.AddSeconds(1), seconds++)
        if (!byDue.ContainsKey(due))
            problems.Add($"{victim}: no run is due at {due:O}");
    ILookup<Guid, string> executions = Directory.EnumerateFiles(marks).ToLookup(path => Guid.Parse(Path.GetFileName(path).Split('.')[0]), path => path);
    foreach (FlowRun run in runs)
    {
        int executed = executions[run.Id].Count();
        if (executed > Math.Max(1, run.RunCount))
            problems.Add($"{victim}: run {run.Name} was executed {executed} times, and its count says {run.RunCount}");
        // The first runs may have begun before the folder was named; they leave no file.
        if (run.StateType == StateType.Completed && run.Parameters.ContainsKey("folder") && !executions[run.Id].Any(path => File.ReadAllText(path).Contains("ended", StringComparison.Ordinal)))
            problems.Add($"{victim}: run {run.Name} is Completed, but its flow never ended");
    }
    string states = string.Join(", ", runs.GroupBy(run => run.StateName).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}"));
    report.Add($"| {victim} | {count}{(victim == "worker" ? $" (and {children} flow processes)" : "")} | {seconds} seconds due, {runs.Count} runs: {states} | each second exactly one run; 0 left unfinished; 0 executed twice unnoticed |");
    await api.DisposeAsync();

    Process StartServer(int wanted, out int listening)
    {
        string record = Path.Combine(home, "server.json");
        File.Delete(record);
        Process started = Start("dotnet", ["exec", tool, "server", "start", "--port", wanted.ToString(CultureInfo.InvariantCulture)], home);
        var bound = Stopwatch.StartNew();
        while (!File.Exists(record))
        {
            if (started.HasExited || bound.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"The server did not start: {(started.HasExited ? $"exit code {started.ExitCode}" : "no server.json")}");
            Thread.Sleep(20);
        }
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(record));
        listening = new Uri(json.RootElement.GetProperty("url").GetString()!).Port;
        return started;
    }

    Process StartWorker(int api) =>
        Start("dotnet", ["exec", tool, "worker", "start", "-p", "default-agent-pool", "-q", "default", "--name", "victim"], home, ("PREFECT_API_URL", $"http://127.0.0.1:{api}/api"));
}

static async Task<IReadOnlyList<FlowRun>> AllRunsAsync(HttpOrchestrationApi api, Guid deployment)
{
    var all = new List<FlowRun>();
    while (true)
    {
        IReadOnlyList<FlowRun> page = await api.ListFlowRunsAsync(new FlowRunsQuery
        {
            FlowRuns = new FlowRunFilter { DeploymentId = new IdFilter { Any = [deployment] } },
            Sort = "EXPECTED_START_TIME_ASC",
            Limit = 200,
            Offset = all.Count,
        }, CancellationToken.None);
        all.AddRange(page);
        if (page.Count < 200)
            return all;
    }
}

void WriteReport()
{
    var text = new StringBuilder();
    text.Append("# Faults\n\nWhat `dotnet run build/faults.cs` found: publish, worker and server killed with SIGKILL at random moments.\n");
    text.Append(CultureInfo.InvariantCulture, $"Seed {seed}; {Environment.ProcessorCount} cores; {DateTime.UtcNow:yyyy-MM-dd}. CI runs ten of each with a fixed seed.\n\n");
    text.Append("| killed | times | afterwards | checked |\n|---|---|---|---|\n");
    foreach (string line in report)
        text.Append(line).Append('\n');
    text.Append("\nA run whose worker and flow process were both killed ends as Crashed when its lease of 30 seconds runs out. A flow process whose worker was\nkilled goes on and reports by itself.\n");
    File.WriteAllText(Path.Combine(root, "docs", "faults.md"), text.ToString());
}

static DateTimeOffset WholeSecond(DateTimeOffset time) => new(time.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

int FuzzPart(string part, string project, string tests, int inputs)
{
    Console.WriteLine($"{part}: {inputs} inputs, seed {seed}");
    string folder = Path.Combine(root, "tests", project);
    if (Run("dotnet", ["build", folder, "-c", "Release", "-v", "q", "-nologo"], root) is not 0 and var build)
        return build;
    var start = new ProcessStartInfo(Path.Combine(folder, "bin", "Release", "net10.0", project + (OperatingSystem.IsWindows() ? ".exe" : "")), [tests.Contains('_') ? "-method" : "-class", tests, "-noColor", "-showLiveOutput"]) { UseShellExecute = false };
    start.Environment["SLUICE_FUZZ_COUNT"] = inputs.ToString(CultureInfo.InvariantCulture);
    start.Environment["SLUICE_FUZZ_SEED"] = seed.ToString(CultureInfo.InvariantCulture);
    using Process process = Process.Start(start)!;
    process.WaitForExit();
    return process.ExitCode;
}

JsonElement Json(string home, params string[] arguments)
{
    using Process process = Start("dotnet", ["exec", tool, .. arguments], home, captured: true);
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"sluice {string.Join(' ', arguments)} ended with {process.ExitCode}");
    return JsonDocument.Parse(output).RootElement.Clone();
}

int Run(string program, string[] arguments, string home, bool quiet = false)
{
    using Process process = Start(program, arguments, home, captured: quiet);
    string output = quiet ? process.StandardOutput.ReadToEnd() : "";
    process.WaitForExit();
    if (process.ExitCode != 0)
        Console.Error.Write(output);
    return process.ExitCode;
}

Process Start(string program, string[] arguments, string home, (string Name, string Value)? variable = null, bool captured = false)
{
    // Server and worker talk about every kill; what counts is checked afterwards.
    bool silent = variable is not null || arguments.Contains("server");
    var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = captured || silent, RedirectStandardError = silent };
    start.Environment["SLUICE_HOME"] = home;
    start.Environment.Remove("CI");
    start.Environment.Remove("PREFECT_API_URL");
    if (variable is { } extra)
        start.Environment[extra.Name] = extra.Value;
    Process process = Process.Start(start)!;
    if (silent)
    {
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }
    return process;
}

static void Stop(Process process)
{
    if (!process.HasExited)
        process.Kill(entireProcessTree: true);
    process.WaitForExit();
}

static int[] ChildrenOf(int parent) => [.. Directory.EnumerateDirectories("/proc")
    .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0)
    .Where(id => id > 0 && ParentOf(id) == parent)];

static int ParentOf(int process)
{
    try
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }
    catch (IOException)
    {
        return 0; // It ended while being looked at.
    }
}

static bool TryKill(int process)
{
    try
    {
        using Process flow = Process.GetProcessById(process);
        flow.Kill();
        return true;
    }
    catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
    {
        return false; // It ended first.
    }
}

int Number(string option, int otherwise)
{
    int at = Array.IndexOf(args, option);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}

static string FindRoot()
{
    for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "Generators.sln")))
            return folder.FullName;
    throw new InvalidOperationException("Run this inside the repository.");
}
