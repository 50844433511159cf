using System.Diagnostics;
using System.Globalization;
using Sluice.Storage.Git;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>What networks and servers do to a fetch: it is tried again or refused clearly, and never leaves a part.</summary>
[Collection("GitHosts")]
public sealed class GitFaultTests : IDisposable
{
    private readonly GitHosts _hosts;
    private readonly TempFolder _temp = new();

    public GitFaultTests(GitHosts hosts)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        _hosts = hosts;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Systems => ["github", "gitlab", "cloud", "server", "codecommit", "plain", "old"];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task A_connection_cut_at_any_stage_is_opened_again(string system)
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        // The head of the first answer, its body, the request for the pack, and three places in the pack.
        Fault[] faults = [new(CutAfterDown: 0), new(CutAfterDown: 150), new(CutAfterUp: 400), new(CutAfterDown: 20_000), new(CutAfterDown: 150_000), new(CutAfterDown: 290_000)];
        foreach (Fault fault in faults)
        {
            await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection == 1 ? fault : null);
            string folder = _temp["cache", Guid.NewGuid().ToString("N")];
            await (await _hosts.OpenAsync(system, name, port: proxy.Port)).FetchAsync(commit, folder, Cancel);
            proxy.Connections.ShouldBeGreaterThan(1, fault.ToString());
            File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large);
            Directory.GetDirectories(_temp["cache"], ".*").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_cut_ssh_connection_is_opened_again_and_what_ssh_refuses_is_told_apart()
    {
        Assert.SkipUnless(SshGitTests.IsInstalled, SshGitTests.Missing);
        (string name, string commit, byte[] large) = await PublishAsync();
        int sshd = await _hosts.SshAsync();
        // The greeting, the exchange of keys, and the pack.
        foreach (Fault fault in (Fault[])[new(CutAfterDown: 0), new(CutAfterDown: 30), new(CutAfterDown: 1200), new(CutAfterUp: 2000), new(CutAfterDown: 150_000)])
        {
            await using var proxy = new FaultProxy(sshd, connection => connection == 1 ? fault : null);
            string folder = _temp["cache", Guid.NewGuid().ToString("N")];
            await (await _hosts.OpenAsync("ssh", name, port: proxy.Port)).FetchAsync(commit, folder, Cancel);
            proxy.Connections.ShouldBe(2, fault.ToString());
            File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large);
        }

        ICodeSource missing = await _hosts.OpenAsync("ssh", "nothing");
        (await Should.ThrowAsync<StorageException>(() => missing.ResolveAsync(null, Cancel))).Message.ShouldContain("there is no such repository, or it is private. To sign in, add your ssh key there");
        // Not our GIT_SSH_COMMAND but ssh as it is: this server is in nobody's known_hosts, and nobody is asked.
        ProgramRun unknown = await ProgramRun.CompleteAsync(Child.Program, ["child", "fetch", (await _hosts.OpenAsync("ssh", name)).Location.AbsoluteUri, commit, _temp["unknown"]],
            new Dictionary<string, string?> { ["GIT_SSH_COMMAND"] = null });
        unknown.Output.ShouldStartWith("Forbidden: ");
        unknown.Output.ShouldContain("the server's ssh key is not known here. Connect once by hand");
        ProgramRun keyless = await ProgramRun.CompleteAsync(Child.Program, ["child", "fetch", (await _hosts.OpenAsync("ssh", name)).Location.AbsoluteUri, commit, _temp["unknown"]],
            new Dictionary<string, string?> { ["GIT_SSH_COMMAND"] = "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -i /dev/null" });
        keyless.Output.ShouldContain("the server asks for credentials. To give some, add your ssh key there");
    }

    [Fact]
    public async Task Wherever_a_connection_breaks_what_is_fetched_is_whole()
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        var random = new Random(Fuzz.Seed);
        string[] systems = ["github", "old", "codecommit"];
        for (int i = 0; i < Fuzz.Count(6); i++)
        {
            int at = random.Next(3) == 0 ? random.Next(310_000) : random.Next(3_000);
            Fault fault = random.Next(3) switch { 0 => new(CutAfterUp: at % 1500), 1 => new(FlipAtDown: at), _ => new(CutAfterDown: at) };
            string system = systems[i % systems.Length];
            await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection == 1 ? fault : null);
            string folder = _temp["cache", "fetched"];
            string said = $"seed {Fuzz.Seed}, number {i}: {system}, {fault}";
            try
            {
                await (await _hosts.OpenAsync(system, name, port: proxy.Port)).FetchAsync(commit, folder, Cancel);
                File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large, said);
                Directory.Delete(folder, recursive: true);
            }
            catch (StorageException e) when (fault.FlipAtDown is not null && e.Kind != StorageErrorKind.Unavailable)
            {
                // A status or word of the protocol that became another one: refused, and nothing is there.
                Directory.Exists(folder).ShouldBeFalse(said);
            }
            catch (StorageException e)
            {
                Assert.Fail($"{said}: {e.Kind} {e.Message}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task A_flipped_byte_never_becomes_a_file(string system)
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        foreach (int at in (int[])[30_000, 150_001, 299_000])
        {
            await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection == 1 ? new Fault(FlipAtDown: at) : null);
            string folder = _temp["cache", Guid.NewGuid().ToString("N")];
            await (await _hosts.OpenAsync(system, name, port: proxy.Port)).FetchAsync(commit, folder, Cancel);
            proxy.Connections.ShouldBeGreaterThan(1, "git noticed");
            File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large);
        }
    }

    [Fact]
    public async Task An_overloaded_server_is_given_the_time_it_asks_for()
    {
        (string name, string commit, _) = await PublishAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        // What a server says, and how long that is waited for: the seconds, the date, at most our bound, our own pauses.
        (string Answer, TimeSpan Pause)[] answers =
        [
            ("429 Too Many Requests\r\nRetry-After: 2", TimeSpan.FromSeconds(2)),
            ($"503 Not now\r\nRetry-After: {clock.GetUtcNow().AddSeconds(4):R}", TimeSpan.FromSeconds(1)),
            ("503 Not now\r\nRetry-After: 3600", GitHosts.Quick.LongestPause),
            ("500 Broken", GitHosts.Quick.FirstPause * 8),
        ];
        await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection <= answers.Length
            ? new Fault(Answer: $"HTTP/1.1 {answers[connection - 1].Answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") : null);
        var location = new Uri($"git+http://127.0.0.1:{proxy.Port.ToString(CultureInfo.InvariantCulture)}/open/{name}.git");
        Task fetching = CodeSources.Open(location, null, clock, GitHosts.Quick).FetchAsync(commit, _temp["fetched"], Cancel);
        for (int i = 0; i < answers.Length; i++)
        {
            await UntilAsync(() => clock.WaitingTimers, waiting => waiting == 1);
            proxy.Connections.ShouldBe(i + 1);
            clock.Advance(answers[i].Pause * 0.9);
            clock.WaitingTimers.ShouldBe(1, answers[i].Answer);
            // A date has whole seconds.
            clock.Advance(answers[i].Pause * (i == 1 ? 2 : 0.1) + TimeSpan.FromMilliseconds(1));
        }
        await fetching;

        proxy.Connections.ShouldBe(5);
        File.Exists(_temp["fetched", "large.bin"]).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task Each_systems_overloaded_server_is_asked_again(string system)
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        string[] answers = ["429 Too Many Requests\r\nRetry-After: 1", "503 Not now"];
        await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection <= answers.Length
            ? new Fault(Answer: $"HTTP/1.1 {answers[connection - 1]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") : null);
        await (await _hosts.OpenAsync(system, name, port: proxy.Port)).FetchAsync(commit, _temp["fetched"], Cancel);
        proxy.Connections.ShouldBeGreaterThan(answers.Length);
        File.ReadAllBytes(_temp["fetched", "large.bin"]).ShouldBe(large);
    }

    [Theory]
    [InlineData("github")]
    [InlineData("gitlab")]
    [InlineData("cloud")]
    [InlineData("server")]
    [InlineData("plain")]
    public async Task A_token_that_expired_is_refused_with_what_to_do_and_shown_nowhere(string system)
    {
        (string name, string commit, _) = await PublishAsync();
        ICodeSource expired = await _hosts.OpenAsync(system, name, sources: GitHosts.Sources(token: "canary-expired"));
        StorageException e = await Should.ThrowAsync<StorageException>(() => expired.FetchAsync(commit, _temp["cache", "fetched"], Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden, e.Message);
        e.Message.ShouldContain("Are they right, not expired, and allowed to read it");
        e.Message.ShouldNotContain('\n');
        e.ToString().ShouldNotContain("canary");
        Directory.GetFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task A_server_that_stays_overloaded_or_away_is_named_and_nothing_is_left(string system)
    {
        (string name, string commit, _) = await PublishAsync();
        await using var proxy = new FaultProxy(_hosts.Server.Port, _ => new Fault(Answer: "HTTP/1.1 503 Not now\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await UnavailableAsync(await _hosts.OpenAsync(system, name, port: proxy.Port), commit, "the server is overloaded or failing. Try again later");
        proxy.Connections.ShouldBe(GitHosts.Quick.Attempts);
        await UnavailableAsync(await _hosts.OpenAsync(system, name, port: FreePort.Take(1)[0]), commit, "the server cannot be reached. Is the address right, and the server up?");
    }

    [Fact]
    public async Task A_stalled_transfer_is_given_up_and_begun_anew()
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection == 1 ? new Fault(HoldAfterDown: 100_000) : null);
        var location = new Uri($"git+http://127.0.0.1:{proxy.Port.ToString(CultureInfo.InvariantCulture)}/open/{name}.git");
        ICodeSource source = CodeSources.Open(location, null, TimeProvider.System, GitHosts.Quick with { Silence = TimeSpan.FromSeconds(2) });

        await source.FetchAsync(commit, _temp["fetched"], Cancel);

        proxy.Connections.ShouldBeGreaterThanOrEqualTo(2, "a machine that stands still may be taken for another stall");
        File.ReadAllBytes(_temp["fetched", "large.bin"]).ShouldBe(large);
    }

    [Fact]
    public async Task A_cancelled_fetch_ends_git_and_leaves_nothing_and_no_secret_was_in_an_argument()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks at /proc");
        (string name, string commit, _) = await PublishAsync();
        await using var proxy = new FaultProxy(_hosts.Server.Port, _ => new Fault(HoldAfterDown: 100_000));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ICodeSource source = await _hosts.OpenAsync("github", name, port: proxy.Port);
        Task fetching = source.FetchAsync(commit, _temp["cache", "fetched"], cancellation.Token);
        string mark = $"127.0.0.1:{proxy.Port.ToString(CultureInfo.InvariantCulture)}";
        string[] programs = await UntilAsync(() => Programs(mark).ToArray(), found => found.Any(words => words.Contains("remote-http", StringComparison.Ordinal)) && proxy.BytesDown > 0);

        foreach (string words in Programs(""))
            words.ShouldNotContain("canary");
        foreach (string file in Directory.EnumerateFiles(_temp["cache"], "*", SearchOption.AllDirectories).Where(file => file.EndsWith("config", StringComparison.Ordinal) || file.EndsWith("FETCH_HEAD", StringComparison.Ordinal)))
            File.ReadAllText(file).ShouldNotContain("canary");
        programs.ShouldNotBeEmpty();

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => fetching);
        Directory.GetFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
        await UntilAsync(() => Programs(mark).ToArray(), found => found.Length == 0);
    }

    [Fact]
    public async Task A_fetch_that_is_killed_shows_nothing_and_the_next_one_succeeds()
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        await using var proxy = new FaultProxy(_hosts.Server.Port, connection => connection == 1 ? new Fault(HoldAfterDown: 100_000) : null);
        string location = $"git+http://127.0.0.1:{proxy.Port.ToString(CultureInfo.InvariantCulture)}/open/{name}.git", folder = _temp["cache", "fetched"];
        await using (ProgramRun child = ProgramRun.Start(Child.Program, ["child", "fetch", location, commit, folder]))
        {
            await UntilAsync(() => proxy.BytesDown, down => down > 50_000);
            child.Process.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(TimeSpan.FromMinutes(1));
        }
        Directory.Exists(folder).ShouldBeFalse();

        ProgramRun again = await ProgramRun.CompleteAsync(Child.Program, ["child", "fetch", location, commit, folder]);
        again.Output.Trim().ShouldBe("fetched");
        File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large);
    }

    [Fact]
    public async Task Sixteen_fetches_at_once_do_not_meet()
    {
        (string name, string commit, byte[] large) = await PublishAsync();
        ICodeSource source = await _hosts.OpenAsync("github", name);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => source.FetchAsync(commit, _temp["cache", $"{i}"], Cancel)));
        foreach (string folder in Directory.GetDirectories(_temp["cache"]))
            File.ReadAllBytes(Path.Combine(folder, "large.bin")).ShouldBe(large);
        Directory.GetDirectories(_temp["cache"]).Length.ShouldBe(16);
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect()
    {
        (string name, string commit, _) = await PublishAsync();
        await using GitServer elsewhere = await GitServer.StartAsync();
        string moved = $"HTTP/1.1 301 Moved Permanently\r\nLocation: {elsewhere.Address}/github/acme/{name}.git/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await using var proxy = new FaultProxy(_hosts.Server.Port, _ => new Fault(Answer: moved));

        ICodeSource source = await _hosts.OpenAsync("github", name, port: proxy.Port);
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(commit, _temp["fetched"], Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Invalid, e.Message);
        e.Message.ShouldContain("the server redirects to another address, and credentials are not sent there. Was the repository renamed or moved?");
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_expired_session_and_a_wrong_clock_are_told_apart()
    {
        (string name, _, _) = await PublishAsync();
        // A clock that is 20 minutes fast: the signature is well made, and the server refuses its time.
        var location = new Uri($"codecommit://{GitHosts.Region}/{name}?host={_hosts.Server.Address}&aws_access_key_id=${{TEST_KEY}}&aws_secret_access_key=${{TEST_SECRET}}");
        ICodeSource fast = CodeSources.Open(location, GitHosts.Sources(), new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(20)), GitHosts.Quick);
        StorageException skewed = await Should.ThrowAsync<StorageException>(() => fast.ResolveAsync(null, Cancel));
        skewed.Kind.ShouldBe(StorageErrorKind.Forbidden);
        skewed.Message.ShouldContain("this machine's clock differs by 20 minutes from the server's. Set the clock");

        ICodeSource expired = CodeSources.Open(location, GitHosts.Sources(secretKey: "canary-expired"), TimeProvider.System, GitHosts.Quick);
        StorageException refused = await Should.ThrowAsync<StorageException>(() => expired.ResolveAsync(null, Cancel));
        refused.Message.ShouldContain("Are they right, not expired, and allowed to read it (AWS credentials that allow codecommit:GitPull)?");
        refused.ToString().ShouldNotContain("canary");
    }

    private async Task UnavailableAsync(ICodeSource source, string commit, string says)
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => source.FetchAsync(commit, _temp["cache", "fetched"], Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain(says);
        e.ToString().ShouldNotContain("canary");
        Directory.GetFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    private async Task<(string Name, string Commit, byte[] Large)> PublishAsync()
    {
        GitRepository repository = await GitRepository.CreateAsync(_temp["tree"]);
        byte[] large = new byte[300_000];
        new Random(5).NextBytes(large);
        await File.WriteAllBytesAsync(Path.Combine(repository.Folder, "large.bin"), large);
        string commit = await repository.CommitAsync("first", ("flow.cs", "1"));
        return ((await _hosts.PublishAsync(repository)).Name, commit, large);
    }

    private static async Task<T> UntilAsync<T>(Func<T> look, Func<T, bool> enough)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(20, Cancel))
        {
            T found = look();
            if (enough(found))
                return found;
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        }
    }

    // Every program of this machine whose arguments contain a text; ours is not among them.
    private static IEnumerable<string> Programs(string text)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out int id) && id != Environment.ProcessId))
        {
            string words;
            try
            {
                words = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // It ended meanwhile.
            }
            if (words.Contains("git", StringComparison.Ordinal) && words.Contains(text, StringComparison.Ordinal))
                yield return words;
        }
    }
}
