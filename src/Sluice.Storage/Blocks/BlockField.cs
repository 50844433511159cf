using Sluice.Storage.Options;

namespace Sluice.Storage.Blocks;

/// <summary>A field of a kind of blocks.</summary>
/// <param name="Name">As Prefect's block names it; an option of a URI has the same name.</param>
/// <param name="Meaning">One line for help and docs, with the default.</param>
public sealed record BlockField(string Name, string Meaning)
{
    /// <summary>Whether the server masks it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether a block needs it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The values it may have; null for any.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Its type in the block's schema: <c>string</c>, <c>integer</c>, <c>boolean</c> or <c>object</c>.</summary>
    public string Type { get; init; } = "string";

    internal static BlockField Of(StoreOption option) => new(option.Name, option.Meaning) { IsSecret = option.IsSecret, Values = option.Values };
}
