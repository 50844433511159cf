using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sluice.Runtime.Logs;

/// <summary>.NET's levels and Prefect's.</summary>
internal static class LogLevels
{
    /// <summary>The environment variable with the least level that is kept; by default INFO.</summary>
    public const string Variable = "PREFECT_LOGGING_LEVEL";

    /// <summary>Prefect's number (Python's, with 5 for trace).</summary>
    public static int ToPrefect(LogLevel level) => level switch
    {
        LogLevel.Trace => 5,
        LogLevel.Debug => 10,
        LogLevel.Information => 20,
        LogLevel.Warning => 30,
        LogLevel.Error => 40,
        _ => 50,
    };

    /// <summary>The least level that Prefect's setting names, as <c>DEBUG</c> or <c>10</c>.</summary>
    public static LogLevel FromSetting(string? setting) => setting?.Trim().ToUpperInvariant() switch
    {
        "TRACE" or "NOTSET" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "WARNING" or "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" or "FATAL" => LogLevel.Critical,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => FromPrefect(number),
        _ => LogLevel.Information,
    };

    private static LogLevel FromPrefect(int number) => number switch
    {
        < 10 => LogLevel.Trace,
        < 20 => LogLevel.Debug,
        < 30 => LogLevel.Information,
        < 40 => LogLevel.Warning,
        < 50 => LogLevel.Error,
        _ => LogLevel.Critical,
    };
}
