namespace Sluice.Storage.Housekeeping;

/// <summary>
/// Marks in a store that keep packages which no deployment names yet: those that a rollback is about to bring back. A cleaning reads them before it asks what deployments
/// name, so that it finds a package held, or named, or both. Whoever leaves one was killed before it could take it away: it lapses after a while by the clock of those who
/// clean.
/// </summary>
internal static class HoldMarks
{
    /// <summary>How long after a cleaning first saw a mark it counts.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    // Below the prefix of the other marks, so that no listing of packages meets it.
    private const string Prefix = CleaningState.Prefix + "hold-";
    private const int DigestLength = 64;

    /// <summary>A new key for a package of this digest.</summary>
    public static string NewKey(string digest) => $"{Prefix}{digest}-{Guid.NewGuid():N}";

    /// <summary>All marks of a store.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(IPackageStore store, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (string key in store.ListAsync(CleaningState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length + DigestLength)
                keys.Add(key);
        }
        return keys;
    }

    /// <summary>The digest that a mark holds.</summary>
    public static string DigestOf(string key) => key.Substring(Prefix.Length, DigestLength);
}
