using Sluice.Storage.Git;
using Sluice.Storage.Git.Systems;
using Sluice.Storage.Options;

namespace Sluice.Storage.Tests.Git;

/// <summary>What URIs and blocks of code sources say, and where that leads.</summary>
public sealed class GitUriTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Addresses => new()
    {
        { "github://acme/flows", "https://github.com/acme/flows.git", "Basic x-access-token:TOKEN" },
        { "github://123/a_b.c/src/App/App.csproj", "https://github.com/123/a_b.c.git", "Basic x-access-token:TOKEN" },
        { "github://acme/flows?host=ghe.example:8443", "https://ghe.example:8443/acme/flows.git", "Basic x-access-token:TOKEN" },
        { "gitlab://group/sub/deep/project", "https://gitlab.com/group/sub/deep/project.git", "Basic oauth2:TOKEN" },
        { "gitlab://my_group.x/project?host=https://git.example/gitlab/", "https://git.example/gitlab/my_group.x/project.git", "Basic oauth2:TOKEN" },
        { "bitbucket://acme/flows", "https://bitbucket.org/acme/flows.git", "Basic ada:APP" },
        { "bitbucket://PRJ/flows?host=bitbucket.example", "https://bitbucket.example/scm/prj/flows.git", "Bearer TOKEN" },
        { "bitbucket://flows?project=~jane&host=bitbucket.example", "https://bitbucket.example/scm/~jane/flows.git", "Bearer TOKEN" },
        { "codecommit://cn-north-1/flows?aws_access_key_id=${KEY}&aws_secret_access_key=${SECRET}", "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/flows", "Basic AKIA" },
        { "codecommit://eu-west-1/flows?aws_access_key_id=${KEY}&aws_secret_access_key=${SECRET}&aws_session_token=${SESSION}", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/flows", "Basic AKIA%SESSION" },
        { "git+https://git.example:444/a/b.git?access_token=${T}", "https://git.example:444/a/b.git", "Basic git:TOKEN" },
        { "git+https://git.example/a/b?access_token=${T}&username=ada", "https://git.example/a/b", "Basic ada:TOKEN" },
        { "git+http://git.example/a/b.git", "http://git.example/a/b.git", "none" },
        { "git+ssh://git@git.example:7999/a/b.git", "ssh://git@git.example:7999/a/b.git", "none" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_URI_leads_to_an_address_and_credentials(string text, string url, string signsIn)
    {
        StorageSources sources = new Secrets(
            ("GITHUB_ACCESS_TOKEN", "TOKEN"), ("GITLAB_ACCESS_TOKEN", "TOKEN"), ("BITBUCKET_ACCESS_TOKEN", "TOKEN"), ("BITBUCKET_CLOUD_USERNAME", "ada"), ("BITBUCKET_CLOUD_APP_PASSWORD", "APP"),
            ("KEY", "AKIA"), ("SECRET", "secret"), ("SESSION", "SESSION"), ("T", "TOKEN"));
        var location = new Uri(text);
        GitSystem system = CodeSources.SystemOf(location)!;
        StoreOptions options = StoreOptions.Read(location, system.Known, sources.Secrets);
        system.Check(location, options);

        GitRemote remote = await system.ConnectAsync(location, options, sources.Secrets, TimeProvider.System, Cancel);
        remote.Url.ShouldBe(url);
        string? header = (await remote.SignIn(Cancel))?.Authorization;
        string readable = header?.Split(' ') is ["Basic", var pair] ? "Basic " + System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(pair)) : header ?? "none";
        (text.StartsWith("codecommit", StringComparison.Ordinal) ? readable.Split(':')[0] : readable).ShouldBe(signsIn);
    }

    [Theory]
    [InlineData("github://acme", "names no repository: write it as github://owner/repository.")]
    [InlineData("github://acme/flows/a?path=b", "names a path twice")]
    [InlineData("github://acme/flows?path=../up", "is none in a repository")]
    [InlineData("github://acme/flows?path=.git/config", "is none in a repository")]
    [InlineData("github://acme/flows?acess_token=${X}", "has the option 'acess_token', which github does not know. It knows path, ref, include_git_objects")]
    [InlineData("github://acme/flows?access_token=CANARY", "is a secret, and a URI is no place for one: write access_token=${NAME}")]
    [InlineData("github://ada:CANARY@acme/flows", "has a user before '@': a URI is no place for credentials")]
    [InlineData("github://acme/flows?ref=--upload-pack=x", "is no name of a branch or tag")]
    [InlineData("github://acme/flows?ref=a..b", "is no name of a branch or tag")]
    [InlineData("gitlab://project", "names no repository: write it as gitlab://group/project.")]
    [InlineData("bitbucket://acme/flows?project=P&host=h", "a workspace is Bitbucket Cloud's, and on a server the project stands in its place")]
    [InlineData("bitbucket://acme/flows?access_token=${X}", "access_token is Bitbucket Server's, Cloud takes cloud_username and cloud_app_password")]
    [InlineData("bitbucket://acme/flows?host=h&cloud_app_password=${X}", "a server takes access_token=${NAME}")]
    [InlineData("bitbucket://flows?project=P", "give its host=… as well")]
    [InlineData("codecommit://flows", "write it as codecommit://region/repository")]
    [InlineData("codecommit://eu-west-1/flows?aws_access_key_id=${X}", "belong together")]
    [InlineData("git+http://git.example/a.git?access_token=${X}", "would send access_token in plain text: use git+https.")]
    [InlineData("git+https://ada:CANARY@git.example/a.git", "has a user before '@'")]
    [InlineData("git+https://git.example/a.git?username=ada", "has a username without access_token")]
    [InlineData("git+ssh://git:CANARY@git.example/a.git", "has a user before '@'")]
    [InlineData("git+ssh://-oProxyCommand=x@git.example/a.git", "names no repository")]
    [InlineData("svn://host/x", "Known schemes: github, gitlab, bitbucket, codecommit, git+https, git+http, git+ssh.")]
    public void What_is_wrong_is_said_in_one_line(string location, string says)
    {
        StorageException e = Should.Throw<StorageException>(() => CodeSources.Open(new Uri(location)));
        e.Kind.ShouldBe(StorageErrorKind.Invalid, e.Message);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
    }

    [Theory]
    [InlineData("github://acme/flows", "The storage 'github://acme/flows' names source in a repository, and packages cannot be put there.")]
    [InlineData("sftp://ada:CANARY@host/x?password=CANARY", "The scheme 'sftp' of the storage 'sftp://host/x' is served by no store.")]
    public void Source_is_no_store_of_packages(string location, string says)
    {
        StorageException e = Should.Throw<StorageException>(() => PackageStores.Open(new Uri(location)));
        e.Message.ShouldStartWith(says);
        e.Message.ShouldNotContain("CANARY");
    }

    [Theory]
    [InlineData("github://acme/flows?host=http://git.example", "over which a token would travel in plain text: use https")]
    [InlineData("github://acme/flows?host=https://ada:CANARY@git.example", "is no address")]
    [InlineData("github://acme/flows?host=ftp://git.example", "is no address")]
    [InlineData("gitlab://acme/flows?access_token=${NOWHERE}", "needs NOWHERE, which is neither an environment variable nor a secret of the server")]
    [InlineData("bitbucket://acme/flows?cloud_app_password=${X}", "has an app password without a user: set BITBUCKET_CLOUD_USERNAME")]
    [InlineData("codecommit://eu-west-1/flows?profile=nobody", "have no profile 'nobody'")]
    public async Task What_only_use_can_tell_is_said_in_one_line(string location, string says)
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => CodeSources.Open(new Uri(location), new Secrets(("X", "CANARY"))).ResolveAsync(null, Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Invalid, e.Message);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
    }

    [Theory]
    [InlineData("github://acme/flows/old/path?host=ghe.example&access_token=${T}&ref=main", "github://acme/flows?host=ghe.example&access_token=$%7BT%7D&ref=main&path=src/My%20App/A%26B.csproj")]
    [InlineData("gitlab://a/b/c?path=x", "gitlab://a/b/c?path=src/My%20App/A%26B.csproj")]
    [InlineData("git+ssh://git@git.example:22/a/b.git", "git+ssh://git@git.example:22/a/b.git?path=src/My%20App/A%26B.csproj")]
    public void A_path_takes_its_place_in_the_URI_and_is_read_back(string location, string expected)
    {
        Uri placed = CodeSources.Open(new Uri(location)).LocationOf("src/My App/A&B.csproj");
        placed.AbsoluteUri.ShouldBe(expected);
        CodeSources.Open(placed).Path.ShouldBe("src/My App/A&B.csproj");
    }

    [Theory]
    [InlineData("git@github.com:Acme/Flows.git", true)]
    [InlineData("github.com:acme/flows", true)]
    [InlineData("ssh://git@ssh.github.com:443/acme/flows.git", true)]
    [InlineData("https://ada:secret@github.com/acme/flows/", true)]
    [InlineData("https://GitHub.com/acme/flows.git", true)]
    [InlineData("https://github.com:8443/acme/flows.git", false)]
    [InlineData("https://github.com/acme/flows2.git", false)]
    [InlineData("https://github.com/acme/flows/more", false)]
    [InlineData("git@gitlab.com:acme/flows.git", false)]
    [InlineData("https://github.com.evil.example/acme/flows.git", false)]
    [InlineData("/srv/acme/flows.git", false)]
    [InlineData("C:\\acme\\flows.git", false)]
    [InlineData("file:///acme/flows", false)]
    public void Addresses_of_one_repository_are_told_from_others(string address, bool same)
    {
        var remote = new GitRemote("", "https://github.com/acme/flows.git", "acme/flows", "", _ => default);
        GitAddress.IsSame(address, remote).ShouldBe(same);
        GitAddress.WithoutUser(address).ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("codecommit::eu-west-1://flows", true)]
    [InlineData("codecommit::us-east-1://flows", false)]
    [InlineData("codecommit://profile@flows", true)]
    [InlineData("codecommit://profile@other", false)]
    [InlineData("ssh://APKAEXAMPLE@git-codecommit.eu-west-1.amazonaws.com/v1/repos/flows", true)]
    [InlineData("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/flows", true)]
    public void CodeCommit_has_addresses_of_its_own(string address, bool same) =>
        GitAddress.IsSame(address, new("", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/flows", "v1/repos/flows", "", _ => default)).ShouldBe(same);

    // Computed with Python's hmac and hashlib after the algorithm of AWS's credential helper.
    [Fact]
    public void CodeCommit_is_signed_as_AWSs_own_helper_does() => CodeCommitSignature.SignIn(
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null, "eu-west-1", new Uri("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/flows"),
        new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero)).ShouldBe(("AKIAIOSFODNN7EXAMPLE", "20261122T060000Ze7bec8e2907db7b7b71191cf6666e1c8aa6581b6aad699140988ad0bd70c898d"));
}
