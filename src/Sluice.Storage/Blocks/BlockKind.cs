using Sluice.Storage.Git;

namespace Sluice.Storage.Blocks;

/// <summary>A kind of named blocks: Prefect's block type, its fields, and what a block of it stands for.</summary>
/// <param name="Slug">As <c>s3</c>.</param>
/// <param name="Name">Prefect's name for people, as <c>Remote File System</c>.</param>
/// <param name="Meaning">One line for help and docs.</param>
/// <param name="Use">What its blocks are for.</param>
/// <param name="Fields">Its fields: those of Prefect's block first, then the options of the URI that it has not.</param>
public sealed record BlockKind(string Slug, string Name, string Meaning, BlockUse Use, IReadOnlyList<BlockField> Fields)
{
    /// <summary>What Prefect says that such blocks can do.</summary>
    public IReadOnlyList<string> Capabilities => Use switch
    {
        BlockUse.Packages => ["get-directory", "put-directory", "read-path", "write-path"],
        BlockUse.Source => ["get-directory"],
        _ => [],
    };

    /// <summary>Checks that a block stands for something that can be opened. Nobody is asked.</summary>
    /// <exception cref="StorageException">Of kind Invalid: it does not; the message says what is wrong.</exception>
    public void Check(StorageBlock block)
    {
        if (Locate is null)
            return;
        var target = new BlockTarget(block);
        Locate(target, null);
        (Uri location, StorageSources sources) = target.Build(StorageSources.Environment);
        if (Use == BlockUse.Source)
            CodeSources.Open(location, sources);
        else
            _ = PackageStores.Open(location, sources); // opened lazily, so there is nothing to close
    }

    /// <summary>Turns a block into the URI that it stands for; null for a secret.</summary>
    internal Action<BlockTarget, string?>? Locate { get; init; }
}

/// <summary>What blocks of a kind are for.</summary>
public enum BlockUse
{
    /// <summary>A secret that <c>${NAME}</c> finds.</summary>
    Secret,

    /// <summary>A store of packages.</summary>
    Packages,

    /// <summary>Source in a git repository.</summary>
    Source,
}
