using System.Reflection;
using Sluice.Storage.Blocks;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Blocks;

/// <summary>A store that is opened by the name of a block does all that the store behind it does.</summary>
public sealed class BlockStoreTests : PackageStoreContract, IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    protected override bool SignsUrls => false;

    protected override StorageSources? Sources => new(new Secrets(), new NamedBlocks(("local-file-system/dev", $$"""{"basepath":"{{_temp["store"]}}"}""")));

    protected override Task<IPackageStore> OpenAsync() => Task.FromResult(PackageStores.Open("local-file-system/dev/a folder/below", Sources));

    [Fact]
    public void No_member_of_a_store_is_left_to_its_default()
    {
        InterfaceMapping map = typeof(BlockStore).GetInterfaceMap(typeof(IPackageStore));
        map.TargetMethods.Where(method => method.DeclaringType != typeof(BlockStore)).ShouldBeEmpty();
    }
}
