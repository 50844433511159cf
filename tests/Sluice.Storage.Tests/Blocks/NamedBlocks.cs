using System.Text.Json;
using Sluice.Storage.Blocks;

namespace Sluice.Storage.Tests;

/// <summary>A few blocks, as the server's adapter would give them: <c>s3/dev</c> and its fields as JSON.</summary>
internal sealed class NamedBlocks(params (string Name, string Fields)[] known) : IBlockSource
{
    /// <summary>How often a block was asked for.</summary>
    public int Questions { get; private set; }

    public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken)
    {
        Questions++;
        string? fields = known.FirstOrDefault(block => block.Name == $"{type}/{name}").Fields;
        return new(fields is null ? null : new StorageBlock(type, name, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(fields)!));
    }
}
