namespace Sluice.Storage.Options;

/// <summary>An option of a storage system: the key in its URI's query, which is also the name of the block's field.</summary>
/// <param name="Name">As <c>region</c>.</param>
/// <param name="Meaning">One line for help and docs, with the default.</param>
/// <param name="IsSecret">Whether a URI may only refer to it, as <c>${NAME}</c>.</param>
/// <param name="Values">The values it may have; null for any.</param>
public sealed record StoreOption(string Name, string Meaning, bool IsSecret = false, IReadOnlyList<string>? Values = null);
