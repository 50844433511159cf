using Sluice.Storage.Docker;
using Sluice.Storage.Git;

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

    [Theory]
    [InlineData("s3://ada:CANARY@bucket")]
    [InlineData("s3://ada:CANARY@bucket?regoin=x")]
    [InlineData("s3://ada:CAN/ARY@bucket/CANARY")]
    [InlineData("s3://ada:CANARY/x@bucket")]
    [InlineData("s3://ada:CANARY?x@bucket")]
    [InlineData("s3:// bucket?aws_secret_access_key=CANARY")]
    [InlineData("s3:// bucket?aws_secret_access_key=a@CANARY")]
    [InlineData("ada:CANARY@bucket/x")]
    [InlineData("gs://ada:CANARY@bucket?endpoint=")]
    [InlineData("az://ada:CANARY@container?x=y")]
    [InlineData("rclone://ada:CANARY@remote?x=y")]
    [InlineData("smb://ada:CANARY@host/share?x=y")]
    [InlineData("file://ada:CANARY@host/share")]
    [InlineData("webhook+https://ada:CANARY@host/packages?x=y")]
    [InlineData("webhook+https://ada:CANARY@host/packages")]
    [InlineData("webhook+https://ada:CANARY@host/packages?config=/nowhere/config.json")]
    [InlineData("webhook+https://host/packages?get_url=https://ada:CANARY@host/{sha256}")]
    [InlineData("docker://ada:CANARY@registry.example/team")]
    [InlineData("docker://ada:CANARY@registry.example/team?x=y")]
    [InlineData("docker:/ada:CANARY@registry.example/team")]
    [InlineData("block://ada:CANARY@s3/dev-bucket")]
    [InlineData("github://ada:CANARY@acme/flows?x=y")]
    [InlineData("git+https://ada:CANARY@git.example/a.git?x=y")]
    [InlineData("git+ssh://ada:CANARY@git.example/a.git?x=y")]
    [InlineData("sftp://ada:CANARY@host/x")]
    public async Task What_stands_before_an_at_sign_is_in_no_message(string location)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string[] messages = [.. (await Task.WhenAll(
            MessageAsync(async () =>
            {
                await using IPackageStore store = PackageStores.Open(location, new Secrets());
                if (store is IArchiveStore archives)
                    await (await archives.GetArchiveAsync(new(store.Location, new string('a', 64)), cancel)).DisposeAsync();
            }),
            MessageAsync(() => Task.FromResult(CodeSources.Open(StorageLocation.Parse(location), new Secrets()))),
            MessageAsync(() => Task.FromResult(ImageTargets.Open(location, new Secrets()))))).OfType<string>()];
        messages.ShouldNotBeEmpty();
        foreach (string message in messages)
            message.ShouldNotContain("CANARY");
    }

    private static async Task<string?> MessageAsync(Func<Task> use)
    {
        try
        {
            await use();
            return null;
        }
        catch (StorageException e)
        {
            return e.ToString();
        }
    }
}
