using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Storage.Packages;

/// <summary>The JSON of <c>manifest.json</c>: snake_case, every key present, and strict: a null or an absence where none may be is a <see cref="JsonException"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackageManifest))]
[JsonSerializable(typeof(PullUrls))]
internal sealed partial class PackageJson : JsonSerializerContext;
