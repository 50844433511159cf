using System.Globalization;
using Sluice.Storage.Azure;
using Sluice.Storage.Gcs;
using Sluice.Storage.Options;
using Sluice.Storage.Rclone;
using Sluice.Storage.S3;

namespace Sluice.Storage.Blocks;

/// <summary>Blocks that name a folder: on this machine, on a share, or by a URI with settings as fsspec has them.</summary>
internal static class FolderBlocks
{
    private const string Settings = "settings";

    /// <summary>By a URI's scheme as fsspec writes it: ours, its options, and what fsspec calls them where the names differ.</summary>
    private static readonly Dictionary<string, (string Scheme, IReadOnlyList<StoreOption> Options, (string Theirs, string Ours)[] Names)> s_remotes = new(StringComparer.Ordinal)
    {
        ["s3"] = ("s3", S3Options.Known, [("key", "aws_access_key_id"), ("secret", "aws_secret_access_key"), ("token", "aws_session_token"), ("client_kwargs.endpoint_url", "endpoint_url"), ("client_kwargs.region_name", "region")]),
        ["s3a"] = ("s3", S3Options.Known, []),
        ["gs"] = ("gs", GcsOptions.Known, [("token", "service_account_info")]),
        ["gcs"] = ("gs", GcsOptions.Known, [("token", "service_account_info")]),
        ["az"] = ("az", AzureOptions.Known, s_azure),
        ["abfs"] = ("az", AzureOptions.Known, s_azure),
        ["adl"] = ("az", AzureOptions.Known, s_azure),
        ["smb"] = ("smb", RcloneOptions.KnownOfSmb, [("username", "smb_username"), ("password", "smb_password"), ("port", "smb_port")]),
        ["sftp"] = ("rclone", RcloneOptions.KnownOfRclone, s_rclone),
        ["ssh"] = ("rclone", RcloneOptions.KnownOfRclone, s_rclone),
        ["ftp"] = ("rclone", RcloneOptions.KnownOfRclone, s_rclone),
        ["rclone"] = ("rclone", RcloneOptions.KnownOfRclone, s_rclone),
    };

    private static (string, string)[] s_rclone => [("username", "user"), ("password", "pass"), ("key_filename", "key_file")];

    private static (string, string)[] s_azure =>
        [.. new[] { "connection_string", "account_name", "account_key", "sas_token", "tenant_id", "client_id", "client_secret" }.Select(name => (name, "azure_storage_" + name))];

    public static void LocateLocal(BlockTarget target, string? path)
    {
        string folder = target.Need("basepath");
        if (folder == "~" || folder.StartsWith("~/", StringComparison.Ordinal))
            folder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + folder[1..];
        if (!Path.IsPathFullyQualified(folder))
            throw target.Wrong($"has the basepath '{folder}', which is not absolute: publisher and worker run in different folders");
        target.Place(StoreUri.OfFolder(path is null ? folder : Path.Combine(folder, Checked(target, path))));
    }

    public static void LocateSmb(BlockTarget target, string? path)
    {
        target.Place("smb", $"{target.Need("smb_host").Trim('/')}/{Escaped(target.Need("share_path"))}", path);
        target.Options(RcloneOptions.KnownOfSmb);
    }

    public static void LocateRemote(BlockTarget target, string? path)
    {
        string text = target.Need("basepath");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? base_) || !text.Contains("://", StringComparison.Ordinal))
            throw target.Wrong($"has the basepath '{text}', which is no URI: write it as s3://my-bucket/flows");
        if (base_.Scheme == Uri.UriSchemeFile)
            throw target.Wrong("has a basepath of the scheme file: use a local-file-system block");
        if (!s_remotes.TryGetValue(base_.Scheme, out var remote))
            throw target.Wrong($"has a basepath of the scheme {base_.Scheme}, and Sluice knows {string.Join(", ", s_remotes.Keys)}: reach anything else through rclone, as rclone://remote/folder");
        if (base_.UserInfo.Contains(':', StringComparison.Ordinal))
            throw target.Wrong("has a password in its basepath: move it to settings");
        string authority = base_.Authority;
        // Azure's data lake writes container@account.
        if (remote.Scheme == "az" && base_.UserInfo.Length > 0)
        {
            target.Option(remote.Options.Single(option => option.Name == "azure_storage_account_name"), base_.Host.Split('.')[0]);
            authority = base_.UserInfo;
        }
        string root = base_.AbsolutePath;
        if (base_.Scheme is "sftp" or "ssh" or "ftp")
        {
            // fsspec's paths are the server's own; rclone's begin where the user does, unless two slashes say otherwise.
            (authority, root) = ("remote", "/" + root);
            foreach ((string option, string value) in new[] { ("type", base_.Scheme == "ftp" ? "ftp" : "sftp"), ("host", base_.Host), ("port", base_.IsDefaultPort ? "" : base_.Port.ToString(CultureInfo.InvariantCulture)), ("user", base_.UserInfo) })
                target.Option(remote.Options.Single(known => known.Name == option), value.Length > 0 ? value : null);
        }
        target.Place(remote.Scheme, authority + root, path);
        foreach (StoreOption option in remote.Options)
        {
            string? theirs = remote.Names.Where(names => names.Ours == option.Name).Select(names => Setting(target, names.Theirs)).FirstOrDefault(value => value is not null);
            target.Option(option, Setting(target, option.Name) ?? theirs);
        }
    }

    private static string? Setting(BlockTarget target, string name) => target.Text(Settings, name);

    private static string Escaped(string path) => string.Join('/', path.Replace('\\', '/').Trim('/').Split('/').Select(Uri.EscapeDataString));

    private static string Checked(BlockTarget target, string path) =>
        StoreKey.Refuse(path) is { } reason ? throw target.Wrong($"cannot be used with the path '{path}': {reason}") : path;
}
