using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Orchestration.Http;

/// <summary>One request, as often as it takes.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Path and query below the API's URL, with its slash in front, escaped.</param>
internal sealed record ApiCall(HttpMethod Method, string Path)
{
    /// <summary>JSON in UTF-8, or null for no body.</summary>
    public byte[]? Body { get; private init; }

    /// <summary>Whether doing it twice is the same as doing it once, so that it may be sent again although it may have arrived.</summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>How often it is sent at most; null: as the settings say.</summary>
    public int? Attempts { get; init; }

    /// <summary>How long one attempt may take; null: as the settings say.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Headers of Sluice's own, which Prefect ignores; null values are not sent.</summary>
    public IReadOnlyList<(string Name, string? Value)> Headers { get; init; } = [];

    /// <summary>Whether it may change something: neither a GET nor a list nor a count.</summary>
    public bool IsWrite => Method != HttpMethod.Get && !Path.EndsWith("/filter", StringComparison.Ordinal) && !Path.EndsWith("/count", StringComparison.Ordinal);

    public static ApiCall Get(string path) => new(HttpMethod.Get, path);

    public static ApiCall Delete(string path) => new(HttpMethod.Delete, path);

    /// <summary>A POST without a body whose repetition does no harm.</summary>
    public static ApiCall Post(string path) => new(HttpMethod.Post, path);

    /// <summary>A POST that may be repeated: a filter, an upsert, something with a key of its own.</summary>
    public static ApiCall Post<T>(string path, T body, JsonTypeInfo<T> type) => new(HttpMethod.Post, path) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>A POST that makes something new each time it arrives.</summary>
    public static ApiCall PostOnce<T>(string path, T body, JsonTypeInfo<T> type) => Post(path, body, type) with { Repeatable = false };

    public static ApiCall Patch<T>(string path, T body, JsonTypeInfo<T> type) => new(HttpMethod.Patch, path) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>The same, with a member of its object set to null, which models leave out.</summary>
    public ApiCall WithNull(string member)
    {
        JsonObject body = JsonNode.Parse(Body)!.AsObject();
        body[member] = null;
        return this with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
    }

    /// <summary>A POST of <c>{}</c>: everything.</summary>
    public static ApiCall PostEmpty(string path) => new(HttpMethod.Post, path) { Body = "{}"u8.ToArray() };

    /// <summary>Escapes one segment of a path.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: empty, <c>.</c> or <c>..</c>, which servers take for folders.</exception>
    public static string Segment(string name) => name is "" or "." or ".."
        ? throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"'{name}' cannot be a name.")
        : Uri.EscapeDataString(name);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>What a server answered, whatever the status.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">The body's media type, where it has one.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Location">Where a redirect leads.</param>
/// <param name="Repeated">Whether an earlier attempt may have arrived as well.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, string? MediaType, byte[] Body, string? Location, bool Repeated)
{
    /// <summary>When the server wants to be asked again, where it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
