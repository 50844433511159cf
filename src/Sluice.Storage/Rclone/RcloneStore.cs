using System.Runtime.CompilerServices;
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
/// The systems behind have no way to create only where there is nothing, so <see cref="CreateAsync"/> looks first; and where they cannot replace by renaming,
/// a replaced object is gone for a moment, which readers wait out.
/// </remarks>
internal sealed class RcloneStore : IPackageStore
{
    private const string Uploads = ".uploads";
    private const int Looks = 9;
    private const int MoveAttempts = 8;

    // Below a file there is nothing, which SFTP, Apache's WebDAV and Samba say so.
    private static readonly string[] s_belowFiles = ["is a file not a directory", "couldn't list files: 400", "The request is not supported", "not a directory"];

    // Replacing is deleting and moving where a system cannot do both at once: what this process replaces, it replaces one after the other.
    private readonly SemaphoreSlim _replacing = new(1);
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly Lazy<Task<(RcloneDaemon Daemon, string Root)>> _started;

    internal RcloneStore(Uri location, ISecretSource secrets, TimeProvider time)
    {
        bool isSmb = location.Scheme == "smb";
        if (location.Host.Length == 0 || location.UserInfo.Length > 0 || !location.IsDefaultPort || (isSmb && location.AbsolutePath.Trim('/').Length == 0))
        {
            throw new StorageException(StorageErrorKind.Invalid, isSmb
                ? $"The storage '{StoreOptions.Shown(location)}' names no share: write it as smb://host/share/folder, with the user as smb_username=…."
                : $"The storage '{StoreOptions.Shown(location)}' names no remote: write it as rclone://remote/folder.");
        }
        _options = StoreOptions.Read(location, isSmb ? RcloneOptions.KnownOfSmb : RcloneOptions.KnownOfRclone, secrets);
        _time = time;
        StoreUri.PrefixOf(location);
        Location = location;
        _started = new(async () =>
        {
            RcloneOptions resolved = await RcloneOptions.ResolveAsync(location, _options, CancellationToken.None).ConfigureAwait(false);
            RcloneDaemon daemon = await RcloneDaemon.StartAsync(resolved.Environment, CancellationToken.None).ConfigureAwait(false);
            return (daemon, isSmb ? resolved.Root : await WithCaseAsync(daemon, resolved.Root).ConfigureAwait(false));
        });
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) =>
        Try(key, $"Cannot read {key} in the store {Shown}", cancellationToken, rclone => SizeAsync(rclone, key, cancellationToken));

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async rclone =>
    {
        await SendAsync(rclone, key, content, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async rclone =>
    {
        if (await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        await SendAsync(rclone, key, content, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        string what = $"Cannot read {key} in the store {Shown}";
        return Try<Stream>(key, what, cancellationToken, async rclone =>
        {
            HttpResponseMessage whole = await OpenAsync(rclone, key, cancellationToken).ConfigureAwait(false);
            return new ResumingStream(
                (offset, token) => Try(key, what, token, async again => await (await again.Daemon.OpenAsync(again.Root, key, offset, token).ConfigureAwait(false)).Content.ReadAsStreamAsync(token).ConfigureAwait(false)),
                await whole.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), whole.Content.Headers.ContentLength ?? 0,
                e => RcloneErrors.IsRclone(e, cancellationToken) ? RcloneErrors.Translate(e, what) : null, _time);
        });
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
            catch (RcloneException e) when (folder.Length > 0 && e.Status == System.Net.HttpStatusCode.NotFound)
            {
                // A store that is not there is told apart from a folder that is not.
                await KeysAsync(rclone, "", cancellationToken).ConfigureAwait(false);
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
        _replacing.Dispose();
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
        catch (RcloneException e) when (e.Status == System.Net.HttpStatusCode.NotFound || s_belowFiles.Any(words => e.Message.Contains(words, StringComparison.Ordinal)))
        {
            return null;
        }
    }

    private static async Task<List<string>> KeysAsync((RcloneDaemon Daemon, string Root) rclone, string folder, CancellationToken cancellationToken)
    {
        var input = new JsonObject
        {
            ["fs"] = rclone.Root,
            ["remote"] = folder,
            ["opt"] = new JsonObject { ["recurse"] = true, ["filesOnly"] = true, ["noModTime"] = true, ["noMimeType"] = true },
        };
        using JsonDocument answer = await rclone.Daemon.CallAsync("operations/list", input, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.GetProperty("list") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => item.GetProperty("Path").GetString()!)] : [];
    }

    private async Task SendAsync((RcloneDaemon Daemon, string Root) rclone, string key, Stream content, CancellationToken cancellationToken)
    {
        string name = Guid.NewGuid().ToString("N");
        var counted = new CountingStream(content);
        try
        {
            await rclone.Daemon.UploadAsync(rclone.Root, Uploads, name, counted, cancellationToken).ConfigureAwait(false);
            long? arrived = await SizeAsync(rclone, $"{Uploads}/{name}", cancellationToken).ConfigureAwait(false);
            if (arrived != counted.Count)
                throw new StorageException(StorageErrorKind.Unavailable, $"Cannot write {key} to the store {Shown}: {arrived ?? 0} of {counted.Count} bytes arrived. Try again.");
            if (PackageDigest.IsBlobKey(key))
            {
                await MoveAsync(rclone, $"{Uploads}/{name}", key, cancellationToken).ConfigureAwait(false);
                return;
            }
            await _replacing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await MoveAsync(rclone, $"{Uploads}/{name}", key, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _replacing.Release();
            }
        }
        catch (Exception e)
        {
            await ForgetAsync(rclone, $"{Uploads}/{name}").ConfigureAwait(false);
            // What reading the content threw comes wrapped by HttpClient.
            if (e is HttpRequestException && counted.Failure is { } failure)
                throw failure;
            throw;
        }
    }

    // Where a system cannot replace by renaming, rclone deletes first, and another writer may have done so just then.
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
            catch (RcloneException) when (attempt <= MoveAttempts)
            {
                // It may have been moved, and only what came after failed.
                if (await SizeAsync(rclone, upload, cancellationToken).ConfigureAwait(false) is null && await SizeAsync(rclone, key, cancellationToken).ConfigureAwait(false) is not null)
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 50 * attempt)), _time, cancellationToken).ConfigureAwait(false);
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

    private async Task<HttpResponseMessage> OpenAsync((RcloneDaemon Daemon, string Root) rclone, string key, CancellationToken cancellationToken)
    {
        for (int look = 1; ; look++)
        {
            try
            {
                return await rclone.Daemon.OpenAsync(rclone.Root, key, 0, cancellationToken).ConfigureAwait(false);
            }
            // It may be about to be replaced.
            catch (Exception e) when (look < Looks && (e is HttpRequestException || e is RcloneException { Status: System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.InternalServerError }))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(40 * look), _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

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
