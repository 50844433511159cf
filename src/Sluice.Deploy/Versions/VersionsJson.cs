using System.Text.Json.Serialization;

namespace Sluice.Deploy.Versions;

/// <summary>The JSON of <see cref="AppliedVersions"/>: snake_case, null members left out, unknown ones passed over.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AppliedVersions))]
internal sealed partial class VersionsJson : JsonSerializerContext;
