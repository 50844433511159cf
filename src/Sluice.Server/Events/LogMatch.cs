using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Events;

/// <summary>Judges one log record as the database does for <c>/logs/filter</c>.</summary>
internal static class LogMatch
{
    /// <exception cref="OrchestrationException">Of kind Invalid: the filter breaks a rule.</exception>
    public static Func<Log, bool> Of(LogFilter filter)
    {
        List<Func<Log, bool>> parts = [];
        if (filter.Level?.Ge is { } least)
            parts.Add(log => log.Level >= least);
        if (filter.Level?.Le is { } most)
            parts.Add(log => log.Level <= most);
        if (filter.Timestamp is { } time)
            parts.Add(log => !(log.Timestamp > time.Before) && !(log.Timestamp < time.After) && time.IsNull != true);
        if (filter.FlowRunId is { } run)
            parts.Add(log => Includes(run, log.FlowRunId));
        if (filter.TaskRunId is { } task)
            parts.Add(log => Includes(task, log.TaskRunId));
        if (filter.Text is { } text)
            parts.Add(Words(LogText.Read(text.Query)));
        return filter.Operator == FilterOperator.Or && parts.Count > 0 ? log => parts.Exists(part => part(log)) : log => parts.TrueForAll(part => part(log));
    }

    private static bool Includes(IdFilter filter, Guid? id) =>
        (filter.Any is not { } any || id is { } one && any.Contains(one))
        && !(filter.NotAny is { } none && id is { } other && none.Contains(other))
        && (filter.IsNull is not { } isNull || isNull == id is null);

    private static Func<Log, bool> Words(LogText words) => log =>
    {
        string all = $"{log.Message} {log.Name}";
        bool Has(string word) => all.Contains(word, StringComparison.OrdinalIgnoreCase);
        return (words.Any.Count == 0 || words.Any.Exists(Has)) && words.All.TrueForAll(Has) && !words.None.Exists(Has);
    };
}
