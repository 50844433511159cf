using Sluice.Deploy.Versions;
using Sluice.Storage;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>Which stores are opened on the word of a server.</summary>
public sealed class TrustedStoresTests
{
    private static readonly Uri[] s_named = [new("s3://team/flows?endpoint_url=https://s3.example&aws_secret_access_key=$%7BKEY%7D"), new("webdav+https://files.example/flows?password=$%7BDAV%7D")];

    [Theory]
    [InlineData("file:///srv/flows", "file:///srv/flows")]
    [InlineData("s3://other/flows?region=eu", "s3://other/flows?region=eu")]
    [InlineData("az://box/flows", "az://box/flows")]
    // Of a store that the user names, the user's own options count.
    [InlineData("s3://team/flows?endpoint_url=https://evil.example/$%7BAWS_SECRET_ACCESS_KEY%7D", "s3://team/flows?endpoint_url=https://s3.example&aws_secret_access_key=$%7BKEY%7D")]
    [InlineData("s3://other/flows?region=$%7BAWS_SECRET_ACCESS_KEY%7D", null)]
    [InlineData("file://share/flows", null)]
    [InlineData("file:////share/flows", null)]
    [InlineData("file:///%5C%5Cshare/flows", null)]
    [InlineData("file:///%2f%2fshare/flows", null)]
    [InlineData("file:///C:/flows", "file:///C:/flows")]
    [InlineData("az://box/flows?endpoint_url=https://evil.example", null)]
    [InlineData("webhook+https://evil.example/flows", null)]
    public void A_record_is_read_where_no_secret_can_go_elsewhere(string store, string? opened)
    {
        var stores = new TrustedStores(s_named);
        if (opened is not null)
            stores.Of(new(store)).OriginalString.ShouldBe(opened);
        else
            Should.Throw<StorageException>(() => stores.Of(new(store))).Kind.ShouldBe(StorageErrorKind.Invalid);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(" s3://team/flows  /srv/flows s3/dev-bucket ", "s3://team/flows file:///srv/flows block://s3/dev-bucket")]
    [InlineData("s3://team/flows s4://team/flows", "SLUICE_RECORDS names 's4://team/flows', where no records lie: ")]
    [InlineData("flows", "SLUICE_RECORDS names a text that is no store, where no records lie: ")]
    [InlineData("s3://?secret=canary-7", "SLUICE_RECORDS names 's3://', where no records lie: ")]
    [InlineData("webhook+https://hooks.example", "SLUICE_RECORDS names 'webhook+https://hooks.example/', where no records lie: ")]
    public void The_stores_that_a_user_names_are_ones_that_can_hold_records(string? text, string says)
    {
        if (says.StartsWith(VersionRecords.StoresVariable, StringComparison.Ordinal))
            Should.Throw<StorageException>(() => VersionRecords.Stores(text).ToArray()).Message.ShouldStartWith(says);
        else
            string.Join(' ', VersionRecords.Stores(text)).ShouldBe(says);
    }

    [Theory]
    [InlineData("s3://team/flows/weather/2026?endpoint_url=https://s3.example&aws_secret_access_key=$%7BKEY%7D", true)]
    [InlineData("s3://team/flows/weather/2026?endpoint_url=https://evil.example/$%7BKEY%7D", false)]
    [InlineData("s3://team/flows-of-others/2026?endpoint_url=https://s3.example&aws_secret_access_key=$%7BKEY%7D", false)]
    [InlineData("s3://other/2026?region=$%7BKEY%7D", false)]
    [InlineData("webhook+https://hooks.example/weather", true)]
    [InlineData("webhook+https://hooks.example/weather?token=$%7BKEY%7D", false)]
    [InlineData("file:///srv/flows/weather/2026", true)]
    public void A_package_is_looked_at_where_no_secret_can_go_elsewhere(string package, bool isLookedAt)
    {
        var stores = new TrustedStores(s_named);
        if (isLookedAt)
            stores.Check(new(package));
        else
            Should.Throw<StorageException>(() => stores.Check(new(package))).Message.ShouldContain("set SLUICE_RECORDS to its whole URI");
    }
}
