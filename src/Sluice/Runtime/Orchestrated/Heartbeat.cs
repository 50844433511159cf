using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>Sends the event by which Prefect 3's automations see that a run is alive. Our own server has leases for that.</summary>
internal static class Heartbeat
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    /// <summary>Sends heartbeats until cancelled; none to servers that do not keep events.</summary>
    public static Task RunAsync(IOrchestrationApi api, FlowRun run, string flowName, TimeSpan period, TimeProvider time, CancellationToken cancellationToken)
    {
        bool? wanted = null;
        return Repeat.EveryAsync(First, period, BeatAsync, "No heartbeat was sent", time, cancellationToken);

        async Task BeatAsync(CancellationToken token)
        {
            if (wanted is null)
            {
                ApiInfo info = await api.GetInfoAsync(token).ConfigureAwait(false);
                wanted = !info.IsSluice && !info.Version.StartsWith("2.", StringComparison.Ordinal);
            }

            if (wanted == true)
            {
                await api.CreateEventsAsync([EventFor(run, flowName, time.GetUtcNow())], token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The event as Prefect's own engine sends it.</summary>
    internal static EventCreate EventFor(FlowRun run, string flowName, DateTimeOffset now)
    {
        List<IReadOnlyDictionary<string, string>> related =
        [
            new Dictionary<string, string>
            {
                ["prefect.resource.id"] = $"prefect.flow.{run.FlowId}",
                ["prefect.resource.role"] = "flow",
                ["prefect.resource.name"] = flowName,
            },
        ];
        if (run.DeploymentId is { } deployment)
        {
            related.Add(new Dictionary<string, string>
            {
                ["prefect.resource.id"] = $"prefect.deployment.{deployment}",
                ["prefect.resource.role"] = "deployment",
            });
        }

        return new()
        {
            Id = Guid.NewGuid(),
            Event = "prefect.flow-run.heartbeat",
            Occurred = now,
            Resource = new Dictionary<string, string>
            {
                ["prefect.resource.id"] = $"prefect.flow-run.{run.Id}",
                ["prefect.resource.name"] = run.Name,
            },
            Related = related,
        };
    }
}
