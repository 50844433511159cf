using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Sluice.Storage.Blocks;

namespace Sluice.Cli.Blocks;

/// <summary>A block's full name, as <c>s3/dev-bucket</c>.</summary>
internal sealed record BlockName(string Type, string Name)
{
    /// <summary>Reads what a user wrote.</summary>
    /// <exception cref="CliException">It is no full name.</exception>
    public static BlockName Parse(string text)
    {
        if (text.Split('/') is not [{ Length: > 0 } type, { Length: > 0 } name])
            throw CliException.BadUsage($"'{text}' is not a block's full name, which is written type/name, e.g. s3/dev-bucket");
        if (SecretBlocks.NameOf(name) != name)
        {
            string like = SecretBlocks.NameOf(name) is { } near ? $" Did you mean '{type}/{near}'?" : "";
            throw CliException.BadUsage($"'{name}' cannot be the name of a block: names have lower-case letters, digits and dashes.{like}");
        }
        return new(type, name);
    }

    /// <summary>The kind of blocks.</summary>
    /// <exception cref="CliException">Sluice does not know it.</exception>
    public BlockKind Kind() => Find(Type);

    /// <summary>A kind by its slug.</summary>
    /// <exception cref="CliException">Sluice does not know it.</exception>
    public static BlockKind Find(string slug) => BlockKinds.Find(slug) ?? throw CliException.BadUsage(
        $"there is no type of blocks '{slug}'.{DidYouMean.Question(slug, BlockKinds.All.Select(kind => kind.Slug))} There are: {string.Join(", ", BlockKinds.All.Select(kind => kind.Slug))}");

    /// <summary>The block, its secrets masked.</summary>
    /// <exception cref="CliException">There is none; the message says what may have been meant.</exception>
    public async Task<BlockDocument> FindAsync(IOrchestrationApi api, CancellationToken cancellationToken)
    {
        if (await api.FindBlockDocumentAsync(Type, Name, includeSecrets: false, cancellationToken) is { } document)
            return document;
        List<BlockDocument> all = await Pages.AllAsync(offset => api.ListBlockDocumentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
        throw new CliException($"there is no block '{this}'.{DidYouMean.Question(ToString(), all.Select(Of))} 'sluice block ls' lists them");
    }

    public static string Of(BlockDocument document) => $"{document.BlockType?.Slug}/{document.Name}";

    public override string ToString() => $"{Type}/{Name}";
}
