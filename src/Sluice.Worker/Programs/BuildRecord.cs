using System.Text.Json.Serialization;

namespace Sluice.Worker.Programs;

/// <summary>What <c>build.json</c> says of a built program; it is there once the build is whole.</summary>
/// <param name="Source">What was built, for people.</param>
/// <param name="Commit">The git commit; null for a script.</param>
/// <param name="Sdks">The SDKs of the machine that built it.</param>
/// <param name="Assembly">The program's assembly, relative to <c>files/</c>.</param>
/// <param name="Executable">Its executable; null where there is none.</param>
/// <param name="TargetFramework">As <c>net10.0</c>.</param>
internal sealed record BuildRecord(string Source, string? Commit, string Sdks, string Assembly, string? Executable, string TargetFramework);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BuildRecord))]
internal sealed partial class BuildJson : JsonSerializerContext;
