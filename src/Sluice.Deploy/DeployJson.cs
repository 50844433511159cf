using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Deploy.Journal;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy;

/// <summary>The JSON of requests, outcomes and manifests: snake_case, null members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DeployRequest))]
[JsonSerializable(typeof(DeployOutcome))]
[JsonSerializable(typeof(DeployPlan))]
[JsonSerializable(typeof(IReadOnlyList<RecoveredApply>))]
[JsonSerializable(typeof(FlowsManifest))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(string))]
public sealed partial class DeployJson : JsonSerializerContext;
