using System.Text.Json.Serialization;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The JSON context of bodies that Prefect's clients send and ours does not.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(WorkQueuesQuery))]
[JsonSerializable(typeof(Everything))]
internal sealed partial class ServerJson : JsonSerializerContext;

/// <summary>The body of <c>/work_pools/{name}/queues/filter</c>.</summary>
internal sealed record WorkQueuesQuery
{
    public WorkQueueFilter? WorkQueues { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>A body that asks for all there is.</summary>
internal sealed record Everything
{
    public int? Limit { get; init; }

    public int? Offset { get; init; }
}
