using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Journal;

/// <summary>
/// Journals in a store: <c>journal/SERVER/APP/NUMBER.json</c>. Creating a number is the lock: the first publisher creates 1, whoever takes a dead one's over
/// creates the next number, and the highest is the truth. Who is done deletes them from the lowest on.
/// </summary>
internal sealed class JournalStore(IPackageStore store, string server) : IAsyncDisposable
{
    /// <summary>What the keys of all journals begin with.</summary>
    public const string Prefix = "journal/";

    // 1,000 deployments, each twice, with a schema of 60 KB.
    private const int LongestDocument = 256 * 1024 * 1024;

    private readonly string _server = Slug(server) + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server)))[..8];

    public Uri Location => store.Location;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>The journals of the server; of one app alone where it is named.</summary>
    /// <exception cref="DeployException">One cannot be read.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<IReadOnlyList<FoundJournal>> FindAsync(string? app, CancellationToken cancellationToken)
    {
        var newest = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string prefix = app is null ? $"{Prefix}{_server}/" : Folder(app);
        try
        {
            await foreach (string key in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                int slash = key.LastIndexOf('/');
                if (int.TryParse(Path.GetFileNameWithoutExtension(key[(slash + 1)..]), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > newest.GetValueOrDefault(key[..(slash + 1)]))
                    newest[key[..(slash + 1)]] = number;
            }
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return []; // nothing was ever stored there
        }
        var found = new List<FoundJournal>();
        foreach ((string folder, int number) in newest)
        {
            if (await ReadAsync(folder, number, cancellationToken).ConfigureAwait(false) is { } document)
                found.Add(new(folder, number, document));
        }
        return found;
    }

    /// <summary>Creates a journal under a number; false where another publisher has.</summary>
    public async Task<bool> CreateAsync(string folder, int number, JournalDocument document, CancellationToken cancellationToken) =>
        await store.CreateAsync(Key(folder, number), Content(document), cancellationToken).ConfigureAwait(false);

    public Task PutAsync(string folder, int number, JournalDocument document, CancellationToken cancellationToken) => store.PutAsync(Key(folder, number), Content(document), cancellationToken);

    /// <summary>Deletes all up to a number, from the lowest on, so that one is there until the end.</summary>
    public async Task DeleteAsync(string folder, int number, CancellationToken cancellationToken)
    {
        for (int i = 1; i <= number; i++)
            await store.DeleteAsync(Key(folder, i), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the one under a number, and leaves those below it.</summary>
    public Task DeleteOneAsync(string folder, int number, CancellationToken cancellationToken) => store.DeleteAsync(Key(folder, number), cancellationToken);

    /// <summary>Whether somebody else took the journal over.</summary>
    public async Task<bool> IsTakenAsync(string folder, int number, CancellationToken cancellationToken) =>
        await store.GetSizeAsync(Key(folder, number + 1), cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The journal under a number; null where there is none.</summary>
    /// <exception cref="DeployException">It cannot be read.</exception>
    public async Task<JournalDocument?> ReadAsync(string folder, int number, CancellationToken cancellationToken)
    {
        byte[] json;
        try
        {
            await using Stream stream = await store.GetAsync(Key(folder, number), cancellationToken).ConfigureAwait(false);
            var bytes = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > LongestDocument)
                    throw Damaged(folder, number, "it is far too long");
            }
            json = bytes.ToArray();
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null; // its publisher is done
        }
        try
        {
            JournalDocument document = JsonSerializer.Deserialize(json, JournalJson.Default.JournalDocument) ?? throw new JsonException("It is null.");
            return document.JournalVersion == JournalDocument.Format ? document
                : throw Damaged(folder, number, string.Create(CultureInfo.InvariantCulture, $"it has the format {document.JournalVersion}, and this Sluice reads {JournalDocument.Format}: use a newer Sluice"));
        }
        catch (JsonException e)
        {
            throw Damaged(folder, number, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Where a journal is, for people.</summary>
    public string Shown(string folder, int number) => StorageLocation.Shown(StoreUri.Append(store.Location, Key(folder, number)));

    public string Folder(string app) => $"{Prefix}{_server}/{Slug(app)}/";

    public DeployException Damaged(string folder, int number, string why) => new((DeployCodes.JournalDamaged,
        $"The journal of an interrupted publish cannot be read ({why}): {Shown(folder, number)}. Look whether the deployments of that app are as they should be, delete this file, and publish again."));

    private static string Key(string folder, int number) => string.Create(CultureInfo.InvariantCulture, $"{folder}{number:000}.json");

    private static string Slug(string text) => PackageSlug.Of(text) is { Length: > 0 } slug ? slug : "app";

    private static MemoryStream Content(JournalDocument document) => new(JsonSerializer.SerializeToUtf8Bytes(document, JournalJson.Default.JournalDocument), writable: false);
}

/// <summary>A journal that was found.</summary>
/// <param name="Folder">The folder of its app.</param>
/// <param name="Number">Its number.</param>
/// <param name="Document">What it says.</param>
internal sealed record FoundJournal(string Folder, int Number, JournalDocument Document)
{
    /// <summary>How long a publisher counts as alive after its last sign of life.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    public bool IsAlive(TimeProvider time) => !Document.Released && time.GetUtcNow() - Document.Renewed <= Lease && !Document.Publisher.IsGone();

    /// <summary>Who and since when, for people.</summary>
    public string Who => $"{Document.Publisher}, since {Document.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC";
}
