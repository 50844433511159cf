using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Sluice.Storage.Options;

namespace Sluice.Storage.S3;

/// <summary>What an <c>s3://</c> URI can say, and the client and upload settings that follow from it.</summary>
internal sealed class S3Options
{
    /// <summary>The options by name.</summary>
    public static readonly IReadOnlyList<StoreOption> Known =
    [
        new("region", "AWS region. Default: AWS_REGION, the profile's, else us-east-1."),
        new("endpoint_url", "Address of an S3-compatible server. Default: AWS_ENDPOINT_URL_S3, else AWS itself."),
        new("profile", "Profile of the AWS configuration files. Default: AWS_PROFILE, else default."),
        new("aws_access_key_id", "Access key. Default: the AWS credential chain (environment, profile, container, instance).", IsSecret: true),
        new("aws_secret_access_key", "Secret of the access key.", IsSecret: true),
        new("aws_session_token", "Session token of temporary credentials.", IsSecret: true),
        new("addressing_style", "Bucket in the path or the host name. Default: path with endpoint_url, else virtual.", Values: ["path", "virtual"]),
        new("checksums", "Whether checksums go with every request. Default: when_required with endpoint_url, since not every server knows them, else when_supported.", Values: ["when_required", "when_supported"]),
        new("server_side_encryption", "Encryption of new objects. Default: the bucket's.", Values: ["AES256", "aws:kms", "aws:kms:dsse"]),
        new("sse_kms_key_id", "KMS key, with server_side_encryption=aws:kms."),
        new("storage_class", "Storage class of new objects, as STANDARD_IA. Default: the bucket's."),
        new("acl", "Canned ACL of new objects, as bucket-owner-full-control. Default: none is sent."),
    ];

    private const string EndpointVariable = "AWS_ENDPOINT_URL_S3";

    private S3Options(IAmazonS3 client) => Client = client;

    /// <summary>A client for the store's bucket.</summary>
    public IAmazonS3 Client { get; }

    /// <summary>Whether the SDK sends checksums. Without, the signature of each body is what finds damage on its way: the SDK's other check, an MD5 in managed code that it compares
    /// with the ETag, takes longer than all other work of an upload.</summary>
    public bool Checksums { get; private init; }

    public ServerSideEncryptionMethod? Encryption { get; private init; }

    public string? EncryptionKey { get; private init; }

    public S3StorageClass? StorageClass { get; private init; }

    public S3CannedACL? Acl { get; private init; }

    /// <summary>Makes the client. Credentials are found when it first asks.</summary>
    public static async Task<S3Options> ResolveAsync(StoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        // The variable's server is no more AWS than the option's, so that both are asked in the same way.
        string? given = await options.GetAsync("endpoint_url", cancellationToken).ConfigureAwait(false);
        string? endpoint = given ?? (Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 } variable ? variable : null);
        string? profile = await options.GetAsync("profile", cancellationToken).ConfigureAwait(false);
        bool pathStyle = (await options.GetAsync("addressing_style", cancellationToken).ConfigureAwait(false) ?? (endpoint is null ? "virtual" : "path")) == "path";
        bool checksums = (await options.GetAsync("checksums", cancellationToken).ConfigureAwait(false) ?? (endpoint is null ? "when_supported" : "when_required")) == "when_supported";
        var config = new AmazonS3Config
        {
            ForcePathStyle = pathStyle,
            RequestChecksumCalculation = checksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = checksums ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 5,
            // What takes too long is what does not move (StallHandler).
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            HttpClientFactory = new S3Connections(time),
        };
        if (profile is not null)
            config.Profile = new Profile(profile);
        RegionEndpoint region = await options.GetAsync("region", cancellationToken).ConfigureAwait(false) is { } named ? RegionEndpoint.GetBySystemName(named) : RegionOf(profile);
        if (endpoint is not null)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
                throw new StorageException(StorageErrorKind.Invalid, $"{(given is null ? EndpointVariable : "The option endpoint_url")} is '{endpoint}': write it as https://host:port.");
            config.ServiceURL = address.AbsoluteUri;
            config.AuthenticationRegion = region.SystemName;
        }
        else
        {
            config.RegionEndpoint = region;
        }
        return new((await CredentialsAsync(options, cancellationToken).ConfigureAwait(false) ?? CredentialsOf(profile)) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config))
        {
            Checksums = checksums,
            Encryption = await options.GetAsync("server_side_encryption", cancellationToken).ConfigureAwait(false) is { } encryption ? ServerSideEncryptionMethod.FindValue(encryption) : null,
            EncryptionKey = await options.GetAsync("sse_kms_key_id", cancellationToken).ConfigureAwait(false),
            StorageClass = await options.GetAsync("storage_class", cancellationToken).ConfigureAwait(false) is { } storageClass ? S3StorageClass.FindValue(storageClass) : null,
            Acl = await options.GetAsync("acl", cancellationToken).ConfigureAwait(false) is { } acl ? S3CannedACL.FindValue(acl) : null,
        };
    }

    // What the client would find for its requests, presigned URLs would not be signed with. A profile that is not there is told of by the first request.
    private static AWSCredentials? CredentialsOf(string? profile) =>
        profile is not null && new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out AWSCredentials found) ? found : null;

    // The SDK's own search knows the profile of AWS_PROFILE only.
    private static RegionEndpoint RegionOf(string? profile) =>
        (profile is null || Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } ? FallbackRegionFactory.GetRegionEndpoint(false)
            : new CredentialProfileStoreChain().TryGetProfile(profile, out CredentialProfile found) ? found.Region : null) ?? RegionEndpoint.USEast1;

    private static async Task<AWSCredentials?> CredentialsAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        string? key = await options.GetAsync("aws_access_key_id", cancellationToken).ConfigureAwait(false);
        string? secret = await options.GetAsync("aws_secret_access_key", cancellationToken).ConfigureAwait(false);
        string? token = await options.GetAsync("aws_session_token", cancellationToken).ConfigureAwait(false);
        if (key is null && secret is null && token is null)
            return null;
        if (key is null || secret is null)
            throw new StorageException(StorageErrorKind.Invalid, "The options aws_access_key_id and aws_secret_access_key belong together: give both, or neither for the AWS credential chain.");
        return token is null ? new BasicAWSCredentials(key, secret) : new SessionAWSCredentials(key, secret, token);
    }
}
