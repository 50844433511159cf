using Sluice.Generators.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Docker;
using Sluice.Storage.Git;
using Sluice.Storage.Options;

namespace Sluice.Storage.Tests.Options;

/// <summary>The analyzers know options, blocks and keys from tables of their own: those of the stores, which this holds equal.</summary>
public class AnalyzerTableTests
{
    [Fact]
    public void The_analyzers_know_the_schemes_and_options_that_the_stores_take()
    {
        var ours = PackageStores.Options.Concat(CodeSources.Options).ToDictionary(pair => pair.Key, pair => pair.Value.Select(option => Row(option.Name, option.IsSecret, option.Values)).ToArray());
        // A webhook without TLS is for this machine alone, and has the same options.
        ours["webhook+http"] = ours["webhook+https"];
        var theirs = StorageSchemes.All.ToDictionary(pair => pair.Key, pair => pair.Value.Select(option => Row(option.Name, option.IsSecret, option.Values)).ToArray());
        theirs.Keys.ShouldBe(ours.Keys, ignoreOrder: true);
        foreach ((string scheme, string[] options) in ours)
            theirs[scheme].ShouldBe(options, $"{scheme}: write it in src/Sluice.Generators/Storage/StorageSchemes.cs as well");
    }

    [Fact]
    public void They_know_the_types_of_blocks() =>
        StorageSchemes.Blocks.ShouldBe(BlockKinds.All.Where(kind => kind.Use != BlockUse.Secret).Select(kind => kind.Slug), ignoreOrder: true);

    [Theory]
    [InlineData("flows/prod")]
    [InlineData("")]
    [InlineData("/flows")]
    [InlineData("flows/")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("c:")]
    [InlineData("what?")]
    [InlineData("a|b")]
    [InlineData("a\u0007")]
    [InlineData("a./b")]
    [InlineData("a /b")]
    [InlineData(".git/x")]
    [InlineData("a/.b")]
    [InlineData("ä/ö 1")]
    public void They_judge_keys_as_the_stores_do(string key) => KeyRules.Refuse(key).ShouldBe(StoreKey.Refuse(key));

    /// <summary>What a deployment's Storage may be; the analyzers and the stores refuse the same ones.</summary>
    [Theory]
    [InlineData("s3://bucket/flows?region=x")]
    [InlineData("S3://bucket")]
    [InlineData("s3:///flows")]
    [InlineData("s3://me@bucket")]
    [InlineData("s3://bucket:9000")]
    [InlineData("s3://bucket/.git")]
    [InlineData("s3://bucket?regoin=x")]
    [InlineData("s3://bucket?region")]
    [InlineData("s3://bucket?region=a&region=b")]
    [InlineData("s3://bucket?addressing_style=paths")]
    [InlineData("s3://bucket?addressing_style=${STYLE}")]
    [InlineData("s3://bucket?aws_secret_access_key=hunter2")]
    [InlineData("s3://bucket?aws_secret_access_key=${KEY}")]
    [InlineData("gs://bucket/flows")]
    [InlineData("gs://?project=x")]
    [InlineData("az://container?overwrite=True")]
    [InlineData("rclone://backup//srv/flows")]
    [InlineData("smb://host")]
    [InlineData("smb://host/share?smb_password=x")]
    [InlineData("smb://host:445/share")]
    [InlineData("file:///srv/flows")]
    [InlineData("webhook+https://host/{sha256}")]
    [InlineData("webhook+https://me:p@host/{sha256}")]
    [InlineData("webhook+https:///{sha256}")]
    [InlineData("webhook+https://host/{sha256}?get_header_Authorization=Bearer%20x")]
    [InlineData("webhook+https://host/{sha256}?get_header_Authorization=Bearer%20${T}")]
    [InlineData("webhook+https://host/{sha256}?build_method=DELETE")]
    [InlineData("docker://registry.example/team")]
    [InlineData("docker://me@registry.example/team")]
    [InlineData("docker://registry.example/team?engine=containerd")]
    [InlineData("docker://")]
    [InlineData("docker:team")]
    [InlineData("github://owner/repository/src")]
    [InlineData("github://owner")]
    [InlineData("github://owner/repository?access_token=x")]
    [InlineData("gitlab://group/sub/project")]
    [InlineData("gitlab://group:1/project")]
    [InlineData("bitbucket://team/flows")]
    [InlineData("bitbucket://team/flows/more")]
    [InlineData("bitbucket://team/flows?access_token=${T}")]
    [InlineData("bitbucket://team/flows?project=X&host=git.example")]
    [InlineData("bitbucket://flows?project=~jane&host=git.example")]
    [InlineData("bitbucket://flows?project=~jane")]
    [InlineData("bitbucket://X/flows?host=git.example&cloud_username=me")]
    [InlineData("codecommit://eu-west-1/flows")]
    [InlineData("codecommit://eu-west-1")]
    [InlineData("codecommit://eu-west-1/flows?aws_access_key_id=${A}")]
    [InlineData("git+https://host/flows.git")]
    [InlineData("git+https://host")]
    [InlineData("git+https://host/flows.git?username=me")]
    [InlineData("git+http://host/flows.git?access_token=${T}")]
    [InlineData("git+ssh://git@host/flows.git")]
    [InlineData("git+ssh://git:p@host/flows.git")]
    [InlineData("s3/dev-bucket/flows")]
    [InlineData("s3/dev-bucket?region=x")]
    [InlineData("s3/Dev")]
    [InlineData("github/source?path=src")]
    [InlineData("s33/dev")]
    [InlineData("secret/token")]
    [InlineData("block://s3/dev")]
    [InlineData("block://s33/dev")]
    [InlineData("gcs://bucket")]
    [InlineData("not a storage")]
    public async Task They_refuse_what_the_stores_refuse(string storage)
    {
        string? refused = null;
        try
        {
            if (ImageTargets.Serves(storage))
                ImageTargets.Open(storage);
            else if (StorageLocation.Parse(storage) is var location && CodeSources.Serves(location))
                CodeSources.Open(location);
            else
                await PackageStores.Open(location).DisposeAsync();
        }
        catch (StorageException e)
        {
            refused = e.Message;
        }
        string[] said = [.. StorageText.Read(storage).Select(problem => $"{problem.Rule}: {problem.Message}")];
        (said.Length > 0).ShouldBe(refused is not null, $"the store: {refused ?? "takes it"}; the analyzers: {string.Join("; ", said)}");
    }

    private static string Row(string name, bool isSecret, IReadOnlyList<string>? values) => $"{name}|{isSecret}|{(values is null ? "" : string.Join(',', values))}";
}
