using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Sluice.Orchestration.Http;

/// <summary>Turns what went wrong into one line for people.</summary>
internal static class ApiErrors
{
    private const int LongestDetail = 500;

    /// <summary>A 404 that speaks of the object. FastAPI's bare "Not Found" speaks of the path, and a web page speaks of another server.</summary>
    public static bool SaysMissing(ApiAnswer answer) =>
        answer.Status == HttpStatusCode.NotFound && Detail(answer) is { Text: not "Not Found" };

    public static OrchestrationException From(ApiEndpoint endpoint, ApiCall call, ApiAnswer answer, string? server = null)
    {
        int status = (int)answer.Status;
        if (status is >= 300 and < 400)
        {
            return new(OrchestrationErrorKind.Unreachable, $"{endpoint} redirects {call} to {answer.Location ?? "another address"}: set {ApiEndpoint.UrlVariable} to the API's own address.");
        }

        var detail = Detail(answer);
        if (status == 404 && detail is null or { Text: "Not Found" })
        {
            return server is null ? NotAnApi(endpoint, call, answer, null) : new(
                OrchestrationErrorKind.Unsupported, $"{server} at {endpoint} has no {call}: it is older or newer than what Sluice speaks (Prefect 2.10 and 3).");
        }

        string text = detail?.Text ?? "no reason given";
        string place = $"({status.ToString(CultureInfo.InvariantCulture)} at {call}, {endpoint})";
        return status switch
        {
            401 => new(OrchestrationErrorKind.Unauthorized, $"{endpoint} refused the credentials (401): set {ApiEndpoint.KeyVariable}, or {ApiEndpoint.AuthStringVariable} to user:password."),
            403 => new(OrchestrationErrorKind.Forbidden, $"Not allowed: {text} {place}"),
            404 => new(OrchestrationErrorKind.NotFound, $"{text} {place}"),
            409 => new(OrchestrationErrorKind.Conflict, $"{text} {place}"),
            408 or 423 or 429 => new(OrchestrationErrorKind.Unavailable, $"The API is busy: {text} {place}; try again later."),
            507 => new(OrchestrationErrorKind.Storage, $"{text} {place}"),
            >= 500 => new(OrchestrationErrorKind.Unavailable, $"The API failed: {text} {place}; its own log says more."),
            _ => new(OrchestrationErrorKind.Invalid, $"{(detail?.Field is { } field ? field + ": " : "")}{text} {place}") { Field = detail?.Field },
        };
    }

    public static OrchestrationException NotAnApi(ApiEndpoint endpoint, ApiCall call, ApiAnswer answer, Exception? cause)
    {
        string met = $"{endpoint} is not a Prefect API: it answers {call} with {((int)answer.Status).ToString(CultureInfo.InvariantCulture)} {answer.MediaType ?? "and no body"}{(cause is JsonException { Path: { } path } ? ", unexpected at " + path : "")}.";
        string mend = endpoint.Url.EndsWith("/api", StringComparison.Ordinal) || endpoint.Url.Contains("/api/", StringComparison.Ordinal)
            ? $"Is {ApiEndpoint.UrlVariable} the address of another service?"
            : $"{ApiEndpoint.UrlVariable} must end in /api.";
        return new(OrchestrationErrorKind.Unreachable, $"{met} {mend}", cause);
    }

    public static OrchestrationException Unreachable(ApiEndpoint endpoint, HttpRequestException cause)
    {
        string reason = cause.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "its host name is unknown",
            HttpRequestError.SecureConnectionError => $"no trusted TLS connection: {OneLine(cause.InnerException?.Message ?? cause.Message)} {ApiClientSettings.CertificatesVariable} names the certificates to trust",
            _ => OneLine(cause.InnerException?.Message ?? cause.Message),
        };
        return new(OrchestrationErrorKind.Unreachable, $"No API answers at {endpoint} ({reason}). Start one with `sluice server start`, or mend {ApiEndpoint.UrlVariable}.", cause);
    }

    public static OrchestrationException Broken(ApiEndpoint endpoint, ApiCall call, TimeSpan timeout, Exception cause) => new(
        OrchestrationErrorKind.Unavailable,
        cause is OperationCanceledException
            ? $"{endpoint} did not answer {call} within {timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s; {ApiClientSettings.TimeoutVariable} says how long to wait." + (call.Repeatable ? "" : " Whether it was done is not known; look before you repeat it.")
            : $"The connection to {endpoint} broke during {call}: {OneLine(cause.Message)}" + (call.Repeatable ? "" : " Whether it was done is not known; look before you repeat it."),
        cause);

    /// <summary>Prefect's three shapes: <c>{"detail":"…"}</c>, <c>{"detail":[{loc,msg}]}</c> and <c>{"exception_message":…,"exception_detail":[{loc,msg,type}]}</c>.</summary>
    internal static (string Text, string? Field)? Detail(ApiAnswer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (string name in (ReadOnlySpan<string>)["exception_detail", "detail", "exception_message"])
            {
                if (root.TryGetProperty(name, out JsonElement value) && Entry(value) is { } entry)
                {
                    return entry;
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return null; // a proxy's page: the status alone speaks
        }
    }

    private static (string Text, string? Field)? Entry(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return (OneLine(value.GetString()!), null);
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            return null;
        }

        JsonElement told = value[0];
        foreach (JsonElement entry in value.EnumerateArray())
        {
            // For a union (cron, interval or rrule) every branch complains; the branch that was meant complains about the value.
            if (Member(entry, "type") is not ("missing" or "extra_forbidden" or "value_error.missing" or "value_error.extra"))
            {
                told = entry;
                break;
            }
        }

        string text = Member(told, "msg") is { } message ? message.Replace("Value error, ", "", StringComparison.Ordinal) : told.GetRawText();
        return (OneLine(text), Field(told));
    }

    private static string? Field(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("loc", out JsonElement place) || place.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        // Pydantic names validators and union branches among the steps, as "function-after[…]" or "CronSchedule".
        var steps = place.EnumerateArray().Select(step => step.ToString()).Where(step => step.Length > 0 && !step.Contains('[', StringComparison.Ordinal) && !char.IsAsciiLetterUpper(step[0]));
        return string.Join('.', steps);
    }

    private static string? Member(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string OneLine(string text)
    {
        string line = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length <= LongestDetail ? line : line[..LongestDetail] + "…";
    }
}
