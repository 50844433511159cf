namespace Sluice.Orchestration;

/// <summary>The folder that holds everything of Sluice on this machine: <c>SLUICE_HOME</c>, by default <c>~/.sluice</c>.</summary>
/// <param name="Root">Its absolute path. It need not exist.</param>
public sealed record SluiceHome(string Root)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "SLUICE_HOME";

    /// <summary>The folder that the environment names.</summary>
    public static SluiceHome FromEnvironment()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        return new(string.IsNullOrWhiteSpace(named)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".sluice")
            : Path.GetFullPath(named));
    }

    /// <summary>The embedded API's database.</summary>
    public string Database => Path.Combine(Root, "sluice.db");

    /// <summary>The default package store.</summary>
    public string Storage => Path.Combine(Root, "storage");

    /// <summary>What can be made again: pulled packages and the like.</summary>
    public string Cache => Path.Combine(Root, "cache");

    /// <summary>The key that the embedded API encrypts blocks with.</summary>
    public string EncryptionKey => Path.Combine(Root, "encryption.key");

    /// <summary>Settings that <c>sluice config set</c> writes.</summary>
    public string Config => Path.Combine(Root, "config.json");

    /// <summary>Where a running server says where it listens.</summary>
    public string ServerRecord => Path.Combine(Root, "server.json");

    /// <summary>The file that every writer touches, so that other processes wake without polling the database.</summary>
    public string Bell => Path.Combine(Root, "bell");
}
