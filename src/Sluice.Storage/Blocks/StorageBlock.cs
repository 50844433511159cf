using System.Text.Json;

namespace Sluice.Storage.Blocks;

/// <summary>A named block, as Prefect's block document has it.</summary>
/// <param name="Type">The slug of its type, as <c>s3</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Fields">Its fields by name; secrets in plain text, so that it must not be printed or stored.</param>
public sealed record StorageBlock(string Type, string Name, IReadOnlyDictionary<string, JsonElement> Fields)
{
    /// <summary>Type and name, without any field.</summary>
    public override string ToString() => $"{Type}/{Name}";
}
