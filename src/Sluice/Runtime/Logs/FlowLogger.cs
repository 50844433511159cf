using Microsoft.Extensions.Logging;

namespace Sluice.Runtime.Logs;

/// <summary>The logger that flows get. Scopes are ignored.</summary>
internal sealed class FlowLogger(ILogSink sink, LogLevel least, TimeProvider time) : ILogger
{
    /// <summary>The name that Prefect gives the logger of a flow run.</summary>
    public const string Name = "prefect.flow_runs";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string message = formatter(state, exception);
        if (exception is not null)
        {
            message = message.Length == 0 ? exception.ToString() : $"{message}\n{exception}";
        }

        sink.Write(new(time.GetUtcNow(), logLevel, Name, message));
    }
}
