using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>An apply on its way, as a journal keeps it: what was, and what is to be.</summary>
internal sealed record ApplyEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Names what is made for it and has no name of its own.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whether it is being undone, so that whoever finds it goes on undoing.</summary>
    public bool Undoing { get; init; }

    /// <summary>Why it is being undone.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the server is of generation 2.</summary>
    public required bool IsPrefect2 { get; init; }

    public required DeploymentChanges Changes { get; init; }

    /// <summary>The infrastructures of the deployments, which their JSON does not carry.</summary>
    public IReadOnlyList<string?> Infrastructures { get; init => field = value ?? []; } = [];

    /// <summary>The fields of their blocks.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, JsonElement>?> InfrastructureData { get; init => field = value ?? []; } = [];

    /// <summary>The blocks that their code is fetched from.</summary>
    public IReadOnlyList<string?> StorageBlocks { get; init => field = value ?? []; } = [];

    public required ApplySnapshot Before { get; init; }

    /// <summary>What of the pools, queues and flows that were missing this apply made itself; null where that was not noted yet.</summary>
    public MadeNote? Made { get; init; }

    /// <summary>The deployments that are touched, for people.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Names => [.. Before.Deployments.Select(deployment => deployment.FullName)];

    public string ToText() => JsonSerializer.Serialize(this, ApplyJson.Default.ApplyEntry);

    /// <exception cref="OrchestrationException">Of kind Invalid: it is none, or one of a newer version.</exception>
    public static ApplyEntry Parse(string text)
    {
        try
        {
            ApplyEntry entry = JsonSerializer.Deserialize(text, ApplyJson.Default.ApplyEntry) ?? throw new JsonException("it is null");
            if (entry.Version > CurrentVersion)
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"it has the version {entry.Version}, and this program reads up to {CurrentVersion}: use a newer one");
            return entry with { Changes = entry.Changes with { Deployments = [.. entry.Changes.Deployments.Select((apply, i) => apply with
            {
                Infrastructure = entry.Infrastructures.ElementAtOrDefault(i),
                InfrastructureData = entry.InfrastructureData.ElementAtOrDefault(i),
                StorageBlock = entry.StorageBlocks.ElementAtOrDefault(i),
            })] } };
        }
        catch (JsonException error)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"it cannot be read: {error.Message}", error);
        }
    }
}

/// <summary>All that an apply may touch, as it was.</summary>
internal sealed record ApplySnapshot
{
    /// <summary>Ids of flows by name; null for one that was missing.</summary>
    public required IReadOnlyDictionary<string, Guid?> Flows { get; init; }

    /// <summary>Whether the pools that are to be created were there.</summary>
    public required IReadOnlyDictionary<string, bool> Pools { get; init; }

    /// <summary>The queues that were missing.</summary>
    public required IReadOnlyList<QueuePlace> MissingQueues { get; init; }

    public required IReadOnlyList<DeploymentBefore> Deployments { get; init; }

    public DeploymentBefore? Find(string flow, string name) => Deployments.FirstOrDefault(deployment => deployment.Flow == flow && deployment.Name == name);

    public DeploymentBefore? Find(Guid id) => Deployments.FirstOrDefault(deployment => deployment.Id == id);
}

/// <summary>What an apply made.</summary>
/// <param name="Ids">What it surely made.</param>
/// <param name="Unsure">What it asked for and does not know whether it made: the answer was lost, or the server makes it by the way.</param>
internal sealed record MadeNote(IReadOnlyList<Guid> Ids, IReadOnlyList<string> Unsure);

/// <summary>A queue by name.</summary>
internal sealed record QueuePlace(string Pool, string Queue);

/// <summary>A deployment as it was.</summary>
internal sealed record DeploymentBefore
{
    public required string Flow { get; init; }

    public required string Name { get; init; }

    /// <summary>Null where it was missing.</summary>
    public Guid? Id { get; init; }

    /// <summary>The server's answer, whole.</summary>
    public JsonElement? Answer { get; init; }

    [JsonIgnore]
    public string FullName => $"{Flow}/{Name}";
}

/// <summary>The JSON context of journal entries and of what is read and written for them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ApplyEntry))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IReadOnlyList<JsonElement>))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(IReadOnlyList<Dictionary<string, JsonElement>>))]
internal sealed partial class ApplyJson : JsonSerializerContext;
