namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Speaks for a run whose process ends under it: code that calls <see cref="Environment.Exit"/>, or an exception nobody caught on a thread of the
/// flow's own. Without it such a run would stay Running on a Prefect server when the exit code is 0, and its last log lines would be lost.
/// </summary>
internal sealed class ExitGuard : IDisposable
{
    private static readonly TimeSpan TimeForLastWords = TimeSpan.FromSeconds(5);
    private readonly Func<string, Task> _lastWords;
    private int _spoken;

    /// <summary>Watches over the process.</summary>
    /// <param name="lastWords">Reports that the run crashed, with this message.</param>
    public ExitGuard(Func<string, Task> lastWords)
    {
        _lastWords = lastWords;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
    }

    /// <summary>The run has ended by itself.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
    }

    private void OnExit(object? sender, EventArgs e) =>
        Speak(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The flow's code ended its process (exit code {Environment.ExitCode}) before the flow returned."));

    private void OnUnhandledException(object sender, UnhandledExceptionEventArgs e) =>
        Speak($"The flow's process ended by an exception that nothing caught: {Failure.Describe(e.ExceptionObject as Exception)}");

    private void Speak(string message)
    {
        if (Interlocked.Exchange(ref _spoken, 1) != 0)
        {
            return;
        }

        try
        {
            // The process ends when this returns: there is nothing to await for.
            if (!_lastWords(message).Wait(TimeForLastWords))
            {
                Console.Error.WriteLine($"Not reported in time: {message}");
            }
        }
        catch (AggregateException exception)
        {
            Console.Error.WriteLine($"Not reported: {message} ({exception.InnerException?.Message})");
        }
    }
}
