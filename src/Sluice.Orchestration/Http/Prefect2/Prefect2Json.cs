using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>The JSON context of what Prefect 2.10 says otherwise than 3.x. Its models refuse unknown keys, so these name what it knows and nothing else.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(Prefect2DeploymentBody))]
[JsonSerializable(typeof(Prefect2DeploymentPatch))]
[JsonSerializable(typeof(Prefect2Deployment))]
[JsonSerializable(typeof(IReadOnlyList<Prefect2Deployment>))]
[JsonSerializable(typeof(Prefect2Query))]
[JsonSerializable(typeof(Prefect2ArtifactsQuery))]
[JsonSerializable(typeof(Prefect2FlowBody))]
[JsonSerializable(typeof(Prefect2DeploymentRunBody))]
[JsonSerializable(typeof(Prefect2FlowRunBody))]
[JsonSerializable(typeof(Prefect2FlowRunPatch))]
[JsonSerializable(typeof(Prefect2SetStateBody))]
[JsonSerializable(typeof(Prefect2HeartbeatBody))]
[JsonSerializable(typeof(IReadOnlyList<Prefect2Worker>))]
[JsonSerializable(typeof(Schedule))]
internal sealed partial class Prefect2Json : JsonSerializerContext;
