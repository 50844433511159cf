using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Orchestration.Tests.Prefect;

/// <summary>
/// Plays recorded conversations against a server and compares what it answers: the same status, the same keys and kinds of values, and the same values
/// but for ids (which must be the same wherever they come back), times and made-up names.
/// </summary>
internal sealed partial class Recordings(Uri url) : IDisposable
{
    /// <summary>Free text, and what depends on what else is on the server.</summary>
    private static readonly HashSet<string> s_varying = ["created", "updated", "checksum", "code_example", "logo_url", "documentation_url", "priority", "msg", "estimated_start_time_delta", "last_polled", "is_protected"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Dictionary<Guid, Guid> _ids = [];

    /// <summary>What differed so far, a line each.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Says that an id of the recording is this one here.</summary>
    public void Map(Guid recorded, Guid own) => _ids[recorded] = own;

    /// <summary>Plays one conversation.</summary>
    /// <returns>How many exchanges it had.</returns>
    public async Task<int> PlayAsync(string name, CancellationToken cancellationToken)
    {
        JsonElement exchanges = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "conversations2", name + ".json"), cancellationToken));
        int number = 0;
        foreach (JsonElement exchange in exchanges.EnumerateArray())
        {
            // The server tells new from old by the millisecond.
            long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            SpinWait.SpinUntil(() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() > before);
            string place = $"{name} #{++number} {exchange.GetProperty("method")} {exchange.GetProperty("path")}";
            using HttpRequestMessage request = new(new(exchange.GetProperty("method").GetString()!), new Uri(url, Mapped(exchange.GetProperty("path").GetString()!)));
            JsonElement sent = exchange.GetProperty("request");
            if (sent.ValueKind == JsonValueKind.String)
            {
                request.Content = new StringContent(sent.GetString()!, Encoding.UTF8, "application/json"); // no JSON
            }
            else if (sent.ValueKind != JsonValueKind.Null)
            {
                request.Content = new StringContent(Mapped(sent.GetRawText()), Encoding.UTF8, "application/json");
            }

            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            int status = exchange.GetProperty("status").GetInt32();
            if ((int)response.StatusCode != status)
            {
                Differences.Add($"{place}: {(int)response.StatusCode} for {status}: {body}");
            }
            else
            {
                Compare(place, exchange.GetProperty("response"), body.Length == 0 ? JsonElement.Parse("null") : JsonElement.Parse(body), "");
            }
        }

        return number;
    }

    public void Dispose() => _http.Dispose();

    private string Mapped(string text) => Ids().Replace(text, match => _ids.TryGetValue(Guid.Parse(match.Value), out Guid own) ? own.ToString() : match.Value);

    private void Compare(string place, JsonElement recorded, JsonElement own, string key)
    {
        if (recorded.ValueKind == JsonValueKind.Object && own.ValueKind == JsonValueKind.Object)
        {
            string[] missing = [.. recorded.EnumerateObject().Select(member => member.Name).Where(name => !own.TryGetProperty(name, out _))];
            string[] unknown = [.. own.EnumerateObject().Select(member => member.Name).Where(name => !recorded.TryGetProperty(name, out _))];
            if (missing.Length + unknown.Length > 0 && key is not ("parameters" or "context" or "ctx"))
            {
                Differences.Add($"{place}: lacks [{string.Join(", ", missing)}], has [{string.Join(", ", unknown)}]");
            }

            foreach (JsonProperty member in recorded.EnumerateObject().Where(member => own.TryGetProperty(member.Name, out _) && !s_varying.Contains(member.Name)))
            {
                Compare($"{place}.{member.Name}", member.Value, own.GetProperty(member.Name), member.Name);
            }
        }
        else if (recorded.ValueKind == JsonValueKind.Array && own.ValueKind == JsonValueKind.Array)
        {
            if (key is "exception_detail")
            {
                return; // the branches of a union complain in the order of the document's, which the document does not tell
            }

            foreach (var (one, other) in recorded.EnumerateArray().Zip(own.EnumerateArray()))
            {
                Compare(place + "[]", one, other, key);
            }
        }
        else if (!IsSame(recorded, own, key))
        {
            Differences.Add($"{place}: {own.GetRawText()} for {recorded.GetRawText()}");
        }
    }

    private bool IsSame(JsonElement recorded, JsonElement own, string key)
    {
        if (recorded.ValueKind != JsonValueKind.String || own.ValueKind != JsonValueKind.String)
        {
            return recorded.ValueKind == own.ValueKind && (recorded.ValueKind != JsonValueKind.Number || recorded.GetDouble() == own.GetDouble());
        }

        string one = recorded.GetString()!, other = own.GetString()!;
        if (Guid.TryParse(one, out Guid id) && Guid.TryParse(other, out Guid ownId))
        {
            return _ids.TryGetValue(id, out Guid known) ? known == ownId : _ids.TryAdd(id, ownId);
        }

        return (DateTimeOffset.TryParse(one, CultureInfo.InvariantCulture, out _) && DateTimeOffset.TryParse(other, CultureInfo.InvariantCulture, out _))
            || Mapped(one) == other || (key == "name" && (RunName().IsMatch(one) || one.StartsWith("anonymous-", StringComparison.Ordinal)));
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex("^[a-z]+-[a-z]+$")]
    private static partial Regex RunName();
}
