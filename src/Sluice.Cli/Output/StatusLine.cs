namespace Sluice.Cli.Output;

/// <summary>
/// A line on standard error that tells what is waited for and how long already. It appears after a second, on a terminal only, and is gone without a
/// trace when disposed. Nothing else may write meanwhile.
/// </summary>
internal sealed class StatusLine : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _drawing;

    private StatusLine(Screen screen, Func<string> text, TimeProvider time) =>
        _drawing = screen.ErrorIsTerminal ? DrawAsync(screen, text, time) : Task.CompletedTask;

    public static StatusLine Start(Screen screen, Func<string> text, TimeProvider time) => new(screen, text, time);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private async Task DrawAsync(Screen screen, Func<string> text, TimeProvider time)
    {
        int drawn = 0;
        try
        {
            while (true)
            {
                await Task.Delay(Step, time, _end.Token);
                string line = text();
                if (line.Length > screen.ErrorWidth - 1)
                    line = line[..(screen.ErrorWidth - 1)];
                await screen.Error.WriteAsync($"\r{line.PadRight(drawn)}");
                drawn = line.Length;
            }
        }
        catch (OperationCanceledException)
        {
            if (drawn > 0)
                await screen.Error.WriteAsync($"\r{new string(' ', drawn)}\r");
        }
    }
}
