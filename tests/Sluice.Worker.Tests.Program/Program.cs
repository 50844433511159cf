using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Storage;
using Sluice.Worker;

// What a worker's child can be, by its first argument (or TESTFLOW, for packages): every kind of flow that a worker has to cope with, and a worker
// of its own process. Speaks to the API as any flow program does.
string[] words = args.Length > 0 ? args : (Environment.GetEnvironmentVariable("TESTFLOW") ?? "ok").Split(' ');
string Argument(int index) => words[index];
if (words[0] == "server")
    return await ServeAsync(new(Argument(1)), int.Parse(Argument(2), CultureInfo.InvariantCulture), Argument(3));
await using var api = new HttpOrchestrationApi(ApiEndpoint.FromEnvironment() ?? throw new InvalidOperationException("PREFECT_API_URL is not set"))
{
    Attempt = Guid.TryParse(Environment.GetEnvironmentVariable("SLUICE_ATTEMPT"), out Guid attempt) ? (RunId(), attempt) : null,
};
switch (words[0])
{
    case "ok":
        await BeginAsync();
        Console.WriteLine("first line");
        Console.Error.WriteLine("a warning");
        return await EndAsync(StateType.Completed, 0);

    case "environment":
        await BeginAsync();
        foreach (string name in words[1..])
            Console.WriteLine($"{name}={Environment.GetEnvironmentVariable(name) ?? "(unset)"}");
        Console.WriteLine($"folder={Environment.CurrentDirectory}");
        return await EndAsync(StateType.Completed, 0);

    case "env":
        await BeginAsync();
        await File.WriteAllTextAsync(Argument(1), JsonSerializer.Serialize(
            Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value)));
        return await EndAsync(StateType.Completed, 0);

    case "fail":
        await BeginAsync();
        return await EndAsync(StateType.Failed, 1);

    case "exit":
        return int.Parse(Argument(1), CultureInfo.InvariantCulture);

    case "die":
        await BeginAsync();
        return int.Parse(Argument(1), CultureInfo.InvariantCulture);

    case "retry-silently":
        await api.UpdateFlowRunAsync(RunId(), new() { EmpiricalPolicy = new() { Retries = 1, RetryDelay = 600 } }, default);
        await BeginAsync();
        return await EndAsync(StateType.Failed, 0);

    // Runs until the file exists; SIGTERM ends it unreported.
    case "until":
        await BeginAsync();
        Console.WriteLine("begun");
        using (Renewing())
        {
            while (!File.Exists(Argument(1)))
                await Task.Delay(20);
        }

        return await EndAsync(StateType.Completed, 0);

    // As until, and asks to be scheduled again when it crashes.
    case "until-again":
        await BeginAsync(crashRetries: 1);
        Console.WriteLine("begun");
        using (Renewing())
        {
            while (!File.Exists(Argument(1)))
                await Task.Delay(20);
        }

        return await EndAsync(StateType.Completed, 0);

    // Says that its process is there, and reports nothing before the file exists. What it was answered then is in a file of its process.
    case "begin-late":
        await File.WriteAllTextAsync($"{Argument(1)}.{Environment.ProcessId}", "waits");
        while (!File.Exists(Argument(1)))
            await Task.Delay(20);
        OrchestrationResult late = await api.SetFlowRunStateAsync(RunId(), new() { Type = StateType.Running }, new() { Attempt = Attempt() }, default);
        if (late.Status == SetStateStatus.Accept)
            await EndAsync(StateType.Completed, 0);
        await File.WriteAllTextAsync($"{Argument(1)}.{Environment.ProcessId}", late.Status.ToString());
        return 0;

    // Writes down that it ran.
    case "count":
        await BeginAsync();
        using (Renewing())
            await File.AppendAllTextAsync(Path.Combine(Argument(1), $"{RunId()}"), "ran\n");
        return await EndAsync(StateType.Completed, 0);

    // Ignores SIGTERM, and so does its child, whose output is its own.
    case "stubborn":
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true))
        {
            if (words.Length == 1)
            {
                await BeginAsync();
                using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["stubborn", "child"]))!;
                Console.WriteLine($"child {child.Id}");
            }

            await Task.Delay(Timeout.Infinite);
        }

        return 0;

    case "noise":
        await BeginAsync();
        string line = new('x', 99);
        for (long lines = long.Parse(Argument(1), CultureInfo.InvariantCulture) * 10_000; lines > 0; lines--)
            Console.Out.WriteLine(line);
        Console.Out.Flush();
        return await EndAsync(StateType.Completed, 0);

    // A worker in a process of its own, which a test can kill.
    case "worker":
        await new FlowWorker(
            api,
            new()
            {
                Name = Argument(2),
                Pool = Argument(1),
                ApiUrl = new(api.Endpoint.Url),
                Home = SluiceHome.FromEnvironment(),
                Log = Console.Error.WriteLine,
                Lease = TimeSpan.FromSeconds(6),
                Limit = words.Length > 3 ? int.Parse(Argument(3), CultureInfo.InvariantCulture) : null,
            },
            TimeProvider.System).RunAsync(CancellationToken.None, CancellationToken.None);
        return 0;

    // What a worker of Prefect starts for the run that the environment names.
    case "execute":
        return await new FlowRunExecution(api, SluiceHome.FromEnvironment(), new(api.Endpoint.Url), StorageSources.Environment, TimeProvider.System)
            .RunAsync(RunId(), Environment.GetEnvironmentVariable("SLUICE_PACKAGE")!, CancellationToken.None);

    default:
        throw new ArgumentException($"There is no mode '{words[0]}'.");
}

// A server with its services, until it is killed.
static async Task<int> ServeAsync(SluiceHome home, int port, string token)
{
    await using IOrchestrationApi store = await EmbeddedApi.OpenAsync(home, TimeProvider.System, default);
    await using ApiHost host = await ApiHost.StartAsync(store, new() { Port = port, Token = token }, default);
    Console.WriteLine("serving");
    await new ServerServices(store, TimeProvider.System, Console.Error.WriteLine).RunAsync(default);
    return 0;
}

static Guid? Attempt() => Guid.TryParse(Environment.GetEnvironmentVariable("SLUICE_ATTEMPT"), out Guid attempt) ? attempt : null;

static Guid RunId() => Guid.Parse(Environment.GetEnvironmentVariable("PREFECT__FLOW_RUN_ID")!, CultureInfo.InvariantCulture);

async Task BeginAsync(int? crashRetries = null)
{
    while (true)
    {
        OrchestrationResult answer = await api.SetFlowRunStateAsync(RunId(), new() { Type = StateType.Running, StateDetails = new() { TransitionId = Guid.NewGuid() } }, new() { Attempt = Attempt(), CrashRetries = crashRetries }, default);
        if (answer.Status == SetStateStatus.Accept)
            return;
        if (answer.Status != SetStateStatus.Wait)
            throw new InvalidOperationException($"RUNNING was answered {answer.Status}: {answer.Details.Reason}");
        await Task.Delay(TimeSpan.FromSeconds(answer.Details.DelaySeconds!.Value));
    }
}

async Task<int> EndAsync(StateType type, int exitCode)
{
    await api.SetFlowRunStateAsync(RunId(), new() { Type = type, StateDetails = new() { TransitionId = Guid.NewGuid() } }, new() { Attempt = Attempt() }, default);
    return exitCode;
}

Timer Renewing()
{
    TimeSpan lease = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("SLUICE_LEASE_SECONDS")!, CultureInfo.InvariantCulture));
    return new(_ => _ = api.RenewLeasesAsync([RunId()], lease, default), null, TimeSpan.Zero, lease / 3);
}
