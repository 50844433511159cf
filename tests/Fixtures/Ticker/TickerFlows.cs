using Sluice;

namespace Ticker;

/// <summary>Something short that is due all the time.</summary>
public static class TickerFlows
{
    /// <summary>Writes a file named by run and execution, works for a while, and adds that it ended.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="milliseconds">How long it works.</param>
    /// <param name="context">The run.</param>
    /// <param name="cancellation">Ends the work.</param>
    [Flow("Tick")]
    [Deployment("each-second", Cron = "* * * * * *")]
    public static async Task TickAsync(FlowContext context, string folder = "", int milliseconds = 100, CancellationToken cancellation = default)
    {
        if (folder.Length == 0)
            return;
        string file = Path.Combine(folder, $"{context.FlowRunId}.{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, "started\n", cancellation);
        await Task.Delay(milliseconds, cancellation);
        await File.AppendAllTextAsync(file, "ended\n", cancellation);
    }
}
