using System.Globalization;
using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>The limit of runs at once on a Prefect 2 server, which has it for queues: <c>deployment build --limit --apply</c> sets it as Prefect's own command does.</summary>
/// <remarks>After the deployments are applied: what fails before leaves the queues as they were, and what fails here is done by the same command again.</remarks>
internal static class QueueLimits
{
    private const string DefaultQueue = "default";

    /// <summary>Limits the queues of deployments that were applied.</summary>
    /// <param name="planned">The deployments.</param>
    /// <param name="limit">How many runs of a queue may be pending or running at once.</param>
    /// <param name="api">A Prefect 2 server.</param>
    /// <param name="output">Takes a line for each queue whose limit was another one.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="DeployException">A queue could not be limited.</exception>
    public static async Task SetAsync(IEnumerable<PlannedDeployment> planned, int limit, IOrchestrationApi api, TextWriter output, CancellationToken cancellationToken)
    {
        var queues = new HashSet<(string Pool, string Queue)>();
        foreach (PlannedDeployment one in planned)
        {
            // Where it is by now: a server fills in the pool and the queue that nobody said.
            if (await api.FindDeploymentAsync(one.Flow.Name, one.Declared.Name, cancellationToken).ConfigureAwait(false) is { } live)
                queues.Add((live.WorkPoolName ?? DeploymentDesign.DefaultPool, live.WorkQueueName ?? DefaultQueue));
        }
        foreach ((string pool, string queue) in queues.Order())
        {
            try
            {
                WorkQueue? there = await api.FindWorkQueueAsync(pool, queue, cancellationToken).ConfigureAwait(false);
                if (there?.ConcurrencyLimit == limit)
                    continue;
                await api.UpdateWorkQueueAsync(pool, queue, new() { ConcurrencyLimit = limit }, cancellationToken).ConfigureAwait(false);
                string before = there?.ConcurrencyLimit is { } old ? string.Create(CultureInfo.InvariantCulture, $"; it was {old}") : "";
                output.WriteLine(PlainLine.Of(string.Create(CultureInfo.InvariantCulture, $"The queue '{queue}' of the work pool '{pool}' starts at most {limit} runs at once, of all its deployments{before}.")));
            }
            catch (OrchestrationException e)
            {
                throw new DeployException((DeployCodes.Prefect2ConcurrencyLimit,
                    $"The deployment is applied, but its queue '{queue}' of the work pool '{pool}' could not be limited ({e.Message.TrimEnd('.')}): run the same command again, or limit the queue on the server's pages."));
            }
        }
    }
}
