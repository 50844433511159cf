using System.Text.Json;

namespace Sluice.Deploy.Files;

/// <summary>The blocks of a file that Prefect 2's agents start runs by.</summary>
/// <param name="Storage">A saved block of storage, as <c>s3/prod</c>; null for none.</param>
/// <param name="Infrastructure">The fields of an infrastructure block without a name; null for none.</param>
/// <param name="HasNoStorage">Whether the file says that there is no block of storage, so that a live one goes.</param>
internal sealed record FileBlocks(string? Storage, IReadOnlyDictionary<string, JsonElement>? Infrastructure, bool HasNoStorage);
