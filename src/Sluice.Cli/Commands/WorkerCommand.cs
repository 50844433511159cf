using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Runs;
using Sluice.Cli.Services;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>worker start</c>, also <c>agent start</c>.</summary>
internal static class WorkerCommand
{
    public static Command Create(CliContext context)
    {
        Option<string> pool = CommonOptions.Pool();
        var queues = new Option<string[]>("--work-queue", "-q") { Description = "A queue to serve, created when missing; may be repeated. Default: all of the pool.", HelpName = "QUEUE" };
        var limit = new Option<int?>("--limit", "-l") { Description = "How many flows run at once. Default: no limit.", HelpName = "N" };
        var name = new Option<string>("--name", "-n") { Description = "The worker's name, unique in its pool. Default: machine and process.", HelpName = "NAME", DefaultValueFactory = _ => ServedPool.DefaultName() };
        var labels = new Option<string[]>("--label") { Description = "A label that it states besides what it finds: another host whose packages are on this disk too, or a storage system; may be repeated.", HelpName = "LABEL" };
        var presign = new Option<bool>("--presign") { Description = "Runs pull their package by URLs that the worker signs, and get none of its cloud credentials. Needs a store that signs: S3, Google Cloud Storage or Azure." };
        var create = new Option<bool>("--create-pool") { Description = "Creates the pool when it is missing: of type dotnet, with the template of job variables that sluice workers read." };
        var policy = new PolicyOptions();
        return new Verb(context, "start", "Runs what is due in a pool until Ctrl+C: the first waits for running flows, the second ends them.")
        {
            Examples =
            [
                "sluice worker start",
                "sluice worker start --pool etl --work-queue urgent --work-queue default --limit 4",
                "sluice worker start --allowed-key release.pub --allowed-repository https://git.example/team/flows",
                "sluice worker start --api-url http://127.0.0.1:4200/api --pool dotnet --create-pool",
            ],
        }.With([pool, queues, limit, name, labels, presign, create, .. policy.All]).Checks(call =>
        {
            Numbers.AtLeast(1, limit.Name, call.Get(limit));
            policy.Read(call);
        }).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            WorkPool served = await FindPoolAsync(call, connection.Api, call.Get(pool), call.Get(create), cancellationToken);
            if (!OwnWorker.PoolTypes.Contains(served.Type))
                throw new CliException($"pool '{served.Name}' is of type '{served.Type}', and this worker runs processes: serve the pool with a worker of that type, or name a pool of type dotnet or process");
            foreach (string queue in call.Get(queues) ?? [])
                await EnsureQueueAsync(call, connection.Api, served.Name, queue, cancellationToken);

            await using ChildApi children = await connection.HostForChildrenAsync(cancellationToken);
            var worker = new ServedPool(served.Name, call.Get(queues) ?? [], call.Get(limit), call.Get(name)) { Labels = call.Get(labels) ?? [], SharesDisk = connection.Server is null, Presign = call.Get(presign), Policy = policy.Read(call) };
            // Who reads the line may start runs at once, which look for workers that are online.
            worker = worker with { Serving = () => call.Screen.Line($"Worker '{worker.WorkerName}' serves {worker} of {connection.Where}. Ctrl+C stops it.") };
            var services = new List<Func<CancellationToken, CancellationToken, Task>> { (stop, abort) => worker.RunAsync(call, connection.Api, children, stop, abort) };
            // Without a server somebody has to create the runs that are due.
            if (connection.Server is null)
                services.Add((stop, _) => new Server.ServerServices(connection.Api, call.Time).RunAsync(stop));
            return await LongRun.UntilStoppedAsync(call.Signals, services);
        });
    }

    private static async Task<WorkPool> FindPoolAsync(Invocation call, IOrchestrationApi api, string name, bool create, CancellationToken cancellationToken)
    {
        if (await api.FindWorkPoolAsync(name, cancellationToken) is { } pool)
            return pool;
        // A Prefect server makes this pool with the first deployment that names a queue and no pool; a worker may be there before.
        bool builtIn = name == CommonOptions.DefaultPool;
        if (!create && !builtIn)
            return await Finder.WorkPoolAsync(api, name, cancellationToken);
        try
        {
            pool = await api.CreateWorkPoolAsync(builtIn ? new() { Name = name, Type = "prefect-agent" } : DotnetPool.Create(name), cancellationToken);
            call.Screen.Note($"There was no work pool '{name}': created it, of type {pool.Type}.");
            return pool;
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Conflict)
        {
            // Somebody else created it in this moment.
            return await Finder.WorkPoolAsync(api, name, cancellationToken);
        }
    }

    private static async Task EnsureQueueAsync(Invocation call, IOrchestrationApi api, string pool, string queue, CancellationToken cancellationToken)
    {
        if (await api.FindWorkQueueAsync(pool, queue, cancellationToken) is not null)
            return;
        try
        {
            await api.CreateWorkQueueAsync(pool, new() { Name = queue }, cancellationToken);
            call.Screen.Note($"Pool '{pool}' had no queue '{queue}': created it.");
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Conflict)
        {
            // Somebody else created it in this moment.
        }
    }
}
