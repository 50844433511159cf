using System.Globalization;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Reads a run's log as it grows, each record once.</summary>
internal sealed class LogTail(IOrchestrationApi api, Guid flowRunId, int? level)
{
    // A run's program and its worker write in batches of their own: a record may arrive this long after younger ones.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, DateTimeOffset> _seen = [];
    private DateTimeOffset? _newest;

    /// <summary>The records that came since the last call, oldest first.</summary>
    public async Task<IReadOnlyList<Log>> ReadAsync(CancellationToken cancellationToken)
    {
        var filter = new LogFilter
        {
            FlowRunId = new() { Any = [flowRunId] },
            Level = level is null ? null : new() { Ge = level },
            Timestamp = _newest is { } newest ? new() { After = newest - Lateness } : null,
        };
        List<Log> page = await Pages.AllAsync(offset => api.ListLogsAsync(new() { Logs = filter, Limit = Pages.Size, Offset = offset }, cancellationToken));
        List<Log> news = page.FindAll(log => _seen.TryAdd(log.Id, log.Timestamp));
        if (news.Count > 0)
        {
            _newest = news.Max(log => log.Timestamp) is var last && last > _newest ? last : _newest ?? last;
            foreach (Guid old in _seen.Where(pair => pair.Value < _newest - 2 * Lateness).Select(pair => pair.Key).ToArray())
                _seen.Remove(old);
        }
        return news;
    }
}

/// <summary>Log records and states as lines.</summary>
internal static class LogLines
{
    public static void Write(Screen screen, Log log)
    {
        string[] lines = Screen.Safe(log.Message).Split('\n');
        screen.Line($"{Clock(log.Timestamp)}  ", StateLooks.LevelName(log.Level).PadRight(8), StateLooks.OfLevel(log.Level), $"  {lines[0]}");
        foreach (string line in lines.AsSpan(1))
            screen.Line($"{"",24}{line}");
    }

    public static void Write(Screen screen, State state)
    {
        string message = state.Message is { Length: > 0 } text ? $": {Failures.OneLine(text)}" : "";
        screen.Line($"{Clock(state.Timestamp)}  {"",-8}  ", state.Name ?? state.Type.ToString(), StateLooks.Of(state.Type), message);
    }

    private static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
