using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Values of fields as JSON, and when two of them mean the same.</summary>
internal static class FieldValues
{
    public static JsonElement Of(string value) => JsonSerializer.SerializeToElement(value, DeployJson.Default.String);

    public static JsonElement Of(bool value) => value ? s_true : s_false;

    public static JsonElement Of(int value) => JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture));

    public static JsonElement Of(ScheduleMisfire value) => JsonSerializer.SerializeToElement(value, OrchestrationJson.Default.ScheduleMisfire);

    public static JsonElement Of(ScheduleDst value) => JsonSerializer.SerializeToElement(value, OrchestrationJson.Default.ScheduleDst);

    public static JsonElement Of(ConcurrencyOptions value) => JsonSerializer.SerializeToElement(value, OrchestrationJson.Default.ConcurrencyOptions);

    public static ScheduleMisfire Misfire(string text) => Of(text).Deserialize(OrchestrationJson.Default.ScheduleMisfire);

    public static ScheduleDst Dst(string text) => Of(text).Deserialize(OrchestrationJson.Default.ScheduleDst);

    /// <summary>When it fires, without zone, anchor and day_or.</summary>
    public static JsonElement Of(Schedule schedule)
    {
        JsonObject when = schedule switch
        {
            { Cron: { } cron } => new() { ["cron"] = cron },
            { Interval: { } seconds } => new() { ["interval"] = seconds },
            { Rrule: { } rule } => new() { ["rrule"] = rule },
            _ => [],
        };
        return JsonElement.Parse(when.ToJsonString());
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether both say the same. A rule that a server wrote its start before is the rule.</summary>
    public static bool Same(JsonElement? a, JsonElement? b) =>
        (a, b) switch
        {
            (null, null) => true,
            ({ } one, { } other) => JsonElement.DeepEquals(one, other) || (Rule(one) is { } left && Rule(other) is { } right && (left.EndsWith('\n' + right, StringComparison.Ordinal) || right.EndsWith('\n' + left, StringComparison.Ordinal))),
            _ => false,
        };

    private static readonly JsonElement s_true = JsonElement.Parse("true");
    private static readonly JsonElement s_false = JsonElement.Parse("false");

    private static string? Rule(JsonElement when) =>
        when.ValueKind == JsonValueKind.Object && when.TryGetProperty("rrule", out JsonElement rule) && rule.ValueKind == JsonValueKind.String ? rule.GetString() : null;
}
