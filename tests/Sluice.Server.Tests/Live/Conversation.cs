using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sluice.Testing.ProcessWorker;

namespace Sluice.Server.Tests.Live;

/// <summary>What Prefect's own worker put on the wire in a recorded conversation (tests/data/conversations3 and 2).</summary>
internal static partial class Conversation
{
    /// <summary>The worker's requests about one run, in order. Logs are left out, which it sends whenever a batch is due, and its polling.</summary>
    public static List<WireExchange> OfRun(string generation, string name, string agent)
    {
        JsonElement recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "conversations" + generation, name + ".json")));
        var found = new List<WireExchange>();
        foreach (JsonElement exchange in recorded.GetProperty("exchanges").EnumerateArray())
        {
            if (!exchange.TryGetProperty("method", out JsonElement method) || !exchange.GetProperty("request_headers").GetProperty("user-agent").GetString()!.StartsWith(agent, StringComparison.Ordinal))
                continue;
            string path = Id().Replace(exchange.GetProperty("path").GetString()!["/api".Length..].Split('?')[0], "{id}");
            found.Add(new(method.GetString()!, path, exchange.GetProperty("status").GetInt32(), JsonNode.Parse(exchange.GetProperty("request").GetRawText())));
        }
        return AboutRuns(found);
    }

    public static List<WireExchange> AboutRuns(IEnumerable<WireExchange> exchanges) =>
        [.. exchanges.Where(one => one.Path is "/deployments/{id}" or "/flows/{id}" || one.Path.StartsWith("/flow_runs/{id}", StringComparison.Ordinal))];

    /// <summary>The members of a body with the kinds of their values: what two requests of one sort have in common.</summary>
    public static string ShapeOf(JsonNode? body) => body switch
    {
        JsonObject map => "{" + string.Join(",", map.Select(member => $"{member.Key}:{ShapeOf(member.Value)}")) + "}",
        JsonArray list => "[" + string.Join(",", list.Select(ShapeOf)) + "]",
        null => "null",
        _ => body.GetValueKind().ToString(),
    };

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}
