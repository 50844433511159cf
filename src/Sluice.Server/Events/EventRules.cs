using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Events;

/// <summary>What Prefect asks of an event before it takes it, with Prefect's limits.</summary>
internal static class EventRules
{
    private const int MaxNameLength = 1024;
    private const int MaxLabels = 500;
    private const int MaxRelated = 100;

    /// <exception cref="OrchestrationException">Of kind Invalid: the event breaks a rule.</exception>
    public static void Check(EventCreate received, string place)
    {
        if (received.Event.Length > MaxNameLength)
            throw Refuse.Invalid($"{place}.event", string.Create(CultureInfo.InvariantCulture, $"Event name must be at most {MaxNameLength} characters"));
        if (received.Payload is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
            throw Refuse.Invalid($"{place}.payload", "Input should be a valid dictionary");
        CheckResource(received.Resource, $"{place}.resource");
        if (received.Related.Count > MaxRelated)
            throw Refuse.Invalid($"{place}.related", string.Create(CultureInfo.InvariantCulture, $"The maximum number of related resources is {MaxRelated}"));
        for (int i = 0; i < received.Related.Count; i++)
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"{place}.related.{i}");
            CheckResource(received.Related[i], at);
            if (!received.Related[i].TryGetValue(ServerEvent.ResourceRole, out string? role) || string.IsNullOrEmpty(role))
                throw Refuse.Invalid(at, "Related Resources must include the prefect.resource.role label");
        }
    }

    private static void CheckResource(IReadOnlyDictionary<string, string> labels, string place)
    {
        if (labels.Count > MaxLabels)
            throw Refuse.Invalid(place, string.Create(CultureInfo.InvariantCulture, $"The maximum number of labels per resource is {MaxLabels}"));
        if (labels.FirstOrDefault(label => label.Value is null).Key is { } empty)
            throw Refuse.Invalid($"{place}.{empty}", "Input should be a valid string");
        if (!labels.TryGetValue(ServerEvent.ResourceId, out string? id))
            throw Refuse.Invalid(place, "Resources must include the prefect.resource.id label");
        if (id.Length == 0)
            throw Refuse.Invalid(place, "The prefect.resource.id label must be non-empty");
    }
}
