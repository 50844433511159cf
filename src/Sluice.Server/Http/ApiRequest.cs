using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>A request as the routes see it.</summary>
internal readonly record struct ApiRequest(HttpContext Http, IOrchestrationApi Api, TimeProvider Time)
{
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A moment before the work: what is dated earlier was there before. To the millisecond, since a store may keep no more.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    public Guid Id(string name = "id") => Guid.Parse((string)Http.Request.RouteValues[name]!, CultureInfo.InvariantCulture);

    public string Name(string name = "name") => (string)Http.Request.RouteValues[name]!;

    /// <summary>Reads the body, which must fit the type.</summary>
    /// <exception cref="BodyException">It does not.</exception>
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type) => (await BodyWithPageAsync(type)).Body;

    /// <summary>Reads the body, and from its key <c>page</c> which page of a list it asks for.</summary>
    /// <exception cref="BodyException">It does not fit the type.</exception>
    public async Task<(T Body, int Page)> BodyWithPageAsync<T>(JsonTypeInfo<T> type)
    {
        using JsonDocument document = await ParseAsync();
        BodyCheck check = new(type.Options);
        check.Check(document.RootElement, typeof(T), "body");
        if (check.Problems.Count > 0)
        {
            throw new BodyException(check.Problems);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("limit", out JsonElement limit)
            && limit.ValueKind == JsonValueKind.Number && limit.GetDouble() > Paging.MaxLimit)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, "Invalid limit: must be less than or equal to 200.");
        }

        int page = 1;
        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("page", out JsonElement value)
            && (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out page) || page < 1))
        {
            throw new BodyException([new("greater_than_equal", "body.page", "Input should be an integer greater than or equal to 1")]);
        }

        try
        {
            return (document.RootElement.Deserialize(type)!, page);
        }
        catch (JsonException error)
        {
            throw new BodyException([new("value_error", "body" + error.Path?.TrimStart('$'), "Value error, the value does not fit")]);
        }
    }

    /// <summary>Reads a number from the query.</summary>
    /// <exception cref="BodyException">It is missing or none.</exception>
    public T Query<T>(string name)
        where T : struct, INumber<T> =>
        T.TryParse(Http.Request.Query[name], NumberStyles.Float, CultureInfo.InvariantCulture, out T number) && T.IsFinite(number)
            ? number
            : throw new BodyException([new("float_parsing", "query." + name, "Input should be a valid number")]);

    private async Task<JsonDocument> ParseAsync()
    {
        using MemoryStream buffer = new();
        await Http.Request.Body.CopyToAsync(buffer, Aborted);
        try
        {
            return buffer.Length == 0 ? JsonDocument.Parse("{}") : JsonDocument.Parse(buffer.ToArray());
        }
        catch (JsonException error)
        {
            throw new BodyException([new("json_invalid", string.Create(CultureInfo.InvariantCulture, $"body.{error.BytePositionInLine ?? 0}"), "JSON decode error")]);
        }
    }
}

/// <summary>A request that does not fit; answered with 422.</summary>
internal sealed class BodyException(IReadOnlyList<BodyProblem> problems) : Exception(problems[0].Message)
{
    public IReadOnlyList<BodyProblem> Problems => problems;
}
