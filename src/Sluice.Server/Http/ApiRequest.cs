using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>A request as the routes see it.</summary>
internal readonly record struct ApiRequest(HttpContext Http, IOrchestrationApi Api, TimeProvider Time)
{
    private const string SentKey = "sluice.sent";
    private const string DeclaredKey = "sluice.declared";

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A moment before the work: what is dated earlier was there before. In whole microseconds, as the store keeps times.</summary>
    public DateTimeOffset Started { get; } = WholeMicroseconds(Time.GetUtcNow());

    public Guid Id(string name = "id") => Guid.Parse((string)Http.Request.RouteValues[name]!, CultureInfo.InvariantCulture);

    public string Name(string name = "name") => (string)Http.Request.RouteValues[name]!;

    /// <summary>What was sent as JSON; a text that is none, as a JSON string; <c>null</c> for no body.</summary>
    public static string SentBody(HttpContext http) => http.Items[SentKey] as string ?? "null";

    /// <summary>What was sent at a place, as <c>body.schedules.0.slug</c>, as JSON; null where nothing was.</summary>
    public static string? SentAt(HttpContext http, string place)
    {
        using JsonDocument document = JsonDocument.Parse(SentBody(http));
        JsonElement value = document.RootElement;
        foreach (string step in place.Split('.').Skip(1))
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(step, out JsonElement member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return value.GetRawText();
    }

    /// <summary>Notes what the route says it reads, which its OpenAPI document tells.</summary>
    public static void Declare(HttpContext http, Type? body) => http.Items[DeclaredKey] = body;

    /// <summary>Reads the body, which must fit the type.</summary>
    /// <exception cref="BodyException">It does not.</exception>
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type) => (await BodyWithPageAsync(type)).Body;

    /// <summary>Reads the body, and from its key <c>page</c> which page of a list it asks for.</summary>
    /// <exception cref="BodyException">It does not fit the type.</exception>
    public async Task<(T Body, int Page)> BodyWithPageAsync<T>(JsonTypeInfo<T> type)
    {
        if (Http.Items[DeclaredKey] is Type declared && declared != typeof(T))
        {
            throw new InvalidOperationException($"{Http.Request.Method} {Http.Request.Path} declares a body of {declared} and reads one of {typeof(T)}.");
        }

        JsonElement sent = await SentAsync();
        BodyCheck check = new(type.Options);
        check.Check(sent, typeof(T), "body");
        if (check.Problems.Count > 0)
        {
            throw new BodyException(check.Problems);
        }

        int page = 1;
        if (sent.ValueKind == JsonValueKind.Object)
        {
            if (sent.TryGetProperty("limit", out JsonElement limit) && limit.ValueKind == JsonValueKind.Number && limit.GetDouble() > Paging.MaxLimit)
            {
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, "Invalid limit: must be less than or equal to 200.");
            }

            if (sent.TryGetProperty("page", out JsonElement value) && (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out page) || page < 1))
            {
                throw new BodyException([new("greater_than_equal", "body.page", "Input should be greater than or equal to 1", value.GetRawText(), """{"ge":1}""")]);
            }
        }

        try
        {
            return (sent.Deserialize(type)!, page);
        }
        catch (JsonException error)
        {
            throw new BodyException([new("value_error", "body" + error.Path?.TrimStart('$'), "Value error, the value does not fit")]);
        }
    }

    /// <summary>Reads the body, and answers beside it what was sent, which tells null from absent.</summary>
    /// <exception cref="BodyException">It does not fit the type.</exception>
    public async Task<(T Body, JsonElement Sent)> BodyAsSentAsync<T>(JsonTypeInfo<T> type)
    {
        T body = await BodyAsync(type);
        return (body, JsonElement.Parse(SentBody(Http)));
    }

    /// <summary>Whether a body sets a member to null, in place of leaving it out.</summary>
    public static bool IsNull(JsonElement sent, string member) => sent.ValueKind == JsonValueKind.Object && sent.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>The body as it was sent; <c>{}</c> where there is none.</summary>
    /// <exception cref="BodyException">It is no JSON.</exception>
    public async Task<JsonElement> SentAsync()
    {
        using MemoryStream buffer = new();
        await Http.Request.Body.CopyToAsync(buffer, Aborted);
        if (buffer.Length == 0)
        {
            return JsonElement.Parse("{}");
        }

        ReadOnlyMemory<byte> bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        try
        {
            JsonTexts.Check(bytes.Span);
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement sent = document.RootElement.Clone();
            Http.Items[SentKey] = sent.GetRawText();
            return sent;
        }
        catch (JsonException error)
        {
            string text = Encoding.UTF8.GetString(bytes.Span);
            Http.Items[SentKey] = JsonSerializer.Serialize(text, ServerJson.Default.String);
            string expected = error.Message.Contains("start of a property name", StringComparison.Ordinal) ? "Expecting property name enclosed in double quotes" : "Expecting value";
            throw new BodyException([new("json_invalid", string.Create(CultureInfo.InvariantCulture, $"body.{error.BytePositionInLine ?? 0}"), "JSON decode error", "{}", $$"""{"error":"{{expected}}"}""")]);
        }
    }

    /// <summary>Reads a number from the query.</summary>
    /// <exception cref="BodyException">It is missing or none.</exception>
    public T Query<T>(string name)
        where T : struct, INumber<T> =>
        T.TryParse(Http.Request.Query[name], NumberStyles.Float, CultureInfo.InvariantCulture, out T number) && T.IsFinite(number)
            ? number
            : throw new BodyException([new("float_parsing", "query." + name, "Input should be a valid number")]);

    private static DateTimeOffset WholeMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}

/// <summary>A request that does not fit; answered with 422.</summary>
internal sealed class BodyException(IReadOnlyList<BodyProblem> problems) : Exception(problems[0].Message)
{
    public IReadOnlyList<BodyProblem> Problems => problems;
}
