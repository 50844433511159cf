using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Events;

namespace Sluice.Server.Http;

/// <summary>The routes of events.</summary>
internal static class EventRoutes
{
    /// <summary>Prefect's largest page, and the usual one.</summary>
    private const int MaxPage = 50;

    public static void Map(ApiRoutes routes, IOrchestrationApi api)
    {
        routes.Post("/events", async request =>
        {
            await request.Api.CreateEventsAsync(await request.BodyAsync(OrchestrationJson.Default.IReadOnlyListEventCreate), request.Aborted);
            return Answer.NoContent;
        });
        if (api is IEvents events)
        {
            MapReading(routes, events);
        }
    }

    private static void MapReading(ApiRoutes routes, IEvents events)
    {
        routes.Post("/events/filter", async request =>
        {
            EventsQuery query = await request.BodyAsync(ServerJson.Default.EventsQuery);
            if (query.Limit is < 0 or > MaxPage)
                throw new BodyException([new("less_than_equal", "body.limit", "Input should be greater than or equal to 0 and less than or equal to 50")]);
            DateTimeOffset now = request.Time.GetUtcNow();
            var place = new EventsPage { Filter = query.Filter, Now = now, PageSize = query.Limit ?? MaxPage };
            return await PageAsync(request, events, place);
        });
        routes.Get("/events/filter/next", async request => Place(request.Http.Request.Query["page-token"]) is { } place
            ? await PageAsync(request, events, place)
            : Answer.Problem(StatusCodes.Status403Forbidden, "Forbidden"));
        routes.Post("/events/count-by/{countable}", async request => Answer.Ok(await EventCounts.CountAsync(
            events, request.Name("countable"), await request.BodyAsync(ServerJson.Default.EventCountQuery), request.Time.GetUtcNow(), request.Aborted)));
    }

    private static async Task<Answer> PageAsync(ApiRequest request, IEvents events, EventsPage place)
    {
        EventFilter filter = EventFilterReader.Read(place.Filter ?? default, "body.filter", place.Now);
        (IReadOnlyList<ServerEvent> page, int total) = await events.ListEventsAsync(filter, place.PageSize, place.Offset, request.Aborted);
        int next = place.Offset + place.PageSize;
        string? more = next >= total || place.PageSize == 0 ? null : Url(request, place with { Offset = next });
        return Answer.From(StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray("events");
            foreach (ServerEvent one in page)
                one.Write(writer);
            writer.WriteEndArray();
            writer.WriteNumber("total", total);
            writer.WriteString("next_page", more);
        });
    }

    private static string Url(ApiRequest request, EventsPage place)
    {
        string token = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(place, ServerJson.Default.EventsPage));
        HttpRequest http = request.Http.Request;
        return string.Create(CultureInfo.InvariantCulture, $"{http.Scheme}://{http.Host}{ApiRoutes.Prefix}/events/filter/next?page-token={token}");
    }

    /// <summary>The place that a page token names; null where it names none.</summary>
    private static EventsPage? Place(string? token)
    {
        try
        {
            EventsPage? place = string.IsNullOrEmpty(token) ? null : JsonSerializer.Deserialize(Base64Url.DecodeFromUtf8(Encoding.UTF8.GetBytes(token)), ServerJson.Default.EventsPage);
            return place is { PageSize: >= 0 and <= MaxPage, Offset: >= 0 } ? place : null;
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>The body of <c>/events/filter</c>.</summary>
internal sealed record EventsQuery
{
    public JsonElement? Filter { get; init; }

    public int? Limit { get; init; }
}

/// <summary>The body of <c>/events/count-by</c>.</summary>
internal sealed record EventCountQuery
{
    public required JsonElement Filter { get; init; }

    public string? TimeUnit { get; init; }

    public double? TimeInterval { get; init; }
}

/// <summary>A place in a list of events, as a page token holds it: the time is that of the first page, so that new events do not shift the rest.</summary>
internal sealed record EventsPage
{
    public JsonElement? Filter { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required int PageSize { get; init; }

    public int Offset { get; init; }
}
