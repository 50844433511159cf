using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Servers;

/// <summary>Real servers that rclone reaches: OpenSSH's SFTP, Samba and Apache's WebDAV, on 127.0.0.1, each started once when a test first asks for it.</summary>
public sealed class FileServers : IAsyncDisposable
{
    /// <summary>Why tests are skipped without them.</summary>
    public const string Missing = "rclone, openssh-server, samba or apache2-bin is not installed, or this is not root, who starts them; .ci/run installs them.";

    public const string Password = "word with 'quotes' $and ünïcode";

    private readonly TempFolder _temp = new();
    private readonly List<ProgramRun> _servers = [];
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Dictionary<string, int> _ports = [];

    public static bool AreInstalled { get; } = Environment.IsPrivilegedProcess
        && ((string[])["/usr/bin/rclone", "/usr/sbin/sshd", "/usr/sbin/smbd", "/usr/sbin/apache2"]).All(File.Exists);

    /// <summary>The URI of a new, empty store on one of the systems: sftp, webdav or smb.</summary>
    /// <param name="system">Which.</param>
    /// <param name="port">Another port than the server's, as a proxy's.</param>
    /// <param name="folder">A folder of an earlier call, by its name; null makes a new one.</param>
    public async Task<string> StoreAsync(string system, int? port = null, string? folder = null)
    {
        int own = await StartAsync(system);
        string at = (port ?? own).ToString(CultureInfo.InvariantCulture);
        folder ??= Guid.NewGuid().ToString("N");
        if (system == "smb")
        {
            Environment.SetEnvironmentVariable("SLUICE_TEST_SMB_PASSWORD", Password);
            return $"smb://127.0.0.1/data/{folder}/below?smb_username=root&smb_password=${{SLUICE_TEST_SMB_PASSWORD}}&smb_port={at}";
        }
        // A remote of rclone's own configuration, as an administrator writes it; here by its variables.
        string remote = $"TEST{system.ToUpperInvariant()}{at}";
        (string Name, string Value)[] settings = system == "sftp"
            ? [("TYPE", "sftp"), ("HOST", "127.0.0.1"), ("PORT", at), ("USER", "root"), ("KEY_FILE", _temp["client"]), ("SHELL_TYPE", "none"), ("MD5SUM_COMMAND", "none"), ("SHA1SUM_COMMAND", "none")]
            : [("TYPE", "webdav"), ("URL", $"http://127.0.0.1:{at}/"), ("VENDOR", "other"), ("USER", "dav"), ("PASS", await ObscuredAsync("davword"))];
        foreach ((string name, string value) in settings)
            Environment.SetEnvironmentVariable($"RCLONE_CONFIG_{remote}_{name}", value);
        return system == "sftp" ? $"rclone://{remote}/{_temp.Path}/sftp/{folder}/below" : $"rclone://{remote}/{folder}/below";
    }

    /// <summary>A key that root may sign in with by SFTP; made when the server starts.</summary>
    public string SftpKey => _temp["client"];

    /// <summary>The folder that a server serves.</summary>
    public string FolderOf(string system) => _temp[system];

    public Task<int> PortAsync(string system) => StartAsync(system);

    public async ValueTask DisposeAsync()
    {
        foreach (ProgramRun server in _servers)
            await server.DisposeAsync();
        _starting.Dispose();
        _temp.Dispose();
    }

    private async Task<int> StartAsync(string system)
    {
        await _starting.WaitAsync();
        try
        {
            if (_ports.TryGetValue(system, out int running))
                return running;
            int port = FreePort.Take(1)[0];
            Directory.CreateDirectory(_temp[system]);
            _servers.Add(system switch { "sftp" => await SftpAsync(port), "smb" => await SmbAsync(port), _ => await WebDavAsync(port) });
            for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", port);
                    break;
                }
                catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(60))
                {
                    // Not yet.
                }
            }
            return _ports[system] = port;
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<ProgramRun> SftpAsync(int port)
    {
        foreach (string name in (string[])["host", "client"])
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _temp[name]);
        // The folder that sshd separates its privileges into, which its service would make.
        Directory.CreateDirectory("/run/sshd");
        string conf = _temp.Write("sshd.conf", $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {_temp["host"]}
            PidFile {_temp["sshd.pid"]}
            AuthorizedKeysFile {_temp["client.pub"]}
            PasswordAuthentication no
            PermitRootLogin prohibit-password
            UsePAM no
            StrictModes no
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp

            """);
        return ProgramRun.Start("/usr/sbin/sshd", ["-D", "-e", "-f", conf]);
    }

    private async Task<ProgramRun> SmbAsync(int port)
    {
        string state = _temp["smbstate"];
        Directory.CreateDirectory(state);
        Directory.CreateDirectory(Path.Combine(state, "nc"));
        string conf = _temp.Write("smb.conf", $"""
            [global]
             workgroup = TEST
             server role = standalone server
             smb ports = {port}
             interfaces = 127.0.0.1/8
             bind interfaces only = yes
             private dir = {state}
             lock directory = {state}
             state directory = {state}
             cache directory = {state}
             pid directory = {state}
             ncalrpc dir = {state}/nc
             log file = {state}/log
             passdb backend = tdbsam
             map to guest = never
             server min protocol = SMB3
             server smb encrypt = required
             disable spoolss = yes
            [data]
             path = {_temp["smb"]}
             writable = yes
             valid users = root
            [readonly]
             path = {_temp["smb"]}
             writable = no
             valid users = root

            """);
        var start = new ProcessStartInfo("smbpasswd", ["-c", conf, "-s", "-a", "root"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using (Process set = Process.Start(start)!)
        {
            await set.StandardInput.WriteAsync($"{Password}\n{Password}\n");
            set.StandardInput.Close();
            await set.WaitForExitAsync();
            if (set.ExitCode != 0)
                throw new InvalidOperationException(await set.StandardError.ReadToEndAsync());
        }
        // In a process group of its own (its default), since at its end it ends its whole group; and it ends when its input does.
        return ProgramRun.Start("/usr/sbin/smbd", ["--foreground", "-s", conf], keepInput: true);
    }

    private async Task<ProgramRun> WebDavAsync(int port)
    {
        string hash = (await RunAsync("openssl", "passwd", "-apr1", "davword")).Trim();
        _temp.Write("htpasswd", $"dav:{hash}\n");
        Directory.CreateDirectory(_temp["davlock"]);
        const string modules = "/usr/lib/apache2/modules/mod_";
        string conf = _temp.Write("httpd.conf", $"""
            ServerRoot {_temp.Path}
            PidFile {_temp["apache.pid"]}
            Listen 127.0.0.1:{port}
            ServerName 127.0.0.1
            ErrorLog {_temp["apache.log"]}
            User www-data
            Group www-data
            LoadModule mpm_event_module {modules}mpm_event.so
            LoadModule authn_core_module {modules}authn_core.so
            LoadModule authn_file_module {modules}authn_file.so
            LoadModule authz_core_module {modules}authz_core.so
            LoadModule authz_user_module {modules}authz_user.so
            LoadModule auth_basic_module {modules}auth_basic.so
            LoadModule dav_module {modules}dav.so
            LoadModule dav_fs_module {modules}dav_fs.so
            DocumentRoot {_temp["webdav"]}
            DavLockDB {_temp["davlock"]}/db
            <Location />
             Dav On
             AuthType Basic
             AuthName dav
             AuthUserFile {_temp["htpasswd"]}
             Require valid-user
            </Location>

            """);
        // The server runs as www-data.
        await RunAsync("chown", "-R", "www-data", _temp["webdav"], _temp["davlock"]);
        await RunAsync("chmod", "755", _temp.Path);
        return ProgramRun.Start("/usr/sbin/apache2", ["-f", conf, "-DFOREGROUND"]);
    }

    private static async Task<string> ObscuredAsync(string password) => (await RunAsync("rclone", "obscure", password)).Trim();

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using ProgramRun run = await ProgramRun.CompleteAsync(program, arguments);
        return run.Process.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"{program} ended with {run.Process.ExitCode}: {run.Error}");
    }
}
