using Sluice.Storage;

namespace Sluice.Worker;

/// <summary>Calls to stores and sources of secrets for a run: what cannot answer now is asked again a few times, since the run would crash for it.</summary>
internal static class StoreCalls
{
    private const int Attempts = 4;

    /// <summary>Calls until the answer is another than <see cref="StorageErrorKind.Unavailable"/>, at most four times with growing pauses.</summary>
    /// <exception cref="StorageException">The last answer.</exception>
    public static async Task<T> CallAsync<T>(Func<Task<T>> call, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Unavailable && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 << (attempt - 1)), time, cancellationToken);
            }
        }
    }

    /// <summary>Calls until the answer is another than <see cref="StorageErrorKind.Unavailable"/>, at most four times with growing pauses.</summary>
    /// <exception cref="StorageException">The last answer.</exception>
    public static Task CallAsync(Func<Task> call, TimeProvider time, CancellationToken cancellationToken) => CallAsync(
        async () =>
        {
            await call();
            return true;
        },
        time, cancellationToken);
}
