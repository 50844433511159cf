namespace Sluice.Storage.Labels;

/// <summary>
/// What a worker must have to reach a package, as Prefect's default labels of storage: the host whose disk it lies on, or a storage system as
/// <c>s3-flow-storage</c>. Deployments carry them, workers state theirs, and a run goes to a worker that has what its deployment needs.
/// </summary>
public static class StorageLabels
{
    /// <summary>The label of a deployment that names the host whose disk holds its package.</summary>
    public const string Host = "sluice.host";

    /// <summary>The label of a deployment that names its storage system.</summary>
    public const string System = "sluice.storage";

    /// <summary>The variable among a deployment's job variables by which a worker sees the host; labels cannot be changed on a Prefect server.</summary>
    public const string PackageHostVariable = "SLUICE_PACKAGE_HOST";

    /// <summary>A container image: for workers that start containers.</summary>
    public const string Docker = "docker-flow-storage";

    /// <summary>S3.</summary>
    public const string S3 = "s3-flow-storage";

    /// <summary>Google Cloud Storage.</summary>
    public const string Gcs = "gcs-flow-storage";

    /// <summary>Azure Blob storage.</summary>
    public const string Azure = "azure-flow-storage";

    /// <summary>A webhook.</summary>
    public const string Webhook = "webhook-flow-storage";

    /// <summary>What rclone reaches.</summary>
    public const string Rclone = "rclone-flow-storage";

    /// <summary>SMB shares, through rclone.</summary>
    public const string Smb = "smb-flow-storage";

    /// <summary>GitHub.</summary>
    public const string GitHub = "github-flow-storage";

    /// <summary>GitLab.</summary>
    public const string GitLab = "gitlab-flow-storage";

    /// <summary>Bitbucket.</summary>
    public const string Bitbucket = "bitbucket-flow-storage";

    /// <summary>CodeCommit.</summary>
    public const string CodeCommit = "codecommit-flow-storage";

    /// <summary>Any other git server.</summary>
    public const string Git = "git-flow-storage";

    /// <summary>The storage system's label; null for a folder, which needs a host if anything, and for what no label is known of.</summary>
    /// <param name="location">Where a package or source is.</param>
    public static string? Of(Uri location) => (location.Scheme == "block" ? OfBlock(location.Host) : location.Scheme) switch
    {
        "s3" => S3,
        "docker" => Docker,
        "gs" => Gcs,
        "az" => Azure,
        "rclone" => Rclone,
        "smb" => Smb,
        "github" => GitHub,
        "gitlab" => GitLab,
        "bitbucket" => Bitbucket,
        "codecommit" => CodeCommit,
        "git+https" or "git+http" or "git+ssh" => Git,
        "webhook+https" or "webhook+http" => Webhook,
        _ => null,
    };

    /// <summary>Where the package or source of a deployment is.</summary>
    /// <param name="package">The text of <c>SLUICE_PACKAGE</c>, as <c>URI#sha256=DIGEST</c> or <c>URI#commit=SHA</c>.</param>
    /// <returns>Null where the text names no place.</returns>
    public static Uri? PlaceOf(string package) =>
        package.LastIndexOf('#') is > 0 and var at && Uri.TryCreate(package[..at], UriKind.Absolute, out Uri? place) ? place : null;

    /// <summary>Whether it is a folder on a disk of this machine, which no other machine sees: no share, and no mount of a network file system.</summary>
    /// <param name="location">Where a package is.</param>
    public static bool IsOnThisDisk(Uri location)
    {
        if (!location.IsFile || location.Host.Length > 0)
            return false;
        // A plan asks before the folder is made.
        string? folder = location.LocalPath;
        while (folder is not null && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        try
        {
            return folder is null || new DriveInfo(folder).DriveType != DriveType.Network;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return true;
        }
    }

    private static string OfBlock(string type) => type switch
    {
        "gcs" => "gs",
        "azure" => "az",
        "gitlab-repository" => "gitlab",
        _ => type,
    };
}
