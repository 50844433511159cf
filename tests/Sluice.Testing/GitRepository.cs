namespace Sluice.Testing;

/// <summary>A git repository with a working tree, made with the real program and none of the user's configuration.</summary>
public sealed class GitRepository
{
    private static readonly Dictionary<string, string?> s_environment = new()
    {
        ["GIT_CONFIG_GLOBAL"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_AUTHOR_NAME"] = "Ada", ["GIT_AUTHOR_EMAIL"] = "ada@example.com", ["GIT_COMMITTER_NAME"] = "Ada", ["GIT_COMMITTER_EMAIL"] = "ada@example.com",
        ["GIT_AUTHOR_DATE"] = "2026-11-22T06:00:00Z", ["GIT_COMMITTER_DATE"] = "2026-11-22T06:00:00Z",
    };

    private GitRepository(string folder) => Folder = folder;

    /// <summary>The working tree.</summary>
    public string Folder { get; }

    /// <summary>Makes a repository without commits.</summary>
    /// <param name="folder">Its folder; created.</param>
    /// <param name="branch">The branch of its first commit.</param>
    /// <param name="format">The hash of its objects: <c>sha1</c> or <c>sha256</c>.</param>
    public static async Task<GitRepository> CreateAsync(string folder, string branch = "main", string format = "sha1")
    {
        var repository = new GitRepository(Directory.CreateDirectory(folder).FullName);
        await repository.GitAsync("init", "--quiet", "--template=", $"--object-format={format}", $"--initial-branch={branch}");
        return repository;
    }

    /// <summary>Clones an address or folder.</summary>
    public static async Task<GitRepository> CloneAsync(string address, string folder, params string[] options)
    {
        await RunAsync(Path.GetTempPath(), ["clone", "--quiet", "--template=", .. options, address, folder]);
        return new(folder);
    }

    /// <summary>Makes a bare repository of this one, as a server has it, and the remote <c>origin</c> of this one.</summary>
    /// <returns>Its folder.</returns>
    public async Task<string> PublishAsync(string folder)
    {
        await RunAsync(Path.GetTempPath(), ["clone", "--quiet", "--template=", "--bare", Folder, folder]);
        await RunAsync(folder, ["remote", "remove", "origin"]);
        await GitAsync("remote", "add", "origin", folder);
        await GitAsync("fetch", "--quiet", "origin");
        return folder;
    }

    /// <summary>Writes files and commits everything.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(string message, params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files)
        {
            string full = Path.Combine(Folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, text);
        }
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "--no-verify", "-m", message);
        return await GitAsync("rev-parse", "HEAD");
    }

    /// <summary>Runs git here.</summary>
    /// <returns>What it printed, without the line's end.</returns>
    public Task<string> GitAsync(params string[] arguments) => RunAsync(Folder, arguments);

    /// <summary>Runs git in a folder.</summary>
    public static async Task<string> RunAsync(string folder, string[] arguments)
    {
        // Submodules in tests are other folders, which git takes for remotes only when asked to.
        await using ProgramRun run = await ProgramRun.CompleteAsync("git", ["-c", "protocol.file.allow=always", .. arguments], s_environment, folder);
        return run.Process.ExitCode == 0 ? run.Output.TrimEnd('\n') : throw new InvalidOperationException($"git {string.Join(' ', arguments)} ended with {run.Process.ExitCode}: {run.Error}");
    }
}
