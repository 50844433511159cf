using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Storage.Options;
using Sluice.Storage.Packages;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Rclone;

/// <summary>
/// Every system that rclone reaches as a store: <c>rclone://remote/folder</c> for a remote of its configuration, and <c>smb://host/share/folder</c>. An object is
/// sent to <c>.uploads/</c> and moved to its key, so that nobody sees a part of it.
/// </summary>
/// <remarks>
/// The systems behind cannot create only where there is nothing, so <see cref="CreateAsync"/> looks first. Nor do all replace by renaming: an object may be gone
/// between its deletion and the move of what follows it. An upload's name tells its key, so that a reader who finds nothing sees that something is about to come, and
/// waits; readers of the same process are kept out. rclone opens a file after it looked at its size, and so answers a mixture when it was replaced between: what can be
/// replaced is read whole before it is passed on.
/// </remarks>
internal sealed class RcloneStore : IPackageStore
{
    private const string Uploads = ".uploads";
    private const int Attempts = 8;
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longestMove = TimeSpan.FromSeconds(20);

    // Below a file there is nothing, which SFTP, Apache's WebDAV and Samba say so.
    private static readonly string[] s_belowFiles = ["is a file not a directory", "couldn't list files: 400", "The request is not supported", "not a directory"];

    private readonly KeyLocks _locks = new();
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly Lazy<Task<(RcloneDaemon Daemon, string Root)>> _started;

    internal RcloneStore(Uri location, ISecretSource secrets, TimeProvider time, TimeSpan? silence = null)
    {
        Location = location;
        bool isSmb = location.Scheme == "smb";
        const string share = "smb://host/share/folder, with the user as smb_username=…", remote = "rclone://remote/folder";
        (_, string prefix) = StoreUri.Read(location, isSmb ? "share" : "remote", isSmb ? share : remote);
        if (isSmb && prefix.Length == 0)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage '{Shown}' names no share: write it as {share}.");
        _options = StoreOptions.Read(location, isSmb ? RcloneOptions.KnownOfSmb : RcloneOptions.KnownOfRclone, secrets);
        _time = time;
        _started = new(async () =>
        {
            RcloneOptions resolved = await RcloneOptions.ResolveAsync(location, _options, CancellationToken.None).ConfigureAwait(false);
            RcloneDaemon daemon = await RcloneDaemon.StartAsync(resolved.Environment, silence ?? s_longestSilence, CancellationToken.None).ConfigureAwait(false);
            return (daemon, isSmb ? resolved.Root : await WithCaseAsync(daemon, resolved.Root).ConfigureAwait(false));
        });
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) =>
        Try(key, $"Cannot read {key} in the store {Shown}", cancellationToken, rclone => PackageDigest.IsBlobKey(key)
            ? SizeAsync(rclone, key, cancellationToken)
            : SettledAsync(rclone, key, () => SizeAsync(rclone, key, cancellationToken), cancellationToken));

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async rclone =>
        await SendAsync(rclone, key, content, createOnly: false, cancellationToken).ConfigureAwait(false));

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async rclone =>
        await SettledAsync(rclone, key, () => SizeAsync(rclone, key, cancellationToken), cancellationToken).ConfigureAwait(false) is null
        && await SendAsync(rclone, key, content, createOnly: true, cancellationToken).ConfigureAwait(false));

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        string what = $"Cannot read {key} in the store {Shown}";
        return Try(key, what, cancellationToken, rclone => PackageDigest.IsBlobKey(key)
            ? GetBlobAsync(rclone, key, what, cancellationToken)
            : GetWholeAsync(rclone, key, cancellationToken));
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int slash = prefix.LastIndexOf('/');
        string folder = slash < 0 ? "" : prefix[..slash];
        List<string> keys = await Try(null, $"Cannot list the store {Shown}", cancellationToken, async rclone =>
        {
            try
            {
                return await KeysAsync(rclone, folder, cancellationToken).ConfigureAwait(false);
            }
            catch (RcloneException e) when (folder.Length > 0 && e.Status == HttpStatusCode.NotFound)
            {
                // A store that is not there is told apart from a folder that is not.
                await KeysAsync(rclone, "", cancellationToken, recurse: false).ConfigureAwait(false);
                return [];
            }
        }).ConfigureAwait(false);
        foreach (string key in keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && StoreKey.Refuse(key) is null).Order(StringComparer.Ordinal))
            yield return key;
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => Try(key, $"Cannot delete {key} in the store {Shown}", cancellationToken, async rclone =>
    {
        if (await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) is null)
            return false;
        using JsonDocument _ = await rclone.Daemon.CallAsync("operations/deletefile", new() { ["fs"] = rclone.Root, ["remote"] = key }, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        StoreKey.Check(key);
        return Task.FromResult<Uri?>(null);
    }

    public async ValueTask DisposeAsync()
    {
        _locks.Dispose();
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
            await (await _started.Value.ConfigureAwait(false)).Daemon.DisposeAsync().ConfigureAwait(false);
    }

    // URIs lower the case of hosts, and rclone tells remotes apart by it.
    private static async Task<string> WithCaseAsync(RcloneDaemon daemon, string root)
    {
        string named = root[..root.IndexOf(':', StringComparison.Ordinal)];
        using JsonDocument answer = await daemon.CallAsync("config/listremotes", [], CancellationToken.None).ConfigureAwait(false);
        string[] remotes = answer.RootElement.GetProperty("remotes") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(remote => remote.GetString()!)] : [];
        return remotes.Contains(named, StringComparer.Ordinal) || remotes.FirstOrDefault(remote => remote.Equals(named, StringComparison.OrdinalIgnoreCase)) is not { } real
            ? root
            : real + root[named.Length..];
    }

    private static async Task<long?> SizeAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument answer = await rclone.Daemon.CallAsync("operations/stat", new() { ["fs"] = rclone.Root, ["remote"] = key }, cancellationToken).ConfigureAwait(false);
            return answer.RootElement.GetProperty("item") is { ValueKind: JsonValueKind.Object } item && !item.GetProperty("IsDir").GetBoolean() ? item.GetProperty("Size").GetInt64() : null;
        }
        catch (RcloneException e) when (e.Status == HttpStatusCode.NotFound || s_belowFiles.Any(words => e.Message.Contains(words, StringComparison.Ordinal)))
        {
            return null;
        }
    }

    private static async Task<List<string>> KeysAsync((RcloneDaemon Daemon, string Root) rclone, string folder, CancellationToken cancellationToken, bool recurse = true)
    {
        var input = new JsonObject
        {
            ["fs"] = rclone.Root,
            ["remote"] = folder,
            ["opt"] = new JsonObject { ["recurse"] = recurse, ["filesOnly"] = true, ["noModTime"] = true, ["noMimeType"] = true },
        };
        using JsonDocument answer = await rclone.Daemon.CallAsync("operations/list", input, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.GetProperty("list") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => item.GetProperty("Path").GetString()!)] : [];
    }

    private async Task<bool> SendAsync((RcloneDaemon Daemon, string Root) rclone, string key, Stream content, bool createOnly, CancellationToken cancellationToken)
    {
        await using Stream kept = await Spool.ReadAsync(content, cancellationToken).ConfigureAwait(false);
        string upload = $"{Uploads}/{MarkOf(key)}{Guid.NewGuid():N}";
        try
        {
            await UploadAsync(rclone, key, upload, kept, cancellationToken).ConfigureAwait(false);
            return PackageDigest.IsBlobKey(key)
                ? await MoveIfWantedAsync().ConfigureAwait(false)
                : await _locks.ReplaceAsync(key, MoveIfWantedAsync, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await ForgetAsync(rclone, upload).ConfigureAwait(false);
            throw;
        }

        async Task<bool> MoveIfWantedAsync()
        {
            // Another writer may have been first; a blob of the right size is the same blob, and replacing it would only hide it for a moment.
            if ((createOnly || PackageDigest.IsBlobKey(key)) && await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) is { } size && (createOnly || size == kept.Length))
            {
                await ForgetAsync(rclone, upload).ConfigureAwait(false);
                return false;
            }
            await MoveAsync(rclone, upload, key, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    // rclone streams what it is given and so cannot send it again itself.
    private Task<bool> UploadAsync((RcloneDaemon Daemon, string Root) rclone, string key, string upload, Stream kept, CancellationToken cancellationToken) => RepeatAsync(
        async () =>
        {
            kept.Position = 0;
            await rclone.Daemon.UploadAsync(rclone.Root, Uploads, upload[(Uploads.Length + 1)..], kept, cancellationToken).ConfigureAwait(false);
            long? arrived = await SizeAsync(rclone, upload, cancellationToken).ConfigureAwait(false);
            return arrived == kept.Length ? true : throw new IOException($"{arrived ?? 0} of {kept.Length} bytes arrived");
        },
        cancellationToken);

    // Where a system cannot replace by renaming, rclone deletes first, and another process may have done so just then.
    private async Task MoveAsync((RcloneDaemon Daemon, string Root) rclone, string upload, string key, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using JsonDocument _ = await rclone.Daemon.CallAsync(
                    "operations/movefile", new() { ["srcFs"] = rclone.Root, ["srcRemote"] = upload, ["dstFs"] = rclone.Root, ["dstRemote"] = key }, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RcloneException) when (attempt <= Attempts)
            {
                // It may have been moved, and only what came after failed.
                if (await SizeAsync(rclone, upload, cancellationToken).ConfigureAwait(false) is null && await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) is not null)
                    return;
                await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task ForgetAsync((RcloneDaemon Daemon, string Root) rclone, string upload)
    {
        try
        {
            using JsonDocument _ = await rclone.Daemon.CallAsync("operations/deletefile", new() { ["fs"] = rclone.Root, ["remote"] = upload }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (RcloneErrors.IsRclone(e, CancellationToken.None))
        {
            // It may never have been there, and nobody sees it.
        }
    }

    // A blob has one content only, and whoever reads it compares its digest: it is passed on as it comes.
    private async Task<Stream> GetBlobAsync((RcloneDaemon Daemon, string Root) rclone, string key, string what, CancellationToken cancellationToken)
    {
        HttpResponseMessage whole = await RepeatAsync(
            () => FoundAsync(rclone, key, () => LookAsync(rclone, key, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);
        long length = whole.Content.Headers.ContentLength ?? 0;
        return new ResumingStream(
            (offset, token) => Try(key, what, token, async again =>
            {
                HttpResponseMessage rest = await again.Daemon.OpenAsync(again.Root, key, offset, token).ConfigureAwait(false);
                return rest.Content.Headers.ContentLength == length - offset
                    ? await rest.Content.ReadAsStreamAsync(token).ConfigureAwait(false)
                    : throw new StorageException(StorageErrorKind.Changed, $"{what}: it was replaced while it was read. Try again.");
            }),
            await whole.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), length,
            e => RcloneErrors.IsRclone(e, cancellationToken) ? RcloneErrors.Translate(e, what) : null, _time);
    }

    // Writers of this process are kept out of each attempt alone: who waits for an object must not keep out the one who brings it.
    private Task<Stream> GetWholeAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken) => RepeatAsync(
        () => FoundAsync(rclone, key, () => _locks.ReadAsync(key, () => LookWholeAsync(rclone, key, cancellationToken), cancellationToken), cancellationToken), cancellationToken);

    // No request goes on where another ended, so that what one of them brings is of one file; cut at the length of the file before, that one has another length by now.
    private async Task<Stream?> LookWholeAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken)
    {
        using HttpResponseMessage? whole = await LookAsync(rclone, key, cancellationToken).ConfigureAwait(false);
        if (whole is null)
            return null;
        long length = whole.Content.Headers.ContentLength ?? 0;
        await using var once = new ResumingStream(
            (offset, _) => throw new IOException($"the connection ended after {offset} of {length} bytes"),
            await whole.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), length, _ => null, _time);
        Stream kept = await Spool.ReadAsync(once, cancellationToken).ConfigureAwait(false);
        if (kept.Length == length && await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) == length)
            return kept;
        await kept.DisposeAsync().ConfigureAwait(false);
        throw new IOException("it was replaced while it was read");
    }

    private static async Task<HttpResponseMessage?> LookAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken)
    {
        try
        {
            return await rclone.Daemon.OpenAsync(rclone.Root, key, 0, cancellationToken).ConfigureAwait(false);
        }
        catch (RcloneException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<T> FoundAsync<T>((RcloneDaemon Daemon, string Root) rclone, string key, Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class =>
        await SettledAsync(rclone, key, look, cancellationToken).ConfigureAwait(false) ?? throw new RcloneException(HttpStatusCode.NotFound, "object not found");

    // Nothing there means so only while no upload waits to be moved there. A killed writer's upload stays, so the wait for one is bounded.
    private async Task<T?> SettledAsync<T>((RcloneDaemon Daemon, string Root) rclone, string key, Func<Task<T?>> look, CancellationToken cancellationToken)
    {
        DateTimeOffset end = _time.GetUtcNow() + s_longestMove;
        for (int attempt = 1; ; attempt++)
        {
            if (await look().ConfigureAwait(false) is { } found)
                return found;
            // What was moved between these two questions is there for the second look.
            if (_time.GetUtcNow() > end || !await IsComingAsync(rclone, key, cancellationToken).ConfigureAwait(false))
                return await look().ConfigureAwait(false);
            await PauseAsync(Math.Min(attempt, 3), cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IsComingAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken)
    {
        try
        {
            string mark = $"{Uploads}/{MarkOf(key)}";
            return (await KeysAsync(rclone, Uploads, cancellationToken).ConfigureAwait(false)).Any(upload => upload.StartsWith(mark, StringComparison.Ordinal));
        }
        catch (RcloneException e) when (e.Status == HttpStatusCode.NotFound || e.Message.Contains("directory not found", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static string MarkOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16] + "-";

    private async Task<T> RepeatAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            // What will not pass by itself is known by rclone's words.
            catch (Exception e) when (attempt < Attempts && RcloneErrors.IsRclone(e, cancellationToken) && RcloneErrors.Translate(e, "").Kind == StorageErrorKind.Unavailable)
            {
                await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 60 * attempt)), _time, cancellationToken);

    private async Task<T> Try<T>(string? key, string what, CancellationToken cancellationToken, Func<(RcloneDaemon Daemon, string Root), Task<T>> work)
    {
        if (key is not null)
            StoreKey.Check(key);
        try
        {
            return await work(await _started.Value.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (RcloneErrors.IsRclone(e, cancellationToken))
        {
            throw RcloneErrors.Translate(e, what);
        }
    }
}
