using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sluice.Runtime.Logs;

/// <summary>Writes log records as lines of text, for local runs.</summary>
internal sealed class TextLog(TextWriter writer) : ILogSink
{
    private readonly Lock _gate = new();

    public void Write(in LogRecord record)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{record.Timestamp.ToLocalTime():HH:mm:ss.fff} | {Word(record.Level),-8} | {record.Message}");
        lock (_gate)
        {
            writer.WriteLine(line);
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };
}
