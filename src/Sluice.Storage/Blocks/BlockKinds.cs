using Sluice.Storage.Azure;
using Sluice.Storage.Gcs;
using Sluice.Storage.Git;
using Sluice.Storage.Options;
using Sluice.Storage.Rclone;
using Sluice.Storage.S3;

namespace Sluice.Storage.Blocks;

/// <summary>The kinds of blocks that Sluice understands, with Prefect's slugs and field names.</summary>
/// <remarks>Rule: the fields of Prefect 2.10's blocks (<c>prefect.filesystems</c>, prefect-gitlab), which newer Prefect servers keep as they were saved.</remarks>
public static class BlockKinds
{
    /// <summary>The kind of secrets.</summary>
    public const string Secret = "secret";

    private static readonly BlockField s_bucket = new("bucket_path", "Bucket and folder, as my-bucket/flows.") { IsRequired = true };

    private static readonly BlockField[] s_git =
    [
        new("reference", "Branch, tag or full commit that a publish must be at. Default: any pushed commit; without a working tree, the remote's default branch."),
        new("access_token", "Token that may read the repository.") { IsSecret = true },
        new("include_git_objects", "Whether the worker keeps the folder .git, for builds that read it. Default: false.") { Type = "boolean" },
    ];

    /// <summary>All kinds by slug.</summary>
    public static IReadOnlyList<BlockKind> All { get; } =
    [
        new("azure", "Azure", "A container of Azure Blob storage.", BlockUse.Packages,
            [new("bucket_path", "Container and folder, as my-container/flows.") { IsRequired = true }, .. AzureOptions.Known.Select(BlockField.Of)]) { Locate = (target, path) => InBucket(target, path, "az", AzureOptions.Known) },
        new("gcs", "GCS", "A bucket of Google Cloud Storage.", BlockUse.Packages,
            [s_bucket, .. GcsOptions.Known.Select(BlockField.Of)]) { Locate = (target, path) => InBucket(target, path, "gs", GcsOptions.Known) },
        new("github", "GitHub", "Source in a GitHub repository.", BlockUse.Source,
            [new("repository", "Its address, as https://github.com/owner/repository.") { IsRequired = true }, .. s_git]) { Locate = RepositoryBlocks.LocateGitHub },
        new("gitlab-repository", "GitLab Repository", "Source in a GitLab repository.", BlockUse.Source,
            [new("repository", "Its address, as https://gitlab.com/group/project.") { IsRequired = true }, .. s_git]) { Locate = RepositoryBlocks.LocateGitLab },
        new("local-file-system", "Local File System", "A folder of the machine that publishes and of the one that runs.", BlockUse.Packages,
            [new("basepath", "An absolute folder; ~ is the user's own.") { IsRequired = true }]) { Locate = FolderBlocks.LocateLocal },
        new("remote-file-system", "Remote File System", "Any storage by its URI.", BlockUse.Packages,
            [
                new("basepath", "As s3://my-bucket/flows, gs://…, az://…, smb://host/share/folder, sftp://host/folder, ftp://… or rclone://remote/folder.") { IsRequired = true },
                new("settings", "Options of the storage, by the names of its URI's options or of fsspec's (key, secret, token, username, password, …).") { Type = "object", IsSecret = true },
            ]) { Locate = FolderBlocks.LocateRemote },
        new("s3", "S3", "A bucket of S3, or of a server that speaks its API.", BlockUse.Packages,
            [s_bucket, .. S3Options.Known.Select(BlockField.Of)]) { Locate = (target, path) => InBucket(target, path, "s3", S3Options.Known) },
        new(Secret, "Secret", "A secret that ${NAME} finds: secret/my-token is ${MY_TOKEN}.", BlockUse.Secret,
            [new("value", "The secret.") { IsSecret = true, IsRequired = true }]),
        new("smb", "SMB", "A folder of an SMB share, through rclone.", BlockUse.Packages,
            [
                new("share_path", "Share and folder, as flows/prod.") { IsRequired = true },
                new("smb_host", "The server.") { IsRequired = true },
                .. RcloneOptions.KnownOfSmb.Select(option => BlockField.Of(option) with { Type = option.Name == "smb_port" ? "integer" : "string" }),
            ]) { Locate = FolderBlocks.LocateSmb },
    ];

    /// <summary>A kind by its slug; null where Sluice knows none.</summary>
    public static BlockKind? Find(string slug) => All.FirstOrDefault(kind => kind.Slug == slug);

    /// <summary>A block with a bucket or container.</summary>
    private static void InBucket(BlockTarget target, string? path, string scheme, IReadOnlyList<StoreOption> options)
    {
        string bucket = target.Need("bucket_path");
        target.Place(scheme, bucket.StartsWith(scheme + "://", StringComparison.Ordinal) ? bucket[(scheme.Length + 3)..] : bucket, path);
        target.Options(options);
    }
}
