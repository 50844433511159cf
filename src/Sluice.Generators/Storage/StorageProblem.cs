namespace Sluice.Generators.Storage;

/// <summary>Which rule a part of a storage text breaks.</summary>
internal enum StorageRule
{
    Scheme,
    Malformed,
    Option,
    Value,
    Excluded,
    Secret,
    Template,
    BlockType,
}

/// <summary>What is wrong with a storage text.</summary>
/// <param name="Offset">Where in the text.</param>
/// <param name="Replacement">The whole text that was probably meant; null where nothing is obvious.</param>
internal sealed record StorageProblem(StorageRule Rule, int Offset, int Length, string Message, string? Replacement = null);
