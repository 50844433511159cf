using System.Globalization;

namespace Sluice.Testing.Containers;

/// <summary>A container engine of a test's own: Podman with its storage in a temporary folder. It has no daemon; a process for each call.</summary>
public sealed class Podman : IAsyncDisposable
{
    public const string Missing = "podman, runc or slirp4netns is not installed, or this is not root; .ci/run installs them.";

    private readonly TempFolder _temp = new();

    /// <param name="registry">A registry without TLS that images are pulled from.</param>
    public Podman(ContainerRegistry registry)
    {
        // runc with limits of its own and without systemd: what runs inside of a container, too.
        _temp.Write("containers.conf", """
            [containers]
            default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
            netns = "host"
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            """);
        _temp.Write("storage.conf", $"""
            [storage]
            driver = "vfs"
            graphroot = "{_temp["storage"]}"
            runroot = "{_temp["run"]}"
            """);
        _temp.Write("registries.conf", $"""
            unqualified-search-registries = []
            [[registry]]
            location = "{registry.Host}"
            insecure = true
            """);
        Environment = new Dictionary<string, string?>
        {
            ["CONTAINERS_CONF"] = _temp["containers.conf"],
            ["CONTAINERS_STORAGE_CONF"] = _temp["storage.conf"],
            ["CONTAINERS_REGISTRIES_CONF"] = _temp["registries.conf"],
            ["REGISTRY_AUTH_FILE"] = Path.Combine(registry.DockerConfig, "config.json"),
        };
    }

    public static bool IsInstalled { get; } = System.Environment.IsPrivilegedProcess && File.Exists("/usr/bin/podman") && File.Exists("/usr/sbin/runc");

    /// <summary>What makes every <c>podman</c> of a child process this one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>Runs podman; the answer is its exit code and all it printed.</summary>
    public async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        await using ProgramRun run = await ProgramRun.CompleteAsync("podman", arguments, Environment);
        return (run.Process.ExitCode, run.Output + run.Error);
    }

    public async ValueTask DisposeAsync()
    {
        // Images are unmounted before their files are deleted.
        (int exit, string output) = await RunAsync("rm", "--all", "--force", "--time", "0");
        if (exit != 0)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"podman rm ended with {exit}: {output}"));
        _temp.Dispose();
    }
}
