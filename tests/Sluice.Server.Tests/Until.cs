namespace Sluice.Server.Tests;

/// <summary>Waits for a condition, with a bound.</summary>
internal static class Until
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(_bound);
        while (!await condition())
        {
            bound.IsCancellationRequested.ShouldBeFalse("the condition did not come true in a minute");
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until a number has not moved for half a second.</summary>
    public static async Task QuietAsync(Func<long> number)
    {
        long last = -1;
        await TrueAsync(async () =>
        {
            long now = number();
            bool quiet = now == last;
            last = now;
            await Task.Delay(500);
            return quiet && number() == now;
        });
    }
}
