using Sluice.Storage.Options;

namespace Sluice.Storage.Rclone;

/// <summary>What <c>rclone://</c> and <c>smb://</c> URIs can say, and the remote that follows from it.</summary>
/// <param name="Root">The remote and the folder in it, as rclone writes them: <c>remote:folder</c>.</param>
/// <param name="Environment">What rclone needs to know, as its own variables.</param>
internal sealed record RcloneOptions(string Root, IReadOnlyDictionary<string, string> Environment)
{
    // A remote that options make has this name whatever the URI calls it: shells drop variables with a hyphen or a dot in their names.
    private const string Made = "SLUICEREMOTE";

    /// <summary>The options of <c>rclone://</c> by name.</summary>
    public static readonly IReadOnlyList<StoreOption> KnownOfRclone =
    [
        new("config", "rclone's configuration file. Default: RCLONE_CONFIG, else rclone's own."),
        new("type", "Makes the remote of the options below, in place of a configuration: rclone's name of the system, as sftp, ftp or webdav."),
        new("host", "The server, with type."),
        new("port", "Its port, with type. Default: the system's."),
        new("url", "Its address, with type=webdav."),
        new("vendor", "Whose server it is, with type=webdav."),
        new("user", "User, with type. Default: the user who runs it."),
        new("pass", "Password, with type.", IsSecret: true),
        new("key_file", "Private key, with type=sftp: a file where this runs."),
    ];

    /// <summary>The options of <c>smb://</c> by name.</summary>
    public static readonly IReadOnlyList<StoreOption> KnownOfSmb =
    [
        new("smb_username", "User. Default: the user who runs it."),
        new("smb_password", "Password.", IsSecret: true),
        new("smb_port", "Port. Default: 445."),
        new("smb_domain", "Domain. Default: WORKGROUP."),
    ];

    /// <summary>Reads the options.</summary>
    public static async Task<RcloneOptions> ResolveAsync(Uri location, StoreOptions options, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        string path = Uri.UnescapeDataString(location.AbsolutePath).Trim('/');
        if (location.Scheme == "rclone")
        {
            if (await options.GetAsync("config", cancellationToken).ConfigureAwait(false) is { } config)
                environment["RCLONE_CONFIG"] = config;
            await MakeRemoteAsync(location, options, environment, cancellationToken).ConfigureAwait(false);
            // Two slashes after the remote make a rooted folder: rclone://remote//srv/flows.
            return new($"{(options.Has("type") ? Made : location.Host)}:{(location.AbsolutePath.StartsWith("//", StringComparison.Ordinal) ? "/" : "")}{path}", environment);
        }
        environment["RCLONE_CONFIG_SLUICESMB_TYPE"] = "smb";
        environment["RCLONE_CONFIG_SLUICESMB_HOST"] = location.Host;
        foreach ((string option, string variable) in new[] { ("smb_username", "USER"), ("smb_port", "PORT"), ("smb_domain", "DOMAIN") })
            if (await options.GetAsync(option, cancellationToken).ConfigureAwait(false) is { } value)
                environment["RCLONE_CONFIG_SLUICESMB_" + variable] = value;
        if (await options.GetAsync("smb_password", cancellationToken).ConfigureAwait(false) is { } password)
            environment["RCLONE_CONFIG_SLUICESMB_PASS"] = await RcloneDaemon.ObscureAsync(password, cancellationToken).ConfigureAwait(false);
        return new($"SLUICESMB:{path}", environment);
    }

    /// <summary>Describes the remote by rclone's variables, as an administrator may in place of a configuration file.</summary>
    private static async Task MakeRemoteAsync(Uri location, StoreOptions options, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        foreach (StoreOption option in KnownOfRclone.Where(option => option.Name != "config"))
        {
            if (await options.GetAsync(option.Name, cancellationToken).ConfigureAwait(false) is not { } value)
                continue;
            if (!options.Has("type"))
                throw new StorageException(StorageErrorKind.Invalid, $"The option {option.Name} of the storage {StoreOptions.Shown(location)} describes a new remote, which needs type=… as well; a remote of rclone's configuration has its options there.");
            environment[$"RCLONE_CONFIG_{Made}_{option.Name.ToUpperInvariant()}"] =
                option.Name == "pass" ? await RcloneDaemon.ObscureAsync(value, cancellationToken).ConfigureAwait(false) : value;
        }
        // Without this rclone asks the server for a shell, which one that serves files alone refuses at length.
        if (options.Text("type") == "sftp")
            environment[$"RCLONE_CONFIG_{Made}_SHELL_TYPE"] = "none";
    }
}
