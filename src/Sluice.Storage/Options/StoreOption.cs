namespace Sluice.Storage.Options;

/// <summary>An option of a storage system: the key in its URI's query, which is also the name of the block's field.</summary>
/// <param name="Name">As <c>region</c>. One that ends with <c>_NAME</c> stands for many: <c>get_header_NAME</c> for <c>get_header_Accept</c>.</param>
/// <param name="Meaning">One line for help and docs, with the default.</param>
/// <param name="IsSecret">Whether a URI may only refer to it, as <c>${NAME}</c>.</param>
/// <param name="Values">The values it may have; null for any.</param>
public sealed record StoreOption(string Name, string Meaning, bool IsSecret = false, IReadOnlyList<string>? Values = null)
{
    private const string AnyName = "NAME";

    /// <summary>Whether a key of a query is this option.</summary>
    public bool Covers(string key) => Name.EndsWith("_" + AnyName, StringComparison.Ordinal)
        ? key.Length > Name.Length - AnyName.Length && key.StartsWith(Name[..^AnyName.Length], StringComparison.Ordinal)
        : key == Name;
}
