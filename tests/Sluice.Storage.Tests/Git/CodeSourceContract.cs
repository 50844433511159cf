using Sluice.Storage.Git;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>What holds for every system that holds source, against a real git server that asks for that system's credentials.</summary>
public abstract class CodeSourceContract : IDisposable
{
    private readonly string _system;

    protected CodeSourceContract(GitHosts hosts, string system)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        Hosts = hosts;
        _system = system;
    }

    protected GitHosts Hosts { get; }

    protected TempFolder Temp { get; } = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>How this system's repository is addressed by ssh; null where it is not.</summary>
    protected abstract string? SshAddress(string name);

    public void Dispose() => Temp.Dispose();

    [Fact]
    public async Task A_reference_is_resolved_at_the_system()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"], branch: "trunk");
        string first = await repository.CommitAsync("first", ("flow.cs", "1"));
        await repository.GitAsync("tag", "-a", "v1", "-m", "annotated");
        await repository.GitAsync("tag", "light");
        await repository.GitAsync("checkout", "--quiet", "-b", "feature/x");
        string second = await repository.CommitAsync("second", ("flow.cs", "2"));
        await repository.GitAsync("checkout", "--quiet", "-b", "other/feature/x");
        string third = await repository.CommitAsync("third", ("flow.cs", "3"));
        await repository.GitAsync("checkout", "--quiet", "trunk");
        (string name, _) = await Hosts.PublishAsync(repository);
        ICodeSource source = await OpenAsync(name);

        (await source.ResolveAsync(null, Cancel)).ShouldBe(new(first, "refs/heads/trunk", "trunk"));
        (await source.ResolveAsync("feature/x", Cancel)).ShouldBe(new(second, "refs/heads/feature/x", "trunk"));
        (await source.ResolveAsync("other/feature/x", Cancel)).ShouldBe(new(third, "refs/heads/other/feature/x", "trunk"));
        (await source.ResolveAsync("v1", Cancel)).ShouldBe(new(first, "refs/tags/v1", "trunk"));
        (await source.ResolveAsync("refs/tags/light", Cancel)).ShouldBe(new(first, "refs/tags/light", "trunk"));
        (await source.ResolveAsync(second.ToUpperInvariant(), Cancel)).ShouldBe(new(second, null, "trunk"));
        (await source.ResolveAsync(third[..9], Cancel)).ShouldBe(new(third, null, "trunk"));
        (await (await OpenAsync(name, "&ref=v1")).ResolveAsync(null, Cancel)).Reference.ShouldBe("refs/tags/v1");

        (string Reference, string Says)[] wrong =
        [
            ("nowhere", "it has no such branch or tag. Push it first"),
            ("x", "it has no such branch or tag"),
            ("0123abc", "the digits of an abbreviated commit cannot be looked up there. Write the whole commit"),
            ("0123456789012345678901234567890123456789", "does not have"),
        ];
        foreach ((string reference, string says) in wrong)
        {
            StorageException e = await Should.ThrowAsync<StorageException>(() => source.ResolveAsync(reference, Cancel));
            e.Kind.ShouldBe(StorageErrorKind.NotFound, e.Message);
            e.Message.ShouldContain(says);
        }
    }

    [Fact]
    public async Task Exactly_the_files_of_a_commit_are_fetched_also_when_the_branch_went_on()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        File.WriteAllText(Path.Combine(repository.Folder, "run.sh"), "#!/bin/sh\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(repository.Folder, "run.sh"), (UnixFileMode)0b111_101_101);
        File.CreateSymbolicLink(Path.Combine(repository.Folder, "link"), "src/ünïcode name.txt");
        await repository.CommitAsync("first", ("gone.txt", "gone"));
        File.Delete(Path.Combine(repository.Folder, "gone.txt"));
        string pinned = await repository.CommitAsync("second", ("src/ünïcode name.txt", "line\r\nline\n"), (".gitattributes", "* -text\n"), ("src/App.cs", "old"));
        await repository.CommitAsync("third", ("src/App.cs", "new"), ("more.txt", "more"));
        (string name, _) = await Hosts.PublishAsync(repository);

        string folder = Temp["cache", "fetched"];
        await (await OpenAsync(name)).FetchAsync(pinned, folder, Cancel);

        Files(folder).ShouldBe([".gitattributes", "link", "run.sh", "src/App.cs", "src/ünïcode name.txt"]);
        File.ReadAllText(Path.Combine(folder, "src/App.cs")).ShouldBe("old");
        File.ReadAllText(Path.Combine(folder, "link")).ShouldBe("line\r\nline\n");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(folder, "run.sh")).ShouldBe((UnixFileMode)0b111_101_101);
        Directory.GetFileSystemEntries(Temp["cache"]).ShouldBe([folder], "nothing is left beside it");
    }

    [Fact]
    public async Task Git_objects_come_along_when_asked_for_and_hold_no_credentials()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await Hosts.PublishAsync(repository);

        await (await OpenAsync(name, "&include_git_objects=true")).FetchAsync(commit, Temp["fetched"], Cancel);

        (await GitRepository.RunAsync(Temp["fetched"], ["rev-parse", "HEAD"])).ShouldBe(commit);
        (await GitRepository.RunAsync(Temp["fetched"], ["status", "--porcelain"])).ShouldBe("");
        foreach (string file in Directory.EnumerateFiles(Temp["fetched"], "*", SearchOption.AllDirectories))
            File.ReadAllText(file).ShouldNotContain("canary", customMessage: file);
    }

    [Fact]
    public async Task A_commit_that_was_never_pushed_is_said_so_and_nothing_is_left()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await Hosts.PublishAsync(repository);
        string local = await repository.CommitAsync("local", ("flow.cs", "2"));

        ICodeSource source = await OpenAsync(name);
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(local, Temp["cache", "fetched"], Cancel));

        e.Kind.ShouldBe(StorageErrorKind.NotFound, e.Message);
        e.Message.ShouldContain("does not have this commit in any branch or tag. Was it pushed");
        Directory.GetFileSystemEntries(Temp["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clean_pushed_clone_is_recognized_by_https_and_by_ssh()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        string commit = await repository.CommitAsync("first", ("src/App/App.csproj", "<Project/>"), (".gitignore", "bin/\n"));
        (string name, _) = await Hosts.PublishAsync(repository);
        Directory.CreateDirectory(Path.Combine(repository.Folder, "src/App/bin"));
        File.WriteAllText(Path.Combine(repository.Folder, "src/App/bin/App.dll"), "built");
        ICodeSource source = await OpenAsync(name);
        string url = await UrlAsync(name);
        foreach (string? address in (string?[])[url, url.EndsWith(".git", StringComparison.Ordinal) ? url[..^4] : url, SshAddress(name)])
        {
            if (address is null)
                continue;
            await repository.GitAsync("remote", "set-url", "origin", address);
            CheckedTree tree = await source.CheckAsync(Path.Combine(repository.Folder, "src/App/App.csproj"), Cancel);
            tree.ShouldBe(new(commit, "main", "src/App/App.csproj", repository.Folder), address);
            (await source.CheckAsync(Path.Combine(repository.Folder, "src/App"), Cancel)).Path.ShouldBe("src/App");
        }

        var reference = new SourceReference(source.LocationOf("src/App/App.csproj"), commit);
        SourceReference read = SourceReference.TryParse(reference.ToString())!;
        read.ShouldBe(reference);
        CodeSources.Open(read.Location, GitHosts.Sources()).Path.ShouldBe("src/App/App.csproj");
    }

    protected Task<ICodeSource> OpenAsync(string name, string options = "", int? port = null) => Hosts.OpenAsync(_system, name, options, port);

    /// <summary>The address to clone from.</summary>
    protected abstract Task<string> UrlAsync(string name);

    protected static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal);
}

/// <summary>What systems have in common that are reached by HTTP and ask for credentials.</summary>
public abstract class HttpCodeSourceContract(GitHosts hosts, string system, string path, string? ssh) : CodeSourceContract(hosts, system)
{
    private readonly string _system = system;

    [Fact]
    public async Task Wrong_credentials_and_a_missing_repository_are_told_apart()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await Hosts.PublishAsync(repository);

        ICodeSource stranger = await Hosts.OpenAsync(_system, name, sources: GitHosts.Sources("canary-wrong", "canary-wrong"));
        StorageException refused = await Should.ThrowAsync<StorageException>(() => stranger.ResolveAsync(null, Cancel));
        refused.Kind.ShouldBe(StorageErrorKind.Forbidden, refused.Message);
        refused.Message.ShouldContain("the server refused the credentials. Are they right, not expired, and allowed to read it");
        refused.Message.ShouldEndWith("?", customMessage: "git's own words, that it may not ask for a password, are left out");
        refused.ToString().ShouldNotContain("canary");

        ICodeSource missing = await OpenAsync("nothing");
        StorageException absent = await Should.ThrowAsync<StorageException>(() => missing.ResolveAsync(null, Cancel));
        absent.Kind.ShouldBe(StorageErrorKind.NotFound, absent.Message);
        absent.Message.ShouldContain("there is no such repository, or these credentials may not see it");
        absent.ToString().ShouldNotContain("canary");
    }

    [Fact]
    public async Task The_server_sees_the_credentials_in_the_header_and_nowhere_else()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await Hosts.PublishAsync(repository);

        await (await OpenAsync(name)).FetchAsync(commit, Temp["fetched"], Cancel);

        GitRequest[] requests = [.. Hosts.Server.Requests.Where(request => request.Path.Contains($"/{name}", StringComparison.Ordinal))];
        requests.Length.ShouldBe(2, "what the server can, and the pack: none goes without credentials first");
        foreach (GitRequest request in requests)
        {
            request.Path.ShouldNotContain("canary");
            request.Authorization.ShouldNotBeNull();
        }
    }

    protected override Task<string> UrlAsync(string name) => Task.FromResult($"{Hosts.Server.Address}/{string.Format(System.Globalization.CultureInfo.InvariantCulture, path, name)}");

    protected override string? SshAddress(string name) => ssh is null ? null : string.Format(System.Globalization.CultureInfo.InvariantCulture, ssh, name);
}

[Collection("GitHosts")]
public sealed class GitHubTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "github", "github/acme/{0}.git", "git@127.0.0.1:acme/{0}.git");

[Collection("GitHosts")]
public sealed class GitLabTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "gitlab", "gitlab/acme/sub/{0}.git", "git@127.0.0.1:acme/sub/{0}.git");

[Collection("GitHosts")]
public sealed class BitbucketCloudTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "cloud", "cloud/acme/{0}.git", "git@127.0.0.1:acme/{0}.git");

[Collection("GitHosts")]
public sealed class BitbucketServerTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "server", "server/scm/acme/{0}.git", "ssh://git@127.0.0.1:7999/acme/{0}.git");

[Collection("GitHosts")]
public sealed class CodeCommitTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "codecommit", "v1/repos/{0}", "codecommit://profile@{0}")
{
    [Fact]
    public async Task Credentials_come_from_the_environment_a_profile_or_a_session()
    {
        GitRepository repository = await GitRepository.CreateAsync(Temp["tree"]);
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await Hosts.PublishAsync(repository);
        string file = Temp.Write("credentials", $"[build]\naws_access_key_id = {GitHosts.AccessKey}\naws_secret_access_key = {GitHosts.SecretKey}\n");
        var nothing = new Dictionary<string, string?>
        {
            ["AWS_EC2_METADATA_DISABLED"] = "true", ["HOME"] = Temp["home"], ["AWS_SHARED_CREDENTIALS_FILE"] = Temp["none"], ["AWS_ACCESS_KEY_ID"] = null, ["AWS_SECRET_ACCESS_KEY"] = null,
            ["AWS_SESSION_TOKEN"] = null, ["AWS_PROFILE"] = null,
        };
        var environment = new Dictionary<string, string?>(nothing) { ["AWS_ACCESS_KEY_ID"] = GitHosts.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = GitHosts.SecretKey };
        (string Options, Dictionary<string, string?> Environment, string Says)[] cases =
        [
            ("", environment, "fetched"),
            ("", new(environment) { ["AWS_SESSION_TOKEN"] = "canary/session" }, "fetched"),
            ("&profile=build", new(nothing) { ["AWS_SHARED_CREDENTIALS_FILE"] = file }, "fetched"),
            ("", nothing, "Forbidden: Cannot sign in at codecommit://"),
        ];
        for (int i = 0; i < cases.Length; i++)
        {
            string location = $"codecommit://{GitHosts.Region}/{name}?host={Hosts.Server.Address}{cases[i].Options}";
            ProgramRun run = await ProgramRun.CompleteAsync(Child.Program, ["child", "fetch", location, commit, Temp["fetched", $"{i}"]], cases[i].Environment);
            run.Output.ShouldStartWith(cases[i].Says);
            run.Output.ShouldNotContain("canary");
        }
        Hosts.Server.Requests.ShouldContain(request => request.Path.Contains($"/{name}", StringComparison.Ordinal)
            && System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(request.Authorization!.Split(' ')[1])).StartsWith($"{GitHosts.AccessKey}%canary/session:", StringComparison.Ordinal));
    }
}

[Collection("GitHosts")]
public sealed class PlainGitTests(GitHosts hosts) : HttpCodeSourceContract(hosts, "plain", "plain/{0}.git", "ssh://git@127.0.0.1/plain/{0}.git");

/// <summary>A server that knows git's first protocol only and gives no single commits.</summary>
[Collection("GitHosts")]
public sealed class OldGitTests(GitHosts hosts) : CodeSourceContract(hosts, "old")
{
    protected override Task<string> UrlAsync(string name) => Task.FromResult($"{Hosts.Server.Address}/old/{name}.git");

    protected override string? SshAddress(string name) => null;
}

[Collection("GitHosts")]
public sealed class SshGitTests : CodeSourceContract
{
    /// <summary>Why tests are skipped without sshd.</summary>
    public const string Missing = "openssh-server is not installed, or this is not root, who starts it; .ci/run installs it.";

    public SshGitTests(GitHosts hosts)
        : base(hosts, "ssh") => Assert.SkipUnless(IsInstalled, Missing);

    public static bool IsInstalled { get; } = Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/sshd");

    protected override async Task<string> UrlAsync(string name) => (await OpenAsync(name)).Location.AbsoluteUri["git+".Length..].TrimEnd('?');

    protected override string? SshAddress(string name) => null;
}
