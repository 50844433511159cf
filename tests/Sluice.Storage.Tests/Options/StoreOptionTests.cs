namespace Sluice.Storage.Tests.Options;

/// <summary>What a storage URI's query may say.</summary>
public sealed class StoreOptionTests
{
    [Theory]
    [InlineData("s3://bucket?regoin=x", "has the option 'regoin', which s3 does not know. It knows region, endpoint_url")]
    [InlineData("s3://bucket?region=", "has no value")]
    [InlineData("s3://bucket?region=a&region=b", "has the option region twice")]
    [InlineData("s3://bucket?aws_secret_access_key=CANARY", "is a secret, and a URI is no place for one: write aws_secret_access_key=${NAME}")]
    [InlineData("s3://bucket?addressing_style=CANARY", "it can be path, virtual")]
    [InlineData("s3:///prefix", "names no bucket")]
    [InlineData("s3://bucket:99/prefix", "names no bucket")]
    [InlineData("s3://bucket/../up", null)]
    [InlineData("s3://bucket/.hidden", "a segment begins with '.'")]
    public void What_is_wrong_is_said_in_one_line(string location, string? says)
    {
        if (says is null)
        {
            PackageStores.Open(location).Location.AbsoluteUri.ShouldBe("s3://bucket/up", "URIs know no way up");
            return;
        }
        StorageException e = Should.Throw<StorageException>(() => PackageStores.Open(location));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        if (!says.Contains("it can be", StringComparison.Ordinal))
            e.Message.ShouldNotContain("CANARY");
    }
}
