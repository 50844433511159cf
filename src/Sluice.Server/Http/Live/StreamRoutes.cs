using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Events;

namespace Sluice.Server.Http.Live;

/// <summary>The sockets of events and logs: <c>/events/in</c>, <c>/events/out</c>, <c>/logs/out</c>.</summary>
internal sealed class StreamRoutes(IOrchestrationApi api, IEvents events, LiveFeed<ServerEvent> eventFeed, LiveFeed<Log> logFeed, SocketDoor door, TimeProvider time)
{
    private const string ServerFailed = "The server is busy or cannot use its database; try again.";
    private const int ProtocolError = (int)WebSocketCloseStatus.ProtocolError;

    /// <summary>Prefect's <c>server.events.maximum_websocket_backfill</c>.</summary>
    private static readonly TimeSpan _backfill = TimeSpan.FromMinutes(15);

    public void Map(ApiRoutes routes)
    {
        routes.Socket("/events/in", TakeEventsAsync);
        routes.Socket("/events/out", SendEventsAsync);
        routes.Socket("/logs/out", SendLogsAsync);
    }

    /// <summary>Each event is kept before the next frame is read: a client that pings after its events and gets the pong knows that they are safe.</summary>
    private async Task TakeEventsAsync(HttpContext http)
    {
        await using PrefectSocket? socket = await PrefectSocket.AcceptAsync(http, door);
        while (socket is not null)
        {
            try
            {
                if (await socket.ReceiveAsync() is not { } frame)
                    return;
                BodyCheck check = new(OrchestrationJson.Default.Options);
                check.Check(frame, typeof(EventCreate), "body");
                if (check.Problems.Count > 0)
                    throw new BodyException(check.Problems);
                await api.CreateEventsAsync([frame.Deserialize(OrchestrationJson.Default.EventCreate)!], CancellationToken.None);
            }
            catch (Exception error) when (error is JsonException or BodyException or OrchestrationException { Kind: OrchestrationErrorKind.Invalid })
            {
                await socket.CloseAsync(ProtocolError, $"Invalid event: {Words(error)}");
                return;
            }
            catch (OrchestrationException error)
            {
                // The client keeps what was not confirmed and sends it again.
                await FailAsync(socket, door, "events in", error);
                return;
            }
        }
    }

    private async Task SendEventsAsync(HttpContext http)
    {
        await using PrefectSocket? socket = await PrefectSocket.AcceptAsync(http, door);
        if (socket is null || await FilterAsync(socket) is not { } message)
            return;
        DateTimeOffset now = time.GetUtcNow();
        EventFilter filter;
        try
        {
            // A stream has no end unless its filter names one.
            filter = EventFilterReader.Read(message.TryGetProperty("filter", out JsonElement sent) ? sent : default, "filter", now);
            bool ends = sent.ValueKind == JsonValueKind.Object && sent.TryGetProperty("occurred", out JsonElement occurred)
                && occurred.ValueKind == JsonValueKind.Object && occurred.TryGetProperty("until", out JsonElement until) && until.ValueKind == JsonValueKind.String;
            DateTimeOffset earliest = now - _backfill;
            filter = filter with { Since = filter.Since > earliest ? filter.Since : earliest, Until = ends ? filter.Until : DateTimeOffset.MaxValue };
        }
        catch (BodyException error)
        {
            await socket.CloseAsync(ProtocolError, $"Invalid filter: {Words(error)}");
            return;
        }
        bool backfill = !message.TryGetProperty("backfill", out JsonElement wants) || wants.ValueKind != JsonValueKind.False;
        await StreamAsync(socket, eventFeed, item => filter.Includes(item.Body), "event", backfill ? place => PastAsync(filter, place, socket.Gone) : null);
    }

    private async Task SendLogsAsync(HttpContext http)
    {
        await using PrefectSocket? socket = await PrefectSocket.AcceptAsync(http, door);
        if (socket is null || await FilterAsync(socket) is not { } message)
            return;
        Func<Log, bool> includes;
        try
        {
            if (!message.TryGetProperty("filter", out JsonElement sent))
                throw new JsonException("filter is missing");
            BodyCheck check = new(OrchestrationJson.Default.Options);
            check.Check(sent, typeof(LogFilter), "filter");
            if (check.Problems.Count > 0)
                throw new BodyException(check.Problems);
            includes = LogMatch.Of(sent.Deserialize(OrchestrationJson.Default.LogFilter)!);
        }
        catch (Exception error) when (error is JsonException or BodyException or OrchestrationException { Kind: OrchestrationErrorKind.Invalid })
        {
            await socket.CloseAsync(ProtocolError, $"Invalid filter: {Words(error)}");
            return;
        }
        await StreamAsync(socket, logFeed, includes, "log", past: null);
    }

    /// <summary>What was committed before a subscription began.</summary>
    private async IAsyncEnumerable<byte[]> PastAsync(EventFilter filter, long place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ServerEvent one in events.ScanEventsAsync(filter with { Ascending = true }, cancellationToken))
        {
            if (one.Seq <= place)
                yield return Json(one);
        }
    }

    /// <summary>What a subscriber is sent of an event.</summary>
    public static byte[] Json(ServerEvent one)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
            one.Write(writer);
        return buffer.ToArray();
    }

    private async Task StreamAsync<T>(PrefectSocket socket, LiveFeed<T> feed, Func<T, bool> includes, string kind, Func<long, IAsyncEnumerable<byte[]>>? past)
    {
        Task listening = ListenAsync(socket);
        try
        {
            await FollowAsync(socket, feed, includes, kind, past);
        }
        catch (OperationCanceledException)
        {
            // The client has closed, or the server stops: the socket says so itself.
        }
        catch (OrchestrationException error)
        {
            await FailAsync(socket, door, kind + "s out", error);
        }
        catch (Exception)
        {
            await socket.CloseAsync((int)WebSocketCloseStatus.InternalServerError, ServerFailed);
            throw;
        }
        finally
        {
            await socket.CloseAsync((int)WebSocketCloseStatus.NormalClosure, "");
            await listening;
        }
    }

    private static async Task FollowAsync<T>(PrefectSocket socket, LiveFeed<T> feed, Func<T, bool> includes, string kind, Func<long, IAsyncEnumerable<byte[]>>? past)
    {
        long place = await feed.JoinAsync(socket.Gone);
        try
        {
            if (past is not null)
            {
                await foreach (byte[] json in past(place))
                {
                    if (!await socket.SendAsync(Frame(kind, json)))
                        return;
                }
            }
            while (true)
            {
                foreach (LiveItem<T> item in await feed.NextAsync(place, socket.Gone))
                {
                    place = item.Seq;
                    if (includes(item.Value) && !await socket.SendAsync(Frame(kind, item.Json)))
                        return;
                }
            }
        }
        finally
        {
            feed.Leave();
        }
    }

    /// <summary>A subscriber has nothing more to say; reading notices its close and answers its pings.</summary>
    private static async Task ListenAsync(PrefectSocket socket)
    {
        while (true)
        {
            try
            {
                if (await socket.ReceiveAsync() is null)
                    return;
            }
            catch (JsonException)
            {
                // Passed over like everything else that it says.
            }
        }
    }

    /// <summary>The message that has to come after the greeting.</summary>
    private static async Task<JsonElement?> FilterAsync(PrefectSocket socket)
    {
        try
        {
            if (await socket.ReceiveAsync() is not { } message)
                return null;
            if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("filter"))
                return message;
        }
        catch (JsonException)
        {
            // The same answer as for a message of another kind.
        }
        await socket.CloseAsync(ProtocolError, "Expected 'filter' message");
        return null;
    }

    private static byte[] Frame(string kind, byte[] json) => [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{kind}\",\"{kind}\":"), .. json, (byte)'}'];

    /// <summary>Prefect's clients connect again after this code; a normal closure they take for the end. Paths are the owner's business.</summary>
    private static Task FailAsync(PrefectSocket socket, SocketDoor door, string what, OrchestrationException error)
    {
        door.Report($"{what} ended: {error.Message}");
        return socket.CloseAsync((int)WebSocketCloseStatus.InternalServerError, ServerFailed);
    }

    private static string Words(Exception error) => error is BodyException body ? $"{body.Problems[0].Place}: {body.Problems[0].Message}" : error.Message;
}
