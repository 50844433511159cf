using System.Text.Json;

namespace Sluice.Deploy.Files;

/// <summary>The blocks of a file that Prefect 2's agents start runs by.</summary>
/// <param name="Storage">A saved block of storage, as <c>s3/prod</c>; null for none.</param>
/// <param name="Infrastructure">The fields of an infrastructure block without a name; null for none.</param>
/// <param name="HasNoStorage">Whether the file says that there is no block of storage, so that a live one goes.</param>
internal sealed record FileBlocks(string? Storage, IReadOnlyDictionary<string, JsonElement>? Infrastructure, bool HasNoStorage)
{
    /// <summary>Whether the live block of storage stays as people set it, whatever the file says.</summary>
    public bool KeepsStorage { get; init; }

    /// <summary>What the file says of its storage, for the record: a block's name, nothing where it says that there is none. Null where it does not say.</summary>
    public string? SaidStorage => Storage ?? (HasNoStorage ? "" : null);

    /// <summary>What a record says of its file's storage, as blocks; null where it does not.</summary>
    public static FileBlocks? Of(string? saidStorage) => saidStorage is null ? null : new(saidStorage.Length == 0 ? null : saidStorage, null, saidStorage.Length == 0);
}
