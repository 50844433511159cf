using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Journal;

/// <summary>
/// Journals in a store: <c>journal/SERVER/APP/NUMBER.json</c>. Creating a number is the lock: the first publisher creates 1, whoever takes a dead one's over
/// creates the next number, and the highest is the truth. Who is done deletes them from the lowest on, so that a number whose 1 is gone or another's means nothing.
/// They are created and deleted, never replaced: what changes (signs of life, an undo that began, the end) lies beside, under the number and the journal's id, so that a
/// publisher that slept writes into nothing that is another's.
/// </summary>
internal sealed class JournalStore(IPackageStore store, string server) : IAsyncDisposable
{
    /// <summary>What the keys of all journals begin with.</summary>
    public const string Prefix = "journal/";

    // 1,000 deployments, each twice, with a schema of 60 KB.
    private const int LongestDocument = 256 * 1024 * 1024;

    private readonly string _server = Named(server);

    public Uri Location => store.Location;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>Whether a key is a journal's, and not what lies beside one.</summary>
    public static bool IsJournal(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) && NumberOf(key) is not null;

    /// <summary>The journal of an app; null where there is none.</summary>
    /// <exception cref="DeployException">It cannot be read.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<FoundJournal?> FindAsync(string app, bool tidies, CancellationToken cancellationToken)
    {
        foreach ((string folder, int number) in await ListAsync(Folder(app), cancellationToken).ConfigureAwait(false))
            return await FindAsync(folder, number, tidies, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>The journal of a folder; null where there is none any more.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="number">The highest number.</param>
    /// <param name="tidies">Whether numbers that mean nothing are deleted: left by who was killed while it deleted them, or while it took over, too late, what was done with.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="DeployException">It cannot be read.</exception>
    public async Task<FoundJournal?> FindAsync(string folder, int number, bool tidies, CancellationToken cancellationToken)
    {
        for (; number > 0; number--)
        {
            if (await ReadAsync(folder, number, cancellationToken).ConfigureAwait(false) is not { } document)
                continue;
            if (number == 1 || await IsOfAsync(folder, 1, document.Id, cancellationToken).ConfigureAwait(false))
                return new(folder, number, document);
            if (tidies)
                await DeleteOneAsync(folder, number, document.Id, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Where the server's journals are, whether they can be read or not.</summary>
    public Task<IReadOnlyDictionary<string, int>> ListAsync(CancellationToken cancellationToken) => ListAsync($"{Prefix}{_server}/", cancellationToken);

    private async Task<IReadOnlyDictionary<string, int>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var newest = new SortedDictionary<string, int>(StringComparer.Ordinal);
        try
        {
            await foreach (string key in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                string folder = key[..(key.LastIndexOf('/') + 1)];
                if (NumberOf(key) is { } number && number > newest.GetValueOrDefault(folder))
                    newest[folder] = number;
            }
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return newest; // nothing was ever stored there
        }
        return newest;
    }

    private static int? NumberOf(string key) =>
        int.TryParse(Path.GetFileNameWithoutExtension(key[(key.LastIndexOf('/') + 1)..]), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>Creates a journal under a number; false where another publisher has.</summary>
    public async Task<bool> CreateAsync(string folder, int number, JournalDocument document, CancellationToken cancellationToken) =>
        await store.CreateAsync(Key(folder, number), Content(document), cancellationToken).ConfigureAwait(false);

    /// <summary>Writes what changed of a journal, beside it.</summary>
    public Task PutAsync(string folder, int number, JournalDocument document, bool withEntry, CancellationToken cancellationToken) => store.PutAsync(
        StateKey(folder, number, document.Id),
        new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new() { Renewed = document.Renewed, Released = document.Released, Done = document.Done, Entry = withEntry ? document.Entry : null }, JournalJson.Default.JournalState), writable: false),
        cancellationToken);

    /// <summary>Deletes all up to a number, from the lowest on, so that one is there until the end.</summary>
    public async Task DeleteAsync(string folder, int number, Guid id, CancellationToken cancellationToken)
    {
        for (int i = 1; i <= number; i++)
            await DeleteOneAsync(folder, i, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the one under a number, and leaves those below it, and one that is another's by now: whoever slept since it read may be late.</summary>
    public async Task DeleteOneAsync(string folder, int number, Guid id, CancellationToken cancellationToken)
    {
        if (await IsOfAsync(folder, number, id, cancellationToken).ConfigureAwait(false))
            await store.DeleteAsync(Key(folder, number), cancellationToken).ConfigureAwait(false);
        await DeleteStateAsync(folder, number, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes what lies beside a journal that is another's by now.</summary>
    public Task DeleteStateAsync(string folder, int number, Guid id, CancellationToken cancellationToken) => store.DeleteAsync(StateKey(folder, number, id), cancellationToken);

    /// <summary>Whether a journal still is the one of an id, and nobody took it over.</summary>
    public async Task<bool> IsHeldAsync(string folder, int number, Guid id, CancellationToken cancellationToken) =>
        await IsOfAsync(folder, number, id, cancellationToken).ConfigureAwait(false) && !await IsOfAsync(folder, number + 1, id, cancellationToken).ConfigureAwait(false);

    private async Task<bool> IsOfAsync(string folder, int number, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            // Journals may be long: the id is in the first line of any.
            byte[] head = new byte[256];
            await using Stream stream = await store.GetAsync(Key(folder, number), cancellationToken).ConfigureAwait(false);
            int count = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(head, 0, count).Contains(id.ToString(), StringComparison.Ordinal);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return false;
        }
        catch (IOException e)
        {
            throw Broken(folder, number, e);
        }
    }

    /// <summary>The journal under a number; null where there is none.</summary>
    /// <exception cref="DeployException">It cannot be read.</exception>
    public async Task<JournalDocument?> ReadAsync(string folder, int number, CancellationToken cancellationToken)
    {
        if (await ReadAsync(folder, number, Key(folder, number), cancellationToken).ConfigureAwait(false) is not { } json)
            return null; // its publisher is done
        JournalDocument document = Parse(folder, number, json, JournalJson.Default.JournalDocument);
        if (document.JournalVersion != JournalDocument.Format)
            throw Damaged(folder, number, string.Create(CultureInfo.InvariantCulture, $"it has the format {document.JournalVersion}, and this Sluice reads {JournalDocument.Format}: use a newer Sluice"));
        return await ReadAsync(folder, number, StateKey(folder, number, document.Id), cancellationToken).ConfigureAwait(false) is { } beside
            ? document.With(Parse(folder, number, beside, JournalJson.Default.JournalState))
            : document;
    }

    private async Task<byte[]?> ReadAsync(string folder, int number, string key, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            var bytes = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > LongestDocument)
                    throw Damaged(folder, number, "it is far too long");
            }
            return bytes.ToArray();
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
        catch (IOException e)
        {
            throw Broken(folder, number, e);
        }
    }

    // A file of a network's file system opens, and fails when it is read.
    private StorageException Broken(string folder, int number, IOException e) =>
        StorageException.FromFileSystem(e, $"Cannot read {Shown(folder, number)}")!;

    private T Parse<T>(string folder, int number, byte[] json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Damaged(folder, number, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Where a journal is, for people.</summary>
    public string Shown(string folder, int number) => StorageLocation.Shown(StoreUri.Append(store.Location, Key(folder, number)));

    /// <summary>The folder of an app: names that read alike, as <c>My.App</c> and <c>My-App</c>, have folders of their own.</summary>
    public string Folder(string app) => $"{Prefix}{_server}/{Named(app)}/";

    public DeployException Damaged(string folder, int number, string why) => new((DeployCodes.JournalDamaged,
        $"The journal of an interrupted publish cannot be read ({why}): {Shown(folder, number)}. Look whether the deployments of that app are as they should be, delete this file, and publish again."));

    private static string Key(string folder, int number) => string.Create(CultureInfo.InvariantCulture, $"{folder}{number:000}.json");

    private static string StateKey(string folder, int number, Guid id) => string.Create(CultureInfo.InvariantCulture, $"{folder}{number:000}-{id:N}.state");

    private static string Named(string text) => (PackageSlug.Of(text) is { Length: > 0 } slug ? slug : "app") + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];

    private static MemoryStream Content(JournalDocument document) => new(JsonSerializer.SerializeToUtf8Bytes(document, JournalJson.Default.JournalDocument), writable: false);
}

/// <summary>A journal that was found.</summary>
/// <param name="Folder">The folder of its app.</param>
/// <param name="Number">Its number.</param>
/// <param name="Document">What it says.</param>
internal sealed record FoundJournal(string Folder, int Number, JournalDocument Document)
{
    /// <summary>Who and since when, for people.</summary>
    public string Who => $"{Document.Publisher}, since {Document.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC";
}
