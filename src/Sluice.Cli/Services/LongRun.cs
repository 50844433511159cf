namespace Sluice.Cli.Services;

/// <summary>Runs what goes on until the user ends it.</summary>
internal static class LongRun
{
    /// <summary>Runs all services until a signal, which is their normal end. When one fails, the others are stopped and its failure is thrown.</summary>
    public static async Task<int> UntilStoppedAsync(Signals signals, IReadOnlyList<Func<CancellationToken, CancellationToken, Task>> services)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        Task[] running = [.. services.Select(service => Task.Run(() => RunAsync(service), CancellationToken.None))];
        await Task.WhenAll(running);
        return ExitCodes.Ok;

        async Task RunAsync(Func<CancellationToken, CancellationToken, Task> service)
        {
            try
            {
                await service(stop.Token, signals.Abort);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The normal end.
            }
            finally
            {
                await stop.CancelAsync();
            }
        }
    }
}
