using System.Globalization;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Commands;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Orchestration;
using Sluice.Worker;

namespace Sluice.Cli.Services;

/// <summary>Runs the deployments that are served, and pauses them at the end.</summary>
internal sealed class ServedPrograms(
    Invocation call, IOrchestrationApi api, ChildApi children, IReadOnlyList<(ServedDeployment Deployment, ServedProgram Program)> served, int? limit)
{
    /// <summary>How long pausing may take, for a server that does not answer.</summary>
    private static readonly TimeSpan s_pausing = TimeSpan.FromSeconds(15);

    /// <summary>And how long after a second Ctrl+C.</summary>
    private static readonly TimeSpan s_hurry = TimeSpan.FromSeconds(3);

    /// <summary>Whether the deployments are paused when it stops.</summary>
    public bool Pauses { get; init; } = true;

    /// <summary>Where the API is, for people.</summary>
    public required string Where { get; init; }

    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        var worker = new FlowWorker(
            api,
            new()
            {
                Name = $"serve {ServedPool.DefaultName()}",
                Served = served.ToDictionary(one => one.Deployment.Id, one => one.Program),
                Limit = limit,
                ApiUrl = children.Url,
                ChildEnvironment = children.Environment,
                Home = call.Home,
                Sources = ServerSources.Of(api),
                Serving = TellServing,
                Log = line => call.Screen.Note($"{call.Time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {line}"),
            },
            call.Time);
        Task working = worker.RunAsync(stop, abort);
        var stopped = new TaskCompletionSource();
        await using (stop.Register(stopped.SetResult))
            await Task.WhenAny(working, stopped.Task);
        try
        {
            // While running flows come to their end: nothing new is to be scheduled.
            await PauseAsync(abort);
        }
        finally
        {
            await working;
        }
    }

    private void TellServing()
    {
        call.Screen.Line($"Serving {Words.Count(served.Count, "deployment")} of {Where}:");
        foreach ((ServedDeployment deployment, _) in served)
        {
            call.Screen.Line($"  {deployment.FullName}: {(deployment.Paused ? "paused, as its code says"
                : deployment.Schedules > 0 ? Words.Count(deployment.Schedules, "schedule") : $"no schedule; sluice deployment run {Shell.Quote(deployment.FullName)}")}");
        }
        call.Screen.Line($"Ctrl+C stops it: {(Pauses ? "the deployments are paused, and " : "")}running flows are waited for.");
    }

    /// <summary>Pauses what was applied, where that is wanted: nobody serves it any more.</summary>
    public async Task PauseAsync(CancellationToken abort)
    {
        if (!Pauses)
            return;
        using var bound = new CancellationTokenSource(s_pausing);
        await using CancellationTokenRegistration hurry = abort.Register(() => bound.CancelAfter(s_hurry));
        int paused = 0;
        foreach ((ServedDeployment deployment, _) in served.Where(one => !one.Deployment.Paused))
        {
            try
            {
                await api.SetDeploymentPausedAsync(deployment.Id, paused: true, bound.Token);
                paused++;
            }
            catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.NotFound)
            {
                // Deleted meanwhile.
            }
            catch (Exception e) when (e is OrchestrationException or OperationCanceledException)
            {
                call.Screen.Note($"'{deployment.FullName}' could not be paused, and its runs will wait until it is served again: {(e is OrchestrationException ? e.Message : "the server did not answer")}");
            }
        }
        if (paused > 0)
            call.Screen.Note($"Paused {Words.Count(paused, "deployment")}. Serving them again resumes them.");
    }
}
