using System.Diagnostics;
using Sluice.Storage.Git;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>What a repository may do to the machine that fetches it: nothing outside of the folder, and nothing before somebody builds it.</summary>
[Collection("GitHosts")]
public sealed class GitSafetyTests : IDisposable
{
    private readonly GitHosts _hosts;
    private readonly TempFolder _temp = new();

    public GitSafetyTests(GitHosts hosts)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        _hosts = hosts;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("link", "/etc/passwd", true)]
    [InlineData("link", "../outside", true)]
    [InlineData("a/b/link", "../../../outside", true)]
    [InlineData("a/b/link", "../../fine", false)]
    [InlineData("a/link", "../a/b/../../../outside", true)]
    [InlineData("link", "a/../b", true)]
    [InlineData("link", "./a/./b", false)]
    [InlineData("a/b/link", "..", false)]
    [InlineData("link", "..\\outside", true)]
    [InlineData("link", "C:/outside", true)]
    [InlineData("link", "", true)]
    public void A_link_that_may_lead_out_is_known(string link, string target, bool leadsOut) => CheckedOutFiles.LeadsOut(link, target).ShouldBe(leadsOut);

    [Fact]
    public async Task A_commit_with_a_link_out_of_the_folder_is_refused()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        Directory.CreateDirectory(Path.Combine(repository.Folder, "a"));
        File.CreateSymbolicLink(Path.Combine(repository.Folder, "a", "link"), "../../outside");
        string commit = await repository.CommitAsync("link");
        await DamagedAsync(repository, commit, "has the link 'a/link' to '../../outside', which may lead out of the repository");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    public async Task A_tree_with_a_path_that_leaves_the_folder_is_refused(string path)
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        await repository.CommitAsync("first", ("evil", "evil"));
        // git makes no such tree by itself.
        string blob = await repository.GitAsync("rev-parse", "HEAD:evil");
        string inner = await TreeAsync(repository, "100644", "evil", blob);
        string tree = await TreeAsync(repository, "40000", path, inner);
        string commit = await repository.GitAsync("commit-tree", tree, "-m", "evil");
        await repository.GitAsync("update-ref", "refs/heads/main", commit);
        await DamagedAsync(repository, commit, "the commit has a path that no working tree may have");
        File.Exists(_temp["evil"]).ShouldBeFalse();
    }

    [Fact]
    public async Task No_hook_and_no_filter_of_the_machine_runs_and_line_ends_stay()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string commit = await repository.CommitAsync("first", ("text.txt", "one\ntwo\r\n"));
        (string name, _) = await _hosts.PublishAsync(repository);
        string hook = _temp.Write("hooks/post-checkout", $"#!/bin/sh\ntouch {_temp["ran"]}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(hook, (UnixFileMode)0b111_101_101);
        string configuration = _temp.Write("gitconfig", $"[core]\n hooksPath = {_temp["hooks"]}\n autocrlf = true\n[init]\n templateDir = {_temp["template"]}\n");
        ProgramRun run = await ProgramRun.CompleteAsync(
            Child.Program, ["child", "fetch", (await _hosts.OpenAsync("open", name)).Location.AbsoluteUri, commit, _temp["fetched"]], new Dictionary<string, string?> { ["GIT_CONFIG_GLOBAL"] = configuration });
        run.Output.Trim().ShouldBe("fetched", run.Error);
        File.ReadAllText(_temp["fetched", "text.txt"]).ShouldBe("one\ntwo\r\n");
        File.Exists(_temp["ran"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_secret_is_in_no_output_and_a_user_s_trace_does_not_show_it()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        (string name, _) = await _hosts.PublishAsync(repository);
        var environment = new Dictionary<string, string?>
        {
            // As those have it who prefer ssh for everything.
            ["GIT_CONFIG_GLOBAL"] = _temp.Write("gitconfig", $"[url \"ssh://nowhere.invalid/\"]\n insteadOf = {_hosts.Server.Address}/\n[credential]\n helper = !touch {_temp["asked"]} && echo password=wrong\n"),
            ["GITHUB_ACCESS_TOKEN"] = GitHosts.Token, ["GIT_TRACE"] = "2", ["GIT_TRACE_REDACT"] = "0", ["GIT_TRACE_CURL"] = _temp["trace"], ["GIT_CURL_VERBOSE"] = "1",
        };
        foreach ((string at, string says) in new[] { (name, "fetched"), ("missing", "NotFound: ") })
        {
            ProgramRun run = await ProgramRun.CompleteAsync(Child.Program, ["child", "fetch", $"github://acme/{at}?host={_hosts.Server.Address}/github", commit, _temp["to", at]], environment);
            run.Output.ShouldStartWith(says);
            string pair = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"x-access-token:{GitHosts.Token}"));
            foreach (string text in (string[])[run.Output, run.Error, File.Exists(_temp["trace"]) ? File.ReadAllText(_temp["trace"]) : ""])
            {
                text.ShouldNotContain("canary");
                text.ShouldNotContain(pair);
            }
        }
        File.Exists(_temp["asked"]).ShouldBeFalse("no helper is asked where there is a token");
    }

    [Fact]
    public async Task Submodules_come_along_at_their_commits()
    {
        GitRepository inner = await GitRepository.CreateAsync(_temp["inner"]);
        await inner.CommitAsync("pinned", ("lib.cs", "pinned"));
        (string innerName, string innerBare) = await _hosts.PublishAsync(inner);
        // As people write it: relative to the repository itself, so that the same credentials serve.
        (string commit, string name) = await WithSubmoduleAsync(inner, $"../{innerName}.git");
        await inner.CommitAsync("went on", ("lib.cs", "later"));
        await inner.GitAsync("push", "--quiet", innerBare, "HEAD");

        foreach (string system in (string[])["github", "server", "old"])
        {
            string folder = _temp["fetched", system];
            await (await _hosts.OpenAsync(system, name)).FetchAsync(commit, folder, Cancel);
            File.ReadAllText(Path.Combine(folder, "libs/inner/lib.cs")).ShouldBe("pinned", system);
            Directory.EnumerateFileSystemEntries(folder, ".git", SearchOption.AllDirectories).ShouldBeEmpty(system);
        }
    }

    [Theory]
    [InlineData("ext::sh -c touch% RAN")]
    [InlineData("file://FOLDER")]
    public async Task A_submodule_that_would_run_a_command_or_read_this_machine_s_files_is_refused(string url)
    {
        GitRepository inner = await GitRepository.CreateAsync(_temp["inner"]);
        await inner.CommitAsync("pinned", ("lib.cs", "pinned"));
        (string commit, string name) = await WithSubmoduleAsync(inner, url.Replace("RAN", _temp["ran"], StringComparison.Ordinal).Replace("FOLDER", inner.Folder, StringComparison.Ordinal));
        ICodeSource source = await _hosts.OpenAsync("github", name);
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(commit, _temp["cache", "fetched"], Cancel));
        e.Message.ShouldContain("(its submodules): this way of fetching is not allowed here: https and ssh are");
        File.Exists(_temp["ran"]).ShouldBeFalse();
        Directory.GetFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_kept_in_LFS_is_said_so_where_git_lfs_is_missing()
    {
        Assert.SkipWhen(File.Exists("/usr/bin/git-lfs"), "git-lfs is installed");
        const string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string looksSo = await repository.CommitAsync("looks so", ("about-lfs.txt", pointer));
        string commit = await repository.CommitAsync("pointer", (".gitattributes", "*.bin filter=lfs\n"), ("data/model.bin", pointer), ("b.bin", pointer));
        (string name, _) = await _hosts.PublishAsync(repository);

        ICodeSource source = await _hosts.OpenAsync("github", name);
        await source.FetchAsync(looksSo, _temp["fine"], Cancel);
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(commit, _temp["fetched"], Cancel));
        e.Message.ShouldContain("keeps 'b.bin' and 1 more in Git LFS, and this machine did not fetch it from there: install git-lfs");
        Directory.Exists(_temp["fetched"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Repositories_with_SHA_256_are_fetched_as_well()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"], format: "sha256");
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        commit.Length.ShouldBe(64);
        (string name, _) = await _hosts.PublishAsync(repository);
        ICodeSource source = await _hosts.OpenAsync("github", name);
        (await source.ResolveAsync(null, Cancel)).Commit.ShouldBe(commit);
        await source.FetchAsync(commit, _temp["fetched"], Cancel);
        File.ReadAllText(_temp["fetched", "flow.cs"]).ShouldBe("1");
    }

    [Fact]
    public async Task A_folder_in_use_and_a_wrong_commit_are_refused()
    {
        _temp.Write("full/file", "");
        ICodeSource source = await _hosts.OpenAsync("open", "nothing");
        (await Should.ThrowAsync<StorageException>(() => source.FetchAsync(new string('a', 40), _temp["full"], Cancel))).Message.ShouldContain("is there already and not empty");
        (await Should.ThrowAsync<StorageException>(() => source.FetchAsync("main", _temp["new"], Cancel))).Message.ShouldContain("'main' is no commit of");
        SourceReference.TryParse("github://a/b#commit=main").ShouldBeNull();
        SourceReference.TryParse("github://a/b#sha256=" + new string('a', 64)).ShouldBeNull();
    }

    [Fact]
    public async Task An_old_commit_behind_a_moved_branch_is_found_on_a_server_that_gives_branches_only()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        string old = await repository.CommitAsync("first", ("flow.cs", "old"));
        for (int i = 0; i < 60; i++)
            await repository.GitAsync("commit", "--quiet", "--allow-empty", "-m", i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        (string name, _) = await _hosts.PublishAsync(repository);
        await (await _hosts.OpenAsync("old", name, "&ref=main")).FetchAsync(old, _temp["fetched"], Cancel);
        File.ReadAllText(_temp["fetched", "flow.cs"]).ShouldBe("old");
    }

    [Fact]
    public async Task Without_git_on_PATH_or_with_an_old_one_the_source_says_what_to_install()
    {
        using var empty = new TempFolder();
        string[] arguments = ["child", "fetch", "github://acme/flows", new string('a', 40), _temp["fetched"]];
        ProgramRun missing = await ProgramRun.CompleteAsync(Child.Program, arguments, new Dictionary<string, string?> { ["PATH"] = empty.Path });
        missing.Output.Trim().ShouldBe("Invalid: This source needs the program git, which is not on PATH: install it (git-scm.com), on the worker's machine as well.");
        if (OperatingSystem.IsWindows())
            return;
        string old = empty.Write("git", "#!/bin/sh\necho git version 2.20.1\n");
        File.SetUnixFileMode(old, (UnixFileMode)0b111_101_101);
        ProgramRun tooOld = await ProgramRun.CompleteAsync(Child.Program, arguments, new Dictionary<string, string?> { ["PATH"] = empty.Path });
        tooOld.Output.Trim().ShouldBe("Invalid: This source needs git 2.31 or later, and PATH has 2.20.1: install a newer one (git-scm.com), on the worker's machine as well.");
    }

    private async Task<(string Commit, string Name)> WithSubmoduleAsync(GitRepository inner, string url)
    {
        GitRepository outer = await GitRepository.CreateAsync(_temp["outer"]);
        await outer.CommitAsync("first", ("flow.cs", "1"));
        await outer.GitAsync("submodule", "--quiet", "add", inner.Folder, "libs/inner");
        await outer.GitAsync("config", "-f", ".gitmodules", "submodule.libs/inner.url", url);
        string commit = await outer.CommitAsync("with submodule");
        return (commit, (await _hosts.PublishAsync(outer)).Name);
    }

    private async Task DamagedAsync(GitRepository repository, string commit, string says)
    {
        (string name, _) = await _hosts.PublishAsync(repository);
        ICodeSource source = await _hosts.OpenAsync("open", name);
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(commit, _temp["cache", "fetched"], Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Damaged, e.Message);
        e.Message.ShouldContain(says);
        Directory.GetFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    private static async Task<string> TreeAsync(GitRepository repository, string mode, string name, string id)
    {
        var start = new ProcessStartInfo("git", ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"]) { WorkingDirectory = repository.Folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync((byte[])[.. System.Text.Encoding.UTF8.GetBytes($"{mode} {name}\0"), .. Convert.FromHexString(id)]);
        process.StandardInput.Close();
        return (await process.StandardOutput.ReadToEndAsync()).Trim();
    }
}
