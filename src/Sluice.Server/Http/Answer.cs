using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sluice.Server.Http;

/// <summary>A finished answer: a status and JSON, or no body.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body.</param>
/// <param name="Of">What the body was written from; null where it was written by hand.</param>
internal readonly record struct Answer(int Status, byte[]? Json, Type? Of = null)
{
    public static Answer NoContent { get; } = new(StatusCodes.Status204NoContent, null);

    /// <summary>What Prefect answers where there is nothing to say but a body is due.</summary>
    public static Answer Null { get; } = new(StatusCodes.Status200OK, "null"u8.ToArray());

    public static Answer Ok<T>(T value) => new(StatusCodes.Status200OK, Serialize(value), typeof(T));

    public static Answer Created<T>(T value) => new(StatusCodes.Status201Created, Serialize(value), typeof(T));

    /// <summary>201 for something new, 200 for something that was there.</summary>
    public static Answer CreatedOrOk<T>(T value, bool created) => created ? Created(value) : Ok(value);

    public static Answer OkOrMissing<T>(T? value, string missing)
        where T : class => value is null ? Problem(StatusCodes.Status404NotFound, missing) : Ok(value);

    public static Answer DeletedOrMissing(bool deleted, string missing) => deleted ? NoContent : Problem(StatusCodes.Status404NotFound, missing);

    /// <summary>One page of a list, as Prefect's <c>/paginate</c> routes answer it.</summary>
    public static Answer Page<T>(IReadOnlyList<T> results, int count, int limit, int page) => new(StatusCodes.Status200OK, Write(writer =>
    {
        writer.WritePropertyName("results");
        writer.WriteRawValue(Serialize(results), skipInputValidation: true);
        writer.WriteNumber("count", count);
        writer.WriteNumber("limit", limit);
        writer.WriteNumber("pages", (count + limit - 1) / limit);
        writer.WriteNumber("page", page);
    }), typeof(PageOf<T>));

    public static Answer Problem(int status, string detail) => new(status, Write(writer => writer.WriteString("detail", detail)));

    /// <summary>Prefect's answer to a body that does not fit.</summary>
    /// <param name="problems">What does not fit.</param>
    /// <param name="body">What was sent, as JSON.</param>
    public static Answer Invalid(IEnumerable<BodyProblem> problems, string body) => new(StatusCodes.Status422UnprocessableEntity, Write(writer =>
    {
        writer.WriteString("exception_message", "Invalid request received.");
        writer.WriteStartArray("exception_detail");
        foreach (BodyProblem problem in problems)
        {
            problem.Write(writer);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("request_body");
        writer.WriteRawValue(body);
    }));

    /// <summary>An object whose members are written by hand.</summary>
    public static Answer From(int status, Action<Utf8JsonWriter> members) => new(status, Write(members));

    public static Answer Exception(int status, string message) => new(status, Write(writer => writer.WriteString("exception_message", message)));

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        if (Json is not null)
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Json.Length;
            await http.Response.Body.WriteAsync(Json, http.RequestAborted);
        }
    }

    private static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, WireAnswers.Options.GetTypeInfo(typeof(T)));

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}

/// <summary>Stands for one page of a list where types of answers are told.</summary>
internal sealed class PageOf<T>;
