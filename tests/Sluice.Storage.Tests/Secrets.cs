using Sluice.Storage.Secrets;

namespace Sluice.Storage.Tests;

/// <summary>A few secrets, as the server's adapter would give them.</summary>
internal sealed class Secrets(params (string Name, string Value)[] known) : ISecretSource
{
    public static implicit operator StorageSources(Secrets secrets) => new(secrets, StorageSources.Environment.Blocks);

    public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) =>
        new(known.FirstOrDefault(secret => secret.Name == name).Value);
}
