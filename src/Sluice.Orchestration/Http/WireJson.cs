using System.Text.Json.Serialization;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http;

/// <summary>The JSON context of bodies that only client and endpoints see.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(SetStateBody))]
[JsonSerializable(typeof(LeaseRenewal))]
[JsonSerializable(typeof(PageBody))]
[JsonSerializable(typeof(ChangeAnswer))]
[JsonSerializable(typeof(ServerRecord))]
[JsonSerializable(typeof(LeasedSlots))]
[JsonSerializable(typeof(SlotsLeaseBody))]
[JsonSerializable(typeof(SlotsRenewal))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>The body of Prefect's <c>set_state</c>.</summary>
internal sealed record SetStateBody
{
    public required StateCreate State { get; init; }

    public bool Force { get; init; }
}

/// <summary>Which page of a list.</summary>
internal sealed record PageBody
{
    public int? Offset { get; init; }
}

/// <summary>The body of <c>/sluice/leases/renew</c>.</summary>
internal sealed record LeaseRenewal
{
    public required IReadOnlyList<Guid> FlowRunIds { get; init; }

    public required double LeaseSeconds { get; init; }

    /// <summary>For which claim each run is renewed; by run, where it is known.</summary>
    public IReadOnlyDictionary<Guid, Guid>? Attempts { get; init; }
}

/// <summary>The answer of <c>/sluice/changes</c>.</summary>
internal sealed record ChangeAnswer
{
    public required long Change { get; init; }
}

/// <summary>The answer of <c>/v2/concurrency_limits/increment-with-lease</c>.</summary>
internal sealed record LeasedSlots
{
    public required Guid LeaseId { get; init; }

    public required IReadOnlyList<SlotsLimit> Limits { get; init; }
}

/// <summary>The body of <c>/v2/concurrency_limits/decrement-with-lease</c>.</summary>
internal sealed record SlotsLeaseBody
{
    public required Guid LeaseId { get; init; }
}

/// <summary>The body of <c>/v2/concurrency_limits/leases/{id}/renew</c>.</summary>
internal sealed record SlotsRenewal
{
    public double? LeaseDuration { get; init; }
}
