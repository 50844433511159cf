using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>How states and log levels look on a terminal.</summary>
internal static class StateLooks
{
    public static Cell Cell(FlowRun run) => new(run.StateName ?? run.StateType?.ToString() ?? "", run.StateType is { } type ? Of(type) : null);

    public static Style Of(StateType type) => type switch
    {
        StateType.Completed => new(Color.Green),
        StateType.Failed => new(Color.Red),
        StateType.Crashed => new(Color.Orange1),
        StateType.Running => new(Color.Blue),
        StateType.Cancelled or StateType.Cancelling or StateType.Paused => new(Color.Grey),
        _ => new(Color.Yellow),
    };

    public static Style OfLevel(int level) => level switch
    {
        >= 40 => new(Color.Red),
        >= 30 => new(Color.Yellow),
        >= 20 => new(Color.Blue),
        _ => new(Color.Grey),
    };

    /// <summary>Python's names of levels, as Prefect shows them.</summary>
    public static string LevelName(int level) => level switch
    {
        >= 50 => "CRITICAL",
        >= 40 => "ERROR",
        >= 30 => "WARNING",
        >= 20 => "INFO",
        >= 10 => "DEBUG",
        _ => "TRACE",
    };

    /// <summary>A level by its name (Python's or .NET's) or number; null when it is neither.</summary>
    public static int? ParseLevel(string text) => text.ToUpperInvariant() switch
    {
        "TRACE" => 5,
        "DEBUG" => 10,
        "INFO" or "INFORMATION" => 20,
        "WARNING" or "WARN" => 30,
        "ERROR" => 40,
        "CRITICAL" => 50,
        _ => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int level) ? level : null,
    };
}
