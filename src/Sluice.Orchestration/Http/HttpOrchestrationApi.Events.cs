using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    // Prefect's own subscribers look back as far: what happened between a question and the subscription is not missed.
    private static readonly TimeSpan EventsSince = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    /// <summary>No event is as long: servers take 1.5 MB at most.</summary>
    private const int LongestMessage = 4_000_000;

    /// <summary>Waits for one event as <see cref="HearEventsAsync"/> does for many.</summary>
    /// <param name="name">The event's name, as <c>prefect.flow-run.Cancelling</c>.</param>
    /// <param name="resourceId">Its <c>prefect.resource.id</c>, as <c>prefect.flow-run.…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the server has no such socket, as Prefect 2.10.</returns>
    /// <exception cref="OrchestrationException">Of kind Unavailable: the connection could not be made, or ended. Unauthorized: the credentials were refused.</exception>
    public Task<bool> WaitForEventAsync(string name, string resourceId, CancellationToken cancellationToken) => HearEventsAsync(name, resourceId, static () => false, cancellationToken);

    /// <summary>
    /// Hears events, by the socket <c>/events/out</c> that Prefect 3 and Sluice have: what happened up to a minute ago counts. The rules of that socket: the
    /// subprotocol <c>prefect</c>, first the credentials, then the filter.
    /// </summary>
    /// <param name="name">The events' name, as <c>prefect.flow-run.Cancelling</c>.</param>
    /// <param name="resourceId">Their <c>prefect.resource.id</c>; null for any.</param>
    /// <param name="heard">Called at each; false ends it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False where the server has no such socket, as Prefect 2.10.</returns>
    /// <exception cref="OrchestrationException">Of kind Unavailable: the connection could not be made, or ended. Unauthorized: the credentials were refused.</exception>
    public async Task<bool> HearEventsAsync(string name, string? resourceId, Func<bool> heard, CancellationToken cancellationToken)
    {
        using ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("prefect");
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(20);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(20);
        socket.Options.CollectHttpResponseDetails = true;
        _transport.Introduce(socket.Options.SetRequestHeader);
        UriBuilder url = new(Endpoint.Url + "/events/out");
        url.Scheme = url.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        opening.CancelAfter(ConnectLimit);
        try
        {
            await socket.ConnectAsync(url.Uri, _transport.Invoker, opening.Token).ConfigureAwait(false);
            await SayAsync(socket, writer =>
            {
                writer.WriteString("type", "auth");
                writer.WriteString("token", Endpoint.AuthString ?? Endpoint.ApiKey);
            }, opening.Token).ConfigureAwait(false);
            string? welcome = await HearAsync(socket, opening.Token).ConfigureAwait(false);
            if (welcome is null && socket.CloseStatus != WebSocketCloseStatus.PolicyViolation)
            {
                throw Ended(socket);
            }

            if (welcome != "auth_success")
            {
                throw new OrchestrationException(OrchestrationErrorKind.Unauthorized, $"The event stream of {Endpoint.Url} refused the credentials: {socket.CloseStatusDescription ?? "check PREFECT_API_KEY or PREFECT_API_AUTH_STRING"}");
            }

            await SayAsync(socket, writer => WriteFilter(writer, name, resourceId, Time.GetUtcNow()), opening.Token).ConfigureAwait(false);
            while (await HearAsync(socket, cancellationToken).ConfigureAwait(false) is { } type)
            {
                if (type == "event" && !heard())
                {
                    return true;
                }
            }

            throw Ended(socket);
        }
        catch (WebSocketException) when (socket.HttpStatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            return false;
        }
        catch (Exception error) when (error is WebSocketException or HttpRequestException or IOException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new OrchestrationException(OrchestrationErrorKind.Unavailable, $"The event stream of {Endpoint.Url} cannot be used now: {error.Message}", error);
        }
    }

    private OrchestrationException Ended(ClientWebSocket socket) =>
        new(OrchestrationErrorKind.Unavailable, $"The event stream of {Endpoint.Url} ended: {(string.IsNullOrEmpty(socket.CloseStatusDescription) ? "the server closed it" : socket.CloseStatusDescription)}");

    private static void WriteFilter(Utf8JsonWriter writer, string name, string? resourceId, DateTimeOffset now)
    {
        writer.WriteString("type", "filter");
        writer.WriteStartObject("filter");
        writer.WriteStartObject("occurred");
        writer.WriteString("since", now - EventsSince);
        writer.WriteString("until", now.AddDays(365));
        writer.WriteEndObject();
        writer.WriteStartObject("event");
        writer.WriteStartArray("name");
        writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteEndObject();
        if (resourceId is not null)
        {
            writer.WriteStartObject("resource");
            writer.WriteStartArray("id");
            writer.WriteStringValue(resourceId);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static async Task SayAsync(ClientWebSocket socket, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> message = new();
        await using (Utf8JsonWriter writer = new(message))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The type of the next message; empty where it has none, null where the server closed the socket.</summary>
    private static async Task<string?> HearAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> message = new();
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(message.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Advance(received.Count);
            if (message.WrittenCount > LongestMessage)
            {
                throw new IOException("it sends a message of more than 4 MB.");
            }
        }
        while (!received.EndOfMessage);
        using JsonDocument json = JsonDocument.Parse(message.WrittenMemory);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : "";
    }
}
