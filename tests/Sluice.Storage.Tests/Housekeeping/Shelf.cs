using System.Text;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Housekeeping;

/// <summary>A local store, a clock, and short ways to publish into it and to clean it.</summary>
internal sealed class Shelf : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    public Shelf() => Store = PackageStores.Open(_folder["store"]);

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    public IPackageStore Store { get; }

    public string this[string path] => Path.Combine(_folder["store"], path);

    /// <summary>Publishes these texts, a file each.</summary>
    public Task<PackageWritten> PublishAsync(params string[] texts) => PublishAsync(Store, null, texts);

    public async Task<PackageWritten> PublishAsync(IPackageStore store, string? key, params string[] texts) =>
        await new PackageWriter(store, Time).WriteAsync(Drafts.Of(await ContentAsync(_folder.Path, texts)) with { StorageKey = key }, [], null, default);

    public static Task<PackageContent> ContentAsync(string folder, params string[] texts)
    {
        // The launch of all drafts names it.
        string[] all = ["a.dll", .. texts];
        string parent = Directory.CreateDirectory(Path.Combine(folder, "sources", Guid.NewGuid().ToString("N"))).FullName;
        PackageSource[] sources = [.. all.Select((text, i) => new PackageSource(i == 0 ? text : $"{i}.txt", Path.Combine(parent, i.ToString(System.Globalization.CultureInfo.InvariantCulture))))];
        for (int i = 0; i < all.Length; i++)
            File.WriteAllText(sources[i].FullPath, all[i]);
        return PackageContent.ReadAsync(sources, default);
    }

    public Task<CleaningReport> CleanAsync(TimeSpan grace, bool apply, params PackageWritten[] used) => CleanAsync(Store, grace, apply, used);

    public Task<CleaningReport> CleanAsync(IPackageStore store, TimeSpan grace, bool apply, params PackageWritten[] used) => new StoreHousekeeping(store, Time).CleanAsync(
        new() { Grace = grace, Apply = apply, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(used.Select(package => package.Reference.Digest).ToHashSet()) }, null, default);

    public Task<VerifyReport> VerifyAsync(bool quick = false) => new StoreHousekeeping(Store, Time).VerifyAsync(quick, null, default);

    public async Task<string[]> FoldersAsync() => [.. (await new StoreHousekeeping(Store, Time).ListAsync(null, default)).Select(package => package.Folder)];

    public static string BlobOf(string text) => PackageDigest.BlobKey(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
