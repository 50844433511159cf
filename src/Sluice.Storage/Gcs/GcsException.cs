using System.Net;
using System.Text.Json;

namespace Sluice.Storage.Gcs;

/// <summary>An answer of Google Cloud Storage that is none of those expected.</summary>
/// <param name="status">Its status.</param>
/// <param name="reason">The machine-readable reason in its body, as <c>notFound</c>; null where it has none.</param>
/// <param name="message">What it says.</param>
internal sealed class GcsException(HttpStatusCode status, string? reason, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public string? Reason { get; } = reason;

    /// <summary>Reads the error that a response carries. Form: <c>{"error":{"code":…,"message":…,"errors":[{"reason":…}]}}</c>; some answers are plain text.</summary>
    public static async Task<GcsException> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            JsonElement error = json.RootElement.GetProperty("error");
            string? reason = error.TryGetProperty("errors", out JsonElement errors) && errors.GetArrayLength() > 0 && errors[0].TryGetProperty("reason", out JsonElement first) ? first.GetString() : null;
            return new(response.StatusCode, reason, error.TryGetProperty("message", out JsonElement message) ? message.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new(response.StatusCode, null, body.Length is > 0 and < 200 ? body : response.ReasonPhrase ?? "");
        }
    }
}
