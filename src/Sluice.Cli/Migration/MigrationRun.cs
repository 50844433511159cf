using System.Globalization;
using Sluice.Deploy.Journal;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Carries a plan out. What the target refuses is told and left; what ends it all can be taken up by planning again.</summary>
internal sealed class MigrationRun(JournaledChanges target, bool inBatches, Action<string> progress)
{
    /// <summary>How many deployments a Sluice server takes in one transaction here: few enough for a body, and for a writer that waits.</summary>
    private const int BatchSize = 20;

    /// <summary>The app of deployments at the target that no publish made, for their journal.</summary>
    private const string App = "migrate";

    private int _done;

    /// <summary>Writes what the plan says and answers its items with what failed.</summary>
    public async Task<IReadOnlyList<MigrationItem>> RunAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        int writes = plan.Items.Count(item => item.IsWrite);
        var outcomes = new List<MigrationItem>(plan.Items.Count);
        try
        {
            for (int i = 0; i < plan.Items.Count;)
            {
                MigrationItem item = plan.Items[i];
                MigrationItem[] batch = item.Apply is null || !inBatches ? [item] : [.. plan.Items.Skip(i).TakeWhile(next => next.Apply is not null).Take(BatchSize)];
                if (item.IsWrite)
                    progress(string.Create(CultureInfo.InvariantCulture, $"Copying {_done + 1} of {writes}: {item.Kind} {item.Name}"));
                outcomes.AddRange(await WriteAsync(batch, cancellationToken));
                i += batch.Length;
            }
            return outcomes;
        }
        catch (OrchestrationException e)
        {
            throw new CliException(
                string.Create(CultureInfo.InvariantCulture, $"stopped after {_done} of {writes}: {e.Message.TrimEnd('.')}. The same command goes on from there"), ExitCodes.Failed, e);
        }
    }

    private async Task<IReadOnlyList<MigrationItem>> WriteAsync(MigrationItem[] batch, CancellationToken cancellationToken)
    {
        if (batch.Length > 1)
        {
            try
            {
                await ApplyAsync(batch, cancellationToken);
                _done += batch.Length;
                return batch;
            }
            catch (OrchestrationException e) when (IsRefusal(e))
            {
                // One of them: each by itself shows which.
            }
        }
        var outcomes = new List<MigrationItem>(batch.Length);
        foreach (MigrationItem item in batch)
        {
            try
            {
                if (item.Apply is not null)
                    await ApplyAsync([item], cancellationToken);
                else if (item.Write is { } write)
                    await write(cancellationToken);
                outcomes.Add(item);
                _done += item.IsWrite ? 1 : 0;
            }
            catch (OrchestrationException e) when (IsRefusal(e))
            {
                outcomes.Add(item with { Error = e.Message });
            }
        }
        return outcomes;
    }

    // Whose a deployment is at the target says whose publishes are waited for. What was seen is not held against what is there: copying pools and queues changes it.
    private Task ApplyAsync(MigrationItem[] items, CancellationToken cancellationToken) =>
        target.ApplyAsync(new() { Deployments = [.. items.Select(item => item.Apply!)] }, items.Select(item => item.Live).OfType<Deployment>(), App, cancellationToken);

    /// <summary>About this object, and not about the server.</summary>
    private static bool IsRefusal(OrchestrationException e) =>
        e.Kind is OrchestrationErrorKind.Invalid or OrchestrationErrorKind.Conflict or OrchestrationErrorKind.NotFound
            or OrchestrationErrorKind.Forbidden or OrchestrationErrorKind.Unsupported;
}
