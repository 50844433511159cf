using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git.Systems;

/// <summary><c>codecommit://region/repository?path=…</c>: AWS CodeCommit, signed with AWS credentials.</summary>
internal sealed class CodeCommitSystem : GitSystem
{
    private const string Form = "codecommit://region/repository, as codecommit://eu-west-1/flows";

    public override IReadOnlyList<StoreOption> Known { get; } =
    [
        .. Common,
        new("profile", "Profile of the AWS configuration files. Default: AWS_PROFILE, else default."),
        new("aws_access_key_id", "Access key. Default: the AWS credential chain (environment, profile, container, instance).", IsSecret: true),
        new("aws_secret_access_key", "Secret of the access key.", IsSecret: true),
        new("aws_session_token", "Session token of temporary credentials.", IsSecret: true),
        new("host", "Host of the service, as of a private endpoint. Default: git-codecommit.REGION.amazonaws.com."),
    ];

    public override void Check(Uri location, StoreOptions options)
    {
        CheckAuthority(location, Form);
        if (Segments(location).Length != 2)
            throw Malformed(location, Form);
        if (options.Has("aws_access_key_id") != options.Has("aws_secret_access_key") || (options.Has("aws_session_token") && !options.Has("aws_access_key_id")))
            throw Invalid($"The options aws_access_key_id and aws_secret_access_key of the storage {StoreOptions.Shown(location)} belong together: give both, or neither for the AWS credential chain.");
    }

    public override async ValueTask<GitRemote> ConnectAsync(Uri location, StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        string region = Segments(location)[0], name = Segments(location)[1];
        string own = $"git-codecommit.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}";
        string at = Base(await options.GetAsync("host", cancellationToken).ConfigureAwait(false), own, location);
        string repository = $"v1/repos/{Uri.EscapeDataString(name)}";
        var url = new Uri($"{at}/{repository}");
        AWSCredentials? credentials = await CredentialsAsync(location, options, cancellationToken).ConfigureAwait(false);
        return new(StoreOptions.Shown(location), url.AbsoluteUri, repository, "AWS credentials that allow codecommit:GitPull", async _ =>
        {
            if (credentials is null)
                return null;
            ImmutableCredentials key = await credentials.GetCredentialsAsync().ConfigureAwait(false);
            (string user, string password) = CodeCommitSignature.SignIn(key.AccessKey, key.SecretKey, key.Token, region, url, time.GetUtcNow());
            // The signature is for this repository alone.
            GitSignIn signIn = GitSignIn.Basic(user, password, url.AbsoluteUri);
            return signIn with { Secrets = [.. signIn.Secrets, key.SecretKey, key.Token ?? ""] };
        });
    }

    private static async Task<AWSCredentials?> CredentialsAsync(Uri location, StoreOptions options, CancellationToken cancellationToken)
    {
        string? key = await options.GetAsync("aws_access_key_id", cancellationToken).ConfigureAwait(false);
        string? secret = await options.GetAsync("aws_secret_access_key", cancellationToken).ConfigureAwait(false);
        string? token = await options.GetAsync("aws_session_token", cancellationToken).ConfigureAwait(false);
        if (key is not null && secret is not null)
            return token is null ? new BasicAWSCredentials(key, secret) : new SessionAWSCredentials(key, secret, token);
        try
        {
            if (await options.GetAsync("profile", cancellationToken).ConfigureAwait(false) is not { } profile)
                return await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(null, cancellationToken).ConfigureAwait(false);
            return new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out AWSCredentials found)
                ? found
                : throw new StorageException(StorageErrorKind.Invalid, $"The AWS configuration files have no profile '{profile}', which the storage {StoreOptions.Shown(location)} names. Add it, or correct profile=….");
        }
        catch (AmazonClientException e)
        {
            throw new StorageException(StorageErrorKind.Forbidden,
                $"Cannot sign in at {StoreOptions.Shown(location)}: no AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or give aws_access_key_id=${{NAME}} in the URI.", e);
        }
    }
}
