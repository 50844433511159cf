using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;

namespace Sluice.Storage;

/// <summary>What stores and code sources ask while they work, at the publisher and again at the worker, so that no secret is stored with a deployment.</summary>
/// <param name="Secrets">Gives what <c>${NAME}</c> means.</param>
/// <param name="Blocks">Gives what <c>s3/dev-bucket</c> means.</param>
public sealed record StorageSources(ISecretSource Secrets, IBlockSource Blocks)
{
    /// <summary>Secrets from the environment, and no blocks.</summary>
    public static StorageSources Environment { get; } = new(EnvironmentSecrets.Only, NoBlocks.Instance);
}
