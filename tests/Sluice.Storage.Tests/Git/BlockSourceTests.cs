using Sluice.Storage.Git;
using Sluice.Storage.Tests.Blocks;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>Source that a named block leads to, from a real git server that asks for the block's token.</summary>
[Collection("GitHosts")]
public sealed class BlockSourceTests : IDisposable
{
    private readonly GitHosts _hosts;
    private readonly TempFolder _temp = new();

    public BlockSourceTests(GitHosts hosts)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        _hosts = hosts;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("github/my-repository", "github", """{"repository":"ADDRESS","access_token":"TOKEN"}""")]
    [InlineData("gitlab-repository/mine", "gitlab/acme/sub", """{"repository":"ADDRESS.git","credentials":{"token":"TOKEN"},"git_depth":1}""")]
    [InlineData("gitlab-repository/mine", "gitlab/acme/sub", """{"repository":"ADDRESS","access_token":"TOKEN","reference":"main"}""")]
    public async Task A_commit_is_pinned_and_fetched_with_the_token_of_the_block(string block, string path, string fields)
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string commit = await repository.CommitAsync("first", ("src/App.cs", "1"));
        (string name, _) = await _hosts.PublishAsync(repository);
        fields = fields.Replace("ADDRESS", $"{_hosts.Server.Address}/{path}/{name}", StringComparison.Ordinal);

        ICodeSource source = CodeSources.Open(StorageLocation.Parse(block), Sources(block, fields, GitHosts.Token));
        (await source.ResolveAsync(null, Cancel)).Commit.ShouldBe(commit);
        string reference = new SourceReference(source.LocationOf("src/App.cs"), commit).ToString();
        reference.ShouldBe($"block://{block}?path=src/App.cs#commit={commit}");

        ICodeSource fetched = CodeSources.Open(SourceReference.TryParse(reference)!.Location, Sources(block, fields, GitHosts.Token));
        fetched.Path.ShouldBe("src/App.cs");
        await fetched.FetchAsync(commit, _temp["fetched"], Cancel);
        File.ReadAllText(_temp["fetched", "src/App.cs"]).ShouldBe("1");
        GitRequest[] requests = [.. _hosts.Server.Requests.Where(request => request.Path.Contains($"/{name}", StringComparison.Ordinal))];
        requests.ShouldNotBeEmpty();
        requests.ShouldAllBe(request => !request.Path.Contains("canary") && request.Authorization != null);

        ICodeSource refused = CodeSources.Open(fetched.Location, Sources(block, fields, "canary-wrong"));
        StorageException e = await Should.ThrowAsync<StorageException>(() => refused.ResolveAsync(null, Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden);
        e.ToString().ShouldNotContain("canary");
    }

    private static StorageSources Sources(string block, string fields, string token) =>
        new(new Secrets(), new NamedBlocks((block, fields.Replace("TOKEN", token, StringComparison.Ordinal))));
}
