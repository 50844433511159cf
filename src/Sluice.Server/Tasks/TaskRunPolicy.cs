using System.Text.Json;

namespace Sluice.Server.Tasks;

/// <summary>Retries of a task run.</summary>
internal sealed record TaskRunPolicy
{
    public int MaxRetries { get; init; }

    public double RetryDelaySeconds { get; init; }

    public int? Retries { get; init; }

    /// <summary>Seconds: one number for all retries, or one for each, of which the last holds on.</summary>
    public JsonElement? RetryDelay { get; init; }

    public double? RetryJitterFactor { get; init; }

    /// <summary>How long to wait before the retry after so many runs.</summary>
    public TimeSpan DelayAfter(int runs)
    {
        double seconds = RetryDelay switch
        {
            { ValueKind: JsonValueKind.Number } one => one.GetDouble(),
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() is > 0 and var length
                && list[Math.Clamp(runs - 1, 0, length - 1)] is { ValueKind: JsonValueKind.Number } one => one.GetDouble(),
            _ => 0,
        };
        return TimeSpan.FromSeconds(Math.Clamp(double.IsFinite(seconds) ? seconds : 0, 0, TimeSpan.FromDays(36_500).TotalSeconds));
    }
}
