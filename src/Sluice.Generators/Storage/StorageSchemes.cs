namespace Sluice.Generators.Storage;

/// <summary>
/// What a storage text may say: the schemes with their options, and the types of named blocks. The stores themselves cannot be compiled into an analyzer; a test of
/// theirs holds this table equal to what they take.
/// </summary>
internal static class StorageSchemes
{
    private static readonly string[] _flag = ["true", "false"];
    private static readonly string[] _methods = ["GET", "PATCH", "POST", "PUT"];
    private static readonly SchemeOption[] _aws = [Secret("aws_access_key_id"), Secret("aws_secret_access_key"), Secret("aws_session_token")];
    private static readonly SchemeOption[] _git = [new("path"), new("ref"), new("include_git_objects", Values: _flag), new("float", Values: _flag)];

    private static readonly SchemeOption[] _webhook =
    [
        new("build_method", Values: _methods), new("build_url"), new("build_header_NAME"), new("build_body"), new("id_pointer"),
        new("get_method", Values: _methods), new("get_url"), new("get_header_NAME"), new("get_body"), new("get_pointer"), new("config"),
        new("name"), new("key"), new("id"),
    ];

    /// <summary>The options of each scheme, in the order of the docs.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<SchemeOption>> All { get; } = new Dictionary<string, IReadOnlyList<SchemeOption>>(StringComparer.Ordinal)
    {
        ["file"] = [],
        ["s3"] =
        [
            new("region"), new("endpoint_url"), new("profile"), .. _aws, new("addressing_style", Values: ["path", "virtual"]),
            new("checksums", Values: ["when_required", "when_supported"]), new("server_side_encryption", Values: ["AES256", "aws:kms", "aws:kms:dsse"]),
            new("sse_kms_key_id"), new("storage_class"), new("acl"),
        ],
        ["gs"] = [Secret("service_account_info"), new("project"), new("endpoint_url")],
        ["az"] =
        [
            Secret("azure_storage_connection_string"), new("azure_storage_account_name"), Secret("azure_storage_account_key"), Secret("azure_storage_sas_token"),
            new("azure_storage_tenant_id"), new("azure_storage_client_id"), Secret("azure_storage_client_secret"), new("endpoint_url"), new("overwrite", Values: _flag),
        ],
        ["rclone"] = [new("config"), new("type"), new("host"), new("port"), new("url"), new("vendor"), new("user"), Secret("pass"), new("key_file")],
        ["smb"] = [new("smb_username"), Secret("smb_password"), new("smb_port"), new("smb_domain")],
        ["webhook+https"] = _webhook,
        ["webhook+http"] = _webhook,
        ["docker"] =
        [
            new("base_image"), new("image_name"), new("image_tag"), new("env_vars"), new("username"), Secret("password"), new("engine", Values: ["docker", "podman"]),
        ],
        ["github"] = [.. _git, new("host"), Secret("access_token")],
        ["gitlab"] = [.. _git, new("host"), Secret("access_token")],
        ["bitbucket"] = [.. _git, new("cloud_username"), Secret("cloud_app_password"), new("host"), new("project"), Secret("access_token")],
        ["codecommit"] = [.. _git, new("profile"), .. _aws, new("host")],
        ["git+https"] = [.. _git, new("username"), Secret("access_token")],
        ["git+http"] = [.. _git, new("username"), Secret("access_token")],
        ["git+ssh"] = _git,
    };

    /// <summary>The types of named blocks that hold packages or source.</summary>
    public static IReadOnlyList<string> Blocks { get; } = ["azure", "gcs", "github", "gitlab-repository", "local-file-system", "remote-file-system", "s3", "smb"];

    private static SchemeOption Secret(string name) => new(name, IsSecret: true);
}

/// <summary>An option of a storage's URI.</summary>
/// <param name="Name">The key in the query; one that ends with <c>_NAME</c> stands for many.</param>
/// <param name="IsSecret">Whether a URI may only refer to it, as <c>${NAME}</c>.</param>
/// <param name="Values">The values it may have; null for any.</param>
internal sealed record SchemeOption(string Name, bool IsSecret = false, string[]? Values = null)
{
    private const string AnyName = "NAME";

    /// <summary>Whether it stands for many keys.</summary>
    public bool IsOpen => Name.EndsWith("_" + AnyName, StringComparison.Ordinal);

    /// <summary>Whether a key of a query is this option.</summary>
    public bool Covers(string key) => IsOpen
        ? key.Length > Name.Length - AnyName.Length && key.StartsWith(Name.Substring(0, Name.Length - AnyName.Length), StringComparison.Ordinal)
        : key == Name;
}
