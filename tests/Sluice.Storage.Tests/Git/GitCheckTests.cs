using Sluice.Storage.Git;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>What a publish may and may not pin.</summary>
[Collection("GitHosts")]
public sealed class GitCheckTests : IDisposable
{
    private readonly GitHosts _hosts;
    private readonly TempFolder _temp = new();

    public GitCheckTests(GitHosts hosts)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        _hosts = hosts;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task What_is_not_at_the_remote_is_refused_with_what_to_do()
    {
        (GitRepository tree, ICodeSource source, string name) = await CloneAsync();
        string project = Path.Combine(tree.Folder, "App/App.csproj");
        (Func<Task> Change, string Says, Func<Task> Undo)[] cases =
        [
            (() => WriteAsync(tree, "App/App.csproj", "changed"), "commit and push first: App/App.csproj. A worker builds what is committed", () => tree.GitAsync("checkout", "--quiet", ".")),
            (() => WriteAsync(tree, "new file.cs", "new"), "commit and push first: new file.cs.", () => DeleteAsync(tree, "new file.cs")),
            (() => Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync(tree, $"{i}.cs", "new"))), "0.cs, 1.cs, 2.cs, 3.cs, 4.cs and 3 more", () => tree.GitAsync("clean", "-fdq")),
            (() => Task.WhenAll(WriteAsync(tree, "App/bin/x", ""), WriteAsync(tree, "App/obj/x", "")), "Add bin/ and obj/ to .gitignore", () => tree.GitAsync("clean", "-fdq")),
            (() => tree.CommitAsync("local", ("b.cs", "b")), "(main) is in no branch or tag of the remote. Push first: git push origin HEAD", () => tree.GitAsync("reset", "--quiet", "--hard", "HEAD~")),
            (() => tree.GitAsync("remote", "set-url", "origin", "https://ada:CANARY@git.example/acme/other.git"), "is a clone of another repository (origin is https://git.example/acme/other.git), and the URI means", () => tree.GitAsync("remote", "set-url", "origin", source.Location.AbsoluteUri["git+".Length..])),
            (() => tree.GitAsync("remote", "remove", "origin"), "has no remote. Add it and push: git remote add origin http://127.0.0.1", () => tree.GitAsync("remote", "add", "origin", source.Location.AbsoluteUri["git+".Length..])),
        ];
        foreach (var (change, says, undo) in cases)
        {
            await source.CheckAsync(project, Cancel);
            await change();
            await RefusedAsync(source, project, says);
            await undo();
        }

        string head = await tree.GitAsync("rev-parse", "HEAD");
        await tree.CommitAsync("built", ("App/bin/x", "1"));
        await WriteAsync(tree, "App/bin/x", "2");
        await RefusedAsync(source, project, "what the build writes is committed: App/bin/x. Take it out (git rm -r --cached bin obj)");
        await tree.GitAsync("reset", "--quiet", "--hard", head);

        await tree.GitAsync("checkout", "--quiet", "--detach");
        (await source.CheckAsync(project, Cancel)).Branch.ShouldBeNull();
        await RefusedAsync(await _hosts.OpenAsync("open", name, "&path=Other/Other.csproj"), project, "the URI names 'Other/Other.csproj', and this is 'App/App.csproj'");
        (await (await _hosts.OpenAsync("open", name, "&path=App")).CheckAsync(project, Cancel)).Path.ShouldBe("App/App.csproj");
    }

    [Fact]
    public async Task A_folder_that_is_no_clone_or_has_no_commit_is_refused()
    {
        (_, ICodeSource source, _) = await CloneAsync();
        _temp.Write("plain/App.csproj", "");
        await RefusedAsync(source, _temp["plain", "App.csproj"], "it is in no git working tree. Clone the repository");
        StorageException missing = await Should.ThrowAsync<StorageException>(() => source.CheckAsync(_temp["plain", "None.csproj"], Cancel));
        missing.Kind.ShouldBe(StorageErrorKind.NotFound);

        GitRepository empty = await GitRepository.CreateAsync(_temp["empty"]);
        await empty.GitAsync("remote", "add", "origin", source.Location.AbsoluteUri["git+".Length..]);
        await WriteAsync(empty, "App.csproj", "");
        await RefusedAsync(source, Path.Combine(empty.Folder, "App.csproj"), "has no commit yet. Commit and push first");
    }

    [Fact]
    public async Task An_ignored_project_is_in_no_commit()
    {
        (GitRepository tree, ICodeSource source, _) = await CloneAsync();
        await tree.CommitAsync("ignore", (".gitignore", "Local/\n"));
        await tree.GitAsync("push", "--quiet", "origin", "HEAD");
        await WriteAsync(tree, "Local/Local.csproj", "");
        await RefusedAsync(source, Path.Combine(tree.Folder, "Local/Local.csproj"), "'Local/Local.csproj' is in no commit, since it is ignored");
    }

    [Fact]
    public async Task An_older_commit_counts_as_pushed_also_where_the_tree_does_not_know_what_followed()
    {
        (GitRepository tree, ICodeSource source, string name) = await CloneAsync();
        string old = await tree.GitAsync("rev-parse", "HEAD");
        GitRepository colleague = await GitRepository.CloneAsync($"{_hosts.Server.Address}/open/{name}.git", _temp["colleague"]);
        await colleague.CommitAsync("theirs", ("theirs.cs", "1"));
        await colleague.GitAsync("push", "--quiet", "origin", "HEAD");

        (await source.CheckAsync(tree.Folder, Cancel)).Commit.ShouldBe(old);
        (await tree.GitAsync("for-each-ref", "--format=%(objectname)")).Split('\n').Distinct().ShouldBe([old], "the check fetches nothing into the user's repository");

        await tree.GitAsync("fetch", "--quiet", "origin");
        int before = Asked();
        await source.CheckAsync(tree.Folder, Cancel);
        (Asked() - before).ShouldBe(2, "what the tree knows is asked for nowhere else: the branches and tags only");

        // As CI checks out: one commit without history.
        GitRepository shallow = await GitRepository.CloneAsync($"{_hosts.Server.Address}/open/{name}.git", _temp["shallow"], "--depth=1");
        (await source.CheckAsync(shallow.Folder, Cancel)).Commit.ShouldNotBe(old);

        await tree.CommitAsync("beside", ("mine.cs", "1"));
        await RefusedAsync(source, tree.Folder, "is in no branch or tag of the remote. Push first");

        int Asked() => _hosts.Server.Requests.Count(request => request.Path.Contains($"/{name}.git", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_commit_that_only_a_tag_has_counts_as_pushed()
    {
        (GitRepository tree, ICodeSource source, _) = await CloneAsync();
        await tree.CommitAsync("released", ("b.cs", "b"));
        await tree.GitAsync("tag", "-a", "v1", "-m", "v1");
        await tree.GitAsync("push", "--quiet", "origin", "v1");
        await source.CheckAsync(tree.Folder, Cancel);
    }

    [Fact]
    public async Task A_tree_of_another_user_is_left_alone_with_the_command_that_allows_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "needs root to give a folder away");
        (GitRepository tree, ICodeSource source, _) = await CloneAsync();
        await using ProgramRun given = await ProgramRun.CompleteAsync("chown", ["-R", "nobody", tree.Folder]);
        await RefusedAsync(source, Path.Combine(tree.Folder, "App/App.csproj"), $"belongs to another user, so git leaves it alone. Run: git config --global --add safe.directory {tree.Folder}");
    }

    [Fact]
    public async Task With_a_ref_the_tree_must_be_where_the_ref_is()
    {
        (GitRepository tree, _, string name) = await CloneAsync();
        await tree.GitAsync("push", "--quiet", "origin", "HEAD:refs/heads/release");
        ICodeSource source = await _hosts.OpenAsync("open", name, "&ref=release");
        await source.CheckAsync(tree.Folder, Cancel);
        await tree.CommitAsync("more", ("b.cs", "b"));
        await tree.GitAsync("push", "--quiet", "origin", "HEAD");
        await RefusedAsync(source, tree.Folder, "and release at the remote is ");
        await RefusedAsync(await _hosts.OpenAsync("open", name, "&ref=gone"), tree.Folder, "it has no such branch or tag", StorageErrorKind.NotFound);
    }

    [Fact]
    public async Task Without_credentials_of_ours_what_makes_git_push_work_in_the_tree_makes_the_check_work()
    {
        (GitRepository tree, _, string name) = await CloneAsync();
        // GitHub's address in the URI, no token, and a clone whose own configuration signs in, as a CI checkout does.
        string at = _hosts.Server.Address;
        ICodeSource source = CodeSources.Open(new Uri($"github://acme/{name}?host={at}/github"), new Secrets(), TimeProvider.System, GitHosts.Quick);
        await tree.GitAsync("remote", "set-url", "origin", $"{at}/github/acme/{name}.git");
        await RefusedAsync(source, tree.Folder, "the server asks for credentials. To give some, set GITHUB_ACCESS_TOKEN", StorageErrorKind.Forbidden);
        string header = "Authorization: Basic " + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"x-access-token:{GitHosts.Token}"));
        await tree.GitAsync("config", $"http.{at}/.extraheader", header);
        (await source.CheckAsync(tree.Folder, Cancel)).Branch.ShouldBe("main");

        // Also where a ref is looked up, and where somebody pushed on top.
        var withRef = new Uri(source.Location.AbsoluteUri + "&ref=main");
        await CodeSources.Open(withRef, new Secrets(), TimeProvider.System, GitHosts.Quick).CheckAsync(tree.Folder, Cancel);
        GitRepository colleague = await GitRepository.CloneAsync($"{at}/open/{name}.git", _temp["colleague"]);
        await colleague.CommitAsync("theirs", ("theirs.cs", "1"));
        await colleague.GitAsync("push", "--quiet", "origin", "HEAD");
        await source.CheckAsync(tree.Folder, Cancel);
    }

    [Theory]
    [InlineData("the remote's address", false)]
    [InlineData("git's own configuration", true)]
    public async Task The_token_in_the_address_of_a_CI_checkout_signs_in_and_is_in_no_argument_file_or_word(string where, bool insteadOf)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "git is wrapped by a shell script");
        (GitRepository tree, _, string name) = await CloneAsync();
        GitRepository colleague = await GitRepository.CloneAsync($"{_hosts.Server.Address}/open/{name}.git", _temp["colleague"]);
        await colleague.CommitAsync("theirs", ("theirs.cs", "1"));
        await colleague.GitAsync("push", "--quiet", "origin", "HEAD");
        string at = _hosts.Server.Address, commit = await tree.GitAsync("rev-parse", "HEAD");
        // Writes down its arguments, those of the programs that git starts, and the settings of temporary repositories.
        string wrapper = _temp.Write("bin/git", $"""
            #!/bin/sh
            printf '%s\n' "$*" >> '{_temp["seen"]}'
            case "$PWD" in '{_temp["tmp"]}'/*) cat .git/config >> '{_temp["seen"]}' 2>/dev/null;; esac
            PATH="$GIT_TEST_PATH" GIT_TRACE='{_temp["seen"]}' exec git "$@"

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(wrapper, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(_temp["tmp"]);
        foreach ((string token, string options, string says) in new[]
        {
            (GitHosts.Token, "", "checked main"),
            (GitHosts.Token, $"&ref={commit}", "checked main"),
            ("canary-wrong", "", "Forbidden: "),
        })
        {
            string with = at.Replace("://", $"://x-access-token:{Uri.EscapeDataString(token)}@", StringComparison.Ordinal);
            await tree.GitAsync("remote", "set-url", "origin", $"{(insteadOf ? at : with)}/github/acme/{name}.git");
            string path = Environment.GetEnvironmentVariable("PATH")!;
            ProgramRun run = await ProgramRun.CompleteAsync(Child.Program, ["child", "check", $"github://acme/{name}?host={at}/github{options}", tree.Folder], new Dictionary<string, string?>
            {
                ["PATH"] = $"{_temp["bin"]}:{path}", ["GIT_TEST_PATH"] = path, ["TMPDIR"] = _temp["tmp"], ["GITHUB_ACCESS_TOKEN"] = null,
                ["GIT_CONFIG_GLOBAL"] = _temp.Write("gitconfig", insteadOf ? $"[url \"{with}/\"]\n insteadOf = {at}/\n" : ""),
            });
            run.Output.ShouldStartWith(says, customMessage: $"{where}: {run.Error}");
            string seen = await File.ReadAllTextAsync(_temp["seen"], Cancel);
            seen.ShouldContain($"/github/acme/{name}.git");
            foreach (string text in (string[])[run.Output, run.Error, seen])
            {
                text.ShouldNotContain("canary");
                text.ShouldNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"x-access-token:{token}")));
            }
        }
    }

    [Fact]
    public async Task A_clone_by_ssh_is_checked_by_ssh_where_there_is_no_token()
    {
        Assert.SkipUnless(SshGitTests.IsInstalled, SshGitTests.Missing);
        (GitRepository tree, _, string name) = await CloneAsync();
        string ssh = (await _hosts.OpenAsync("ssh", name)).Location.AbsoluteUri["git+".Length..];
        // The same path by both, as the large systems have it.
        ICodeSource source = CodeSources.Open(new Uri($"git+https://127.0.0.1{new Uri(ssh).AbsolutePath}"), new Secrets(), TimeProvider.System, GitHosts.Quick);
        await tree.GitAsync("remote", "set-url", "origin", ssh);
        (await source.CheckAsync(tree.Folder, Cancel)).Branch.ShouldBe("main");
        await tree.CommitAsync("local", ("b.cs", "b"));
        await RefusedAsync(source, tree.Folder, "is in no branch or tag of the remote. Push first");
    }

    private async Task<(GitRepository Tree, ICodeSource Source, string Name)> CloneAsync()
    {
        GitRepository origin = await GitRepository.CreateAsync(_temp["origin"]);
        await origin.CommitAsync("first", ("App/App.csproj", "<Project/>"));
        (string name, string bare) = await _hosts.PublishAsync(origin);
        GitRepository tree = await GitRepository.CloneAsync($"{_hosts.Server.Address}/open/{name}.git", _temp["tree"]);
        await GitRepository.RunAsync(bare, ["config", "http.receivepack", "true"]);
        return (tree, await _hosts.OpenAsync("open", name), name);
    }

    private static async Task WriteAsync(GitRepository tree, string path, string text)
    {
        string full = Path.Combine(tree.Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full, text);
    }

    private static Task DeleteAsync(GitRepository tree, string path)
    {
        File.Delete(Path.Combine(tree.Folder, path));
        return Task.CompletedTask;
    }

    private static async Task RefusedAsync(ICodeSource source, string path, string says, StorageErrorKind kind = StorageErrorKind.Invalid)
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.CheckAsync(path, Cancel), says);
        e.Kind.ShouldBe(kind, e.Message);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
        e.Message.ShouldNotContain("canary");
        e.Message.ShouldNotContain("\n");
    }
}
