using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Servers;

/// <summary>A real S3 server: Ceph's RADOS Gateway over one monitor and one store in memory, all on 127.0.0.1, started once for the tests that need it.</summary>
public sealed partial class RadosGateway : IAsyncLifetime
{
    /// <summary>Why tests are skipped without it.</summary>
    public const string Missing = "Ceph's radosgw, ceph-mon, ceph-osd and ceph-common are not installed; .ci/run installs them.";

    private readonly TempFolder _temp = new();
    private readonly List<Process> _daemons = [];

    public static bool IsInstalled { get; } = Commands().All(command => File.Exists("/usr/bin/" + command));

    /// <summary>The access key of a user who may create buckets.</summary>
    public string Key => "AKIATESTOWNER000001";

    /// <summary>Its secret, with the characters that URLs and signatures like to stumble over.</summary>
    public string Secret => "owner/secret+with/slashes0000000000001";

    /// <summary>The access key of a user who may do nothing with others' buckets.</summary>
    public string StrangerKey => "AKIATESTSTRANGER001";

    public string StrangerSecret => "stranger/secret00000000000000000000001";

    public int Port { get; private set; }

    public string Endpoint => $"http://127.0.0.1:{Port}";

    /// <summary>A client of the owner, to look at what the store did.</summary>
    public AmazonS3Client Client() => new(new BasicAWSCredentials(Key, Secret), new AmazonS3Config
    {
        ServiceURL = Endpoint,
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
            return;
        int[] ports = FreePort.Take(2);
        Port = ports[1];
        string monitor = $"v2:127.0.0.1:{ports[0]}";
        string folder = _temp.Path;
        foreach (string name in (string[])["mon", "osd", "run"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        string conf = Path.Combine(folder, "ceph.conf");
        await File.WriteAllTextAsync(conf, $"""
            [global]
            fsid={Guid.NewGuid()}
            mon_host={monitor}
            mon_initial_members=a
            public_addr=127.0.0.1
            cluster_addr=127.0.0.1
            keyring={folder}/keyring
            osd_pool_default_size=1
            osd_pool_default_min_size=1
            osd_pool_default_pg_num=1
            osd_pool_default_pg_autoscale_mode=off
            osd_crush_chooseleaf_type=0
            mon_allow_pool_size_one=true
            mon_max_pg_per_osd=2000
            auth_allow_insecure_global_id_reclaim=false
            osd_objectstore=memstore
            memstore_device_bytes=8589934592
            run_dir={folder}/run
            admin_socket={folder}/run/$name.asok
            pid_file={folder}/run/$name.pid
            log_file={folder}/run/$name.log
            mon_data={folder}/mon
            osd_data={folder}/osd
            crash_dir={folder}/run
            rgw_frontends=beast endpoint=127.0.0.1:{Port} tcp_nodelay=1
            rgw_thread_pool_size=32
            rgw_run_sync_thread=false

            """);
        string keyring = Path.Combine(folder, "keyring");
        await RunAsync("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        foreach ((string name, string[] caps) in new (string, string[])[]
        {
            ("client.admin", ["mon", "allow *", "osd", "allow *", "mgr", "allow *"]),
            ("client.rgw", ["mon", "allow rw", "osd", "allow rwx"]),
            ("osd.0", ["mon", "allow profile osd", "osd", "allow *", "mgr", "allow profile osd"]),
        })
            await RunAsync("ceph-authtool", [keyring, "--gen-key", "-n", name, .. caps.Chunk(2).SelectMany(cap => (string[])["--cap", cap[0], cap[1]])]);
        string fsid = FsidLine().Match(await File.ReadAllTextAsync(conf)).Groups[1].Value;
        string map = Path.Combine(folder, "monmap");
        await RunAsync("monmaptool", "--create", "--fsid", fsid, "--addv", "a", $"[{monitor}]", map);
        await RunAsync("ceph-mon", "-c", conf, "-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring);
        Start("ceph-mon", "-c", conf, "-i", "a", "-f");
        string osd = Guid.NewGuid().ToString();
        string osdKey = (await RunAsync("ceph-authtool", "-p", "-n", "osd.0", keyring)).Trim();
        string secret = Path.Combine(folder, "osd.json");
        await File.WriteAllTextAsync(secret, $$"""{"cephx_secret":"{{osdKey}}"}""");
        await RunAsync("ceph", "-c", conf, "osd", "new", osd, "-i", secret);
        await RunAsync("ceph-osd", "-c", conf, "-i", "0", "--mkfs", "--osd-uuid", osd);
        Start("ceph-osd", "-c", conf, "-i", "0", "-f");
        await UntilAsync(async () => (await RunAsync("ceph", "-c", conf, "osd", "stat")).Contains("1 up", StringComparison.Ordinal), "the store in memory is not up");
        Start("radosgw", "-c", conf, "-n", "client.rgw", "-f");
        foreach ((string user, string key, string word) in new[] { ("owner", Key, Secret), ("stranger", StrangerKey, StrangerSecret) })
            await RunAsync("radosgw-admin", "-c", conf, "user", "create", "--uid=" + user, "--display-name=" + user, "--access-key=" + key, "--secret-key=" + word);
        using var http = new HttpClient();
        await UntilAsync(
            async () =>
            {
                try
                {
                    return (await http.GetAsync(Endpoint)).StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "radosgw does not answer");
    }

    /// <summary>Sets the owner's quota and turns it on.</summary>
    public async Task LimitBucketsOfOwnerAsync(long bytes)
    {
        string conf = Path.Combine(_temp.Path, "ceph.conf");
        await RunAsync("radosgw-admin", "-c", conf, "quota", "set", "--quota-scope=bucket", "--uid=owner", $"--max-size={bytes}");
        await RunAsync("radosgw-admin", "-c", conf, "quota", "enable", "--quota-scope=bucket", "--uid=owner");
    }

    /// <summary>Turns the owner's quota off again.</summary>
    public Task UnlimitBucketsOfOwnerAsync() => RunAsync("radosgw-admin", "-c", Path.Combine(_temp.Path, "ceph.conf"), "quota", "disable", "--quota-scope=bucket", "--uid=owner");

    public async ValueTask DisposeAsync()
    {
        // The gateway first; the store in memory listens to KILL only.
        foreach (Process daemon in _daemons.AsEnumerable().Reverse())
        {
            if (!daemon.HasExited)
                daemon.Kill();
            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }
        _temp.Dispose();
    }

    private static string[] Commands() => ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];

    private void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var daemon = Process.Start(start)!;
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        _daemons.Add(daemon);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using ProgramRun run = ProgramRun.Start(program, arguments);
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await run.Process.WaitForExitAsync(bound.Token);
        return run.Process.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.Process.ExitCode}: {run.Error}");
    }

    private static async Task UntilAsync(Func<Task<bool>> check, string otherwise)
    {
        for (var clock = Stopwatch.StartNew(); !await check();)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException($"After two minutes {otherwise}.");
            await Task.Delay(100);
        }
    }

    [GeneratedRegex("fsid=(.*)")]
    private static partial Regex FsidLine();
}
