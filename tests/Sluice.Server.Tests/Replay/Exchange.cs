using System.Globalization;
using System.Text.Json;

namespace Sluice.Server.Tests.Replay;

/// <summary>One request of a recorded conversation with what Prefect 3.8.3 answered; or a WebSocket frame, or a request that nobody answered.</summary>
internal sealed record Exchange(string Conversation, int Number, JsonElement Recorded)
{
    public DateTimeOffset Time { get; } = DateTimeOffset.UnixEpoch.AddSeconds(Recorded.GetProperty("t").GetDouble());

    /// <summary>When it was answered: of two requests under way at once, the first to be answered came first to the database.</summary>
    public DateTimeOffset Answered => Time.AddMilliseconds(Recorded.TryGetProperty("ms", out JsonElement ms) ? ms.GetDouble() : 0);

    public string Method => Recorded.GetProperty("method").GetString()!;

    /// <summary>Path and query.</summary>
    public string Path => Recorded.GetProperty("path").GetString()!;

    public int Status => Recorded.GetProperty("status").GetInt32();

    public JsonElement Request => Recorded.GetProperty("request");

    public JsonElement Response => Recorded.GetProperty("response");

    public string Key => $"{Conversation} #{Number}";

    public string Place => $"{Conversation} #{Number} {Method} {Path}";

    public IEnumerable<(string Name, string Value)> Headers => Recorded.GetProperty("request_headers").EnumerateObject()
        .Where(header => header.Name is "user-agent" or "x-prefect-api-version" || header.Name.StartsWith("prefect-csrf", StringComparison.Ordinal))
        .Select(header => (header.Name, header.Value.GetString()!));

    /// <summary>Why it cannot be played, or null.</summary>
    public string? Unplayable =>
        Recorded.TryGetProperty("ws", out _) ? "a WebSocket frame: the worker's re-enactment plays those"
        : Recorded.TryGetProperty("error", out _) ? "the recorded server was down"
        : Known.Deviations.TryGetValue(Key, out string? deviates) ? deviates
        : Status == 503 ? "the recorded database was locked for a moment"
        : null;

    /// <summary>What was sent; of a long list only the first items are recorded, and the others were like the last of them.</summary>
    public string? Body
    {
        get
        {
            if (Request.ValueKind == JsonValueKind.Null)
                return null;
            if (Request.ValueKind == JsonValueKind.String && Status == 422)
                return Request.GetString(); // no JSON
            if (Request.ValueKind != JsonValueKind.Array || Request.GetArrayLength() < 2 || Request[Request.GetArrayLength() - 1] is not { ValueKind: JsonValueKind.String } cut)
                return Request.GetRawText();
            int more = int.Parse(cut.GetString()!.Split(' ')[0][1..], CultureInfo.InvariantCulture);
            string[] items = [.. Request.EnumerateArray().SkipLast(1).Select(item => item.GetRawText())];
            return $"[{string.Join(",", items.Concat(Enumerable.Repeat(items[^1], more)))}]";
        }
    }

    /// <summary>A worker's heartbeat over its WebSocket, as the REST request that stands for it; null for all other frames.</summary>
    public (string Path, string Body)? Heartbeat
    {
        get
        {
            if (!Recorded.TryGetProperty("ws", out JsonElement ws) || !ws.ValueEquals("client") || !Recorded.TryGetProperty("data", out JsonElement data)
                || data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("payload", out JsonElement payload) || !payload.TryGetProperty("worker_name", out JsonElement name))
                return null;
            return ($"{Path.Replace("/connect", "/heartbeat", StringComparison.Ordinal)}", $$"""{"name":"{{name}}","heartbeat_interval_seconds":{{payload.GetProperty("heartbeat_interval_seconds")}}}""");
        }
    }

    /// <summary>All conversations were recorded with one server: its whole history, by time.</summary>
    public static IReadOnlyList<Exchange> History { get; } =
    [
        .. Directory.EnumerateFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "conversations3"), "*.json").Order(StringComparer.Ordinal).SelectMany(Read)
            .OrderBy(exchange => exchange.Answered),
    ];

    private static IEnumerable<Exchange> Read(string file)
    {
        JsonElement conversation = JsonElement.Parse(File.ReadAllText(file));
        return conversation.GetProperty("exchanges").EnumerateArray().Select((exchange, i) => new Exchange(conversation.GetProperty("conversation").GetString()!, i + 1, exchange));
    }
}
