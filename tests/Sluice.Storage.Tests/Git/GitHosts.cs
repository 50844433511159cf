using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Storage.Git;
using Sluice.Storage.Git.Systems;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Git;

/// <summary>
/// One server that plays all systems, each below its own path and with its own rule of who may read; sshd for git+ssh. The credentials that each system wants are
/// written down here a second time, from its documentation.
/// </summary>
public sealed class GitHosts : IAsyncLifetime
{
    /// <summary>Stands for every secret; it must be nowhere but in the header.</summary>
    public const string Token = "canary:T0ken/with+signs=";

    public const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    public const string SecretKey = "canary/K7MDENG/bPxRfiCYEXAMPLEKEY";
    public const string Region = "eu-west-1";

    private readonly TempFolder _temp = new();
    private readonly SemaphoreSlim _starting = new(1);
    private GitServer? _server;
    private ProgramRun? _sshd;
    private int _sshPort;
    private int _repositories;

    public GitServer Server => _server ?? throw new InvalidOperationException("not started");

    /// <summary>What the sources are given: each system's secret under a name of the tests.</summary>
    internal static StorageSources Sources(string token = Token, string secretKey = SecretKey, string? session = null) => new Secrets(
        [("TEST_TOKEN", token), ("TEST_KEY", AccessKey), ("TEST_SECRET", secretKey), .. session is null ? Array.Empty<(string, string)>() : [("TEST_SESSION", session)]]);

    public async ValueTask InitializeAsync()
    {
        if (GitServer.IsInstalled)
            _server = await GitServer.StartAsync(IsAllowed);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_sshd is not null)
            await _sshd.DisposeAsync();
        _starting.Dispose();
        _temp.Dispose();
    }

    /// <summary>Publishes a repository on every system.</summary>
    /// <returns>Its name there.</returns>
    public async Task<(string Name, string Bare)> PublishAsync(GitRepository repository)
    {
        string name = $"flows{Interlocked.Increment(ref _repositories)}";
        string bare = await repository.PublishAsync(_temp["bare", name + ".git"]);
        foreach (string path in (string[])[$"github/acme/{name}.git", $"github/{name}.git", $"gitlab/acme/sub/{name}.git", $"cloud/acme/{name}.git", $"server/scm/acme/{name}.git", $"v1/repos/{name}", $"plain/{name}.git", $"open/{name}.git", $"old/{name}.git"])
            Server.Show(bare, path);
        return (name, bare);
    }

    /// <summary>A source on a system.</summary>
    /// <param name="system">One of the systems' names below.</param>
    /// <param name="name">The repository's name.</param>
    /// <param name="options">More options, as <c>&amp;ref=x</c>.</param>
    /// <param name="port">Another port than the server's, as a proxy's.</param>
    /// <param name="sources">The secrets; null for the right ones.</param>
    internal async Task<ICodeSource> OpenAsync(string system, string name, string options = "", int? port = null, StorageSources? sources = null)
    {
        string at = $"http://127.0.0.1:{(port ?? Server.Port).ToString(CultureInfo.InvariantCulture)}";
        if (system == "cloud")
        {
            // Bitbucket Cloud has no option for its host.
            var location = new Uri($"bitbucket://acme/{name}?cloud_username=ada&cloud_app_password=${{TEST_TOKEN}}{options}");
            return new GitSource(location, new BitbucketSystem(at + "/cloud"), (sources ?? Sources()).Secrets, TimeProvider.System, Quick);
        }
        string text = system switch
        {
            "github" => $"github://acme/{name}?host={at}/github&access_token=${{TEST_TOKEN}}",
            "gitlab" => $"gitlab://acme/sub/{name}?host={at}/gitlab&access_token=${{TEST_TOKEN}}",
            "server" => $"bitbucket://acme/{name}?host={at}/server&access_token=${{TEST_TOKEN}}",
            "codecommit" => $"codecommit://{Region}/{name}?host={at}&aws_access_key_id=${{TEST_KEY}}&aws_secret_access_key=${{TEST_SECRET}}",
            "plain" => $"git+{at}/plain/{name}.git?access_token=${{TEST_TOKEN}}",
            "open" => $"git+{at}/open/{name}.git?",
            "old" => $"git+{at}/old/{name}.git?",
            "ssh" => $"git+ssh://{Environment.UserName}@127.0.0.1:{await SshAsync(port)}{_temp["bare", name + ".git"]}?",
            _ => throw new ArgumentOutOfRangeException(nameof(system), system, null),
        };
        return CodeSources.Open(new Uri((text + options).Replace("?&", "?", StringComparison.Ordinal).TrimEnd('?')), sources ?? Sources(), TimeProvider.System, Quick);
    }

    /// <summary>Pauses that tests have time for.</summary>
    internal static GitLimits Quick { get; } = new(5, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));

    /// <summary>What the documentation of each system asks for.</summary>
    private static bool IsAllowed(GitRequest request)
    {
        string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        return request.Path.Split('/')[1] switch
        {
            "github" => request.Authorization == Basic("x-access-token", Token),
            "gitlab" => request.Authorization == Basic("oauth2", Token),
            "cloud" => request.Authorization == Basic("ada", Token),
            "server" => request.Authorization == "Bearer " + Token,
            "plain" => request.Authorization == Basic("git", Token),
            "v1" => IsSigned(request, TimeProvider.System.GetUtcNow()),
            _ => true,
        };
    }

    // An implementation of its own: it takes the sent time, and builds the signature from the bytes up.
    internal static bool IsSigned(GitRequest request, DateTimeOffset now)
    {
        if (request.Authorization?.Split(' ') is not ["Basic", var encoded])
            return false;
        string pair = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
        string user = pair[..pair.IndexOf(':', StringComparison.Ordinal)], password = pair[(user.Length + 1)..];
        if (user.Split('%')[0] != AccessKey || password.IndexOf('Z', StringComparison.Ordinal) != 15)
            return false;
        string sent = password[..15];
        var time = DateTimeOffset.ParseExact(sent, "yyyyMMddTHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((now - time).Duration() > TimeSpan.FromMinutes(15))
            return false;
        string path = string.Join('/', request.Path.Split('?')[0].Split('/').Take(4));
        byte[] canonical = Encoding.ASCII.GetBytes("GIT\n" + path + "\n\nhost:127.0.0.1\n\nhost\n");
        string scope = $"{sent[..8]}/{Region}/codecommit/aws4_request";
        byte[] key = Encoding.ASCII.GetBytes("AWS4" + SecretKey);
        foreach (string step in scope.Split('/'))
        {
            using var hmac = new HMACSHA256(key);
            key = hmac.ComputeHash(Encoding.ASCII.GetBytes(step));
        }
        using var last = new HMACSHA256(key);
        byte[] signature = last.ComputeHash(Encoding.ASCII.GetBytes("AWS4-HMAC-SHA256\n" + sent + "\n" + scope + "\n" + Convert.ToHexString(SHA256.HashData(canonical)).ToLowerInvariant()));
        return password[16..] == Convert.ToHexString(signature).ToLowerInvariant();
    }

    /// <summary>sshd's port, or another that leads there.</summary>
    public async Task<int> SshAsync(int? port = null)
    {
        await _starting.WaitAsync();
        try
        {
            if (_sshd is not null)
                return port ?? _sshPort;
            _sshPort = FreePort.Take(1)[0];
            foreach (string name in (string[])["host", "client"])
                await using (ProgramRun made = await ProgramRun.CompleteAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _temp[name]]))
                    made.Process.ExitCode.ShouldBe(0, made.Error);
            Directory.CreateDirectory("/run/sshd");
            string conf = _temp.Write("sshd.conf", $"""
                Port {_sshPort}
                ListenAddress 127.0.0.1
                HostKey {_temp["host"]}
                PidFile {_temp["sshd.pid"]}
                AuthorizedKeysFile {_temp["client.pub"]}
                PasswordAuthentication no
                PermitRootLogin prohibit-password
                UsePAM no
                StrictModes no

                """);
            _sshd = ProgramRun.Start("/usr/sbin/sshd", ["-D", "-e", "-f", conf]);
            await _sshd.WaitForLineAsync(line => line.Contains("Server listening", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
            string[] key = (await File.ReadAllTextAsync(_temp["host.pub"])).Split(' ');
            _temp.Write("known_hosts", $"git-tests {key[0]} {key[1]}\n");
            // What a user has in ~/.ssh/config; the alias also knows the server behind a proxy.
            Environment.SetEnvironmentVariable("GIT_SSH_COMMAND", $"ssh -F none -o BatchMode=yes -o HostKeyAlias=git-tests -i {_temp["client"]} -o UserKnownHostsFile={_temp["known_hosts"]}");
            return port ?? _sshPort;
        }
        finally
        {
            _starting.Release();
        }
    }
}

[CollectionDefinition("GitHosts")]
public sealed class GitHostsCollection : ICollectionFixture<GitHosts>;
