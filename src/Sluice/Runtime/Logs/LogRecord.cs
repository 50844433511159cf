using Microsoft.Extensions.Logging;

namespace Sluice.Runtime.Logs;

/// <summary>One thing a flow logged.</summary>
internal readonly record struct LogRecord(DateTimeOffset Timestamp, LogLevel Level, string Logger, string Message);
