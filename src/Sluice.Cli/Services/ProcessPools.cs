using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Services;

/// <summary>Serves every pool whose runs are processes, those created later too.</summary>
internal sealed class ProcessPools(Invocation call, IOrchestrationApi api, ChildApi children, int? limit)
{
    private readonly Dictionary<string, Task> _workers = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        long change = (await api.GetInfoAsync(stop)).Change;
        try
        {
            while (true)
            {
                List<WorkPool> pools = await Pages.AllAsync(offset => api.ListWorkPoolsAsync(new() { Limit = Pages.Size, Offset = offset }, stop));
                foreach (WorkPool pool in pools.Where(pool => OwnWorker.PoolTypes.Contains(pool.Type) && !IsServed(pool.Name)))
                {
                    var served = new ServedPool(pool.Name, [], limit, $"dev {ServedPool.DefaultName()}") { SharesDisk = true };
                    call.Screen.Line($"Worker: {served}");
                    _workers[pool.Name] = Task.Run(() => served.RunAsync(call, api, children, stop, abort), CancellationToken.None);
                }
                // A worker that failed ends it all: dev without its worker would silently run nothing.
                foreach (Task failed in _workers.Values.Where(worker => worker.IsFaulted))
                    await failed;
                change = await api.WaitForChangeAsync(change, TimeSpan.FromMinutes(1), stop);
            }
        }
        finally
        {
            await Task.WhenAll(_workers.Values);
        }
    }

    private bool IsServed(string pool) => _workers.TryGetValue(pool, out Task? worker) && !worker.IsCompletedSuccessfully;
}
