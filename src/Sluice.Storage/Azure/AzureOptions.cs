using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Sluice.Storage.Options;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Azure;

/// <summary>What an <c>az://</c> URI can say, and the account and pipeline that follow from it.</summary>
internal sealed class AzureOptions
{
    /// <summary>The options by name.</summary>
    public static readonly IReadOnlyList<StoreOption> Known =
    [
        new("azure_storage_connection_string", "Connection string. Default: AZURE_STORAGE_CONNECTION_STRING (environment, then the server's secret).", IsSecret: true),
        new("azure_storage_account_name", "Account. Default: AZURE_STORAGE_ACCOUNT_NAME; with it alone, Azure's default credentials sign in."),
        new("azure_storage_account_key", "The account's key.", IsSecret: true),
        new("azure_storage_sas_token", "A shared access signature.", IsSecret: true),
        new("azure_storage_tenant_id", "Tenant of an application that signs in. Default: Azure's default credentials."),
        new("azure_storage_client_id", "Its client id, or that of a managed identity."),
        new("azure_storage_client_secret", "Its secret.", IsSecret: true),
        new("endpoint_url", "Address of the blob service. Default: https://ACCOUNT.blob.core.windows.net."),
        new("overwrite", "Whether objects other than blobs by digest may be replaced, as under a fixed storage key. Default: false.", Values: ["true", "false"]),
    ];

    private const string ConnectionVariable = "AZURE_STORAGE_CONNECTION_STRING";
    private const string AccountVariable = "AZURE_STORAGE_ACCOUNT_NAME";
    private const string Scope = "https://storage.azure.com/.default";

    private AzureOptions(ConnectionString account, HttpPipeline pipeline, HttpClient http, bool overwrite)
    {
        Http = http;
        Account = account;
        Pipeline = pipeline;
        Overwrite = overwrite;
    }

    public ConnectionString Account { get; }

    public HttpPipeline Pipeline { get; }

    /// <summary>The connections, which end with the store.</summary>
    public HttpClient Http { get; }

    public bool Overwrite { get; }

    /// <summary>Finds the account and how to sign in: what the URI gives, then the connection string of the environment or the server, then Azure's identities.</summary>
    public static async Task<AzureOptions> ResolveAsync(StoreOptions options, ISecretSource secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        ConnectionString account = await AccountAsync(options, secrets, cancellationToken).ConfigureAwait(false);
        if (account.Expires is { } expired && expired <= time.GetUtcNow())
            throw new StorageException(StorageErrorKind.Forbidden, $"The shared access signature of the account at {account.Endpoint} expired at {expired:u}: make a new one.");
        HttpPipelinePolicy? sign = account.Key is { } key ? new SharedKeyPolicy(account.Account!, key, time)
            : account.Sas is not null ? null
            : account.Endpoint.Scheme != Uri.UriSchemeHttps
                ? throw new StorageException(StorageErrorKind.Invalid, "Azure's credentials are sent over https only: give an https endpoint, an account key or a SAS.")
                : new BearerTokenAuthenticationPolicy(await CredentialAsync(options, cancellationToken).ConfigureAwait(false), Scope);
        var client = new BlobClientOptions();
        client.Retry.MaxRetries = 5;
        client.Retry.Delay = TimeSpan.FromMilliseconds(200);
        client.Retry.MaxDelay = TimeSpan.FromSeconds(30);
        // What takes too long is what does not move (StallHandler).
        client.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        var http = new HttpClient(RemoteConnections.Create(time)) { Timeout = Timeout.InfiniteTimeSpan };
        client.Transport = new HttpClientTransport(http);
        client.Diagnostics.IsLoggingEnabled = false;
        bool overwrite = await options.GetAsync("overwrite", cancellationToken).ConfigureAwait(false) == "true";
        var pipeline = new HttpPipelineOptions(client) { RequestFailedDetailsParser = new BlobErrorParser() };
        if (sign is not null)
            pipeline.PerRetryPolicies.Add(sign);
        return new(account, HttpPipelineBuilder.Build(pipeline), http, overwrite);
    }

    private static async Task<ConnectionString> AccountAsync(StoreOptions options, ISecretSource secrets, CancellationToken cancellationToken)
    {
        string? endpoint = await options.GetAsync("endpoint_url", cancellationToken).ConfigureAwait(false);
        string? name = await options.GetAsync("azure_storage_account_name", cancellationToken).ConfigureAwait(false);
        string? connection = await options.GetAsync("azure_storage_connection_string", cancellationToken).ConfigureAwait(false);
        if (connection is null && name is null)
            connection = await secrets.FindAsync(ConnectionVariable, cancellationToken).ConfigureAwait(false);
        if (connection is not null)
            return ConnectionString.Parse(connection);
        name ??= await secrets.FindAsync(AccountVariable, cancellationToken).ConfigureAwait(false);
        if (name is null && endpoint is null)
        {
            throw new StorageException(StorageErrorKind.Forbidden,
                $"No Azure Storage account is named: set {ConnectionVariable} where this runs or as a secret of the server, or give azure_storage_account_name=… in the URI.");
        }
        return ConnectionString.Of(
            name,
            await options.GetAsync("azure_storage_account_key", cancellationToken).ConfigureAwait(false),
            await options.GetAsync("azure_storage_sas_token", cancellationToken).ConfigureAwait(false),
            endpoint ?? $"https://{name}.blob.core.windows.net");
    }

    private static async Task<TokenCredential> CredentialAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        string? tenant = await options.GetAsync("azure_storage_tenant_id", cancellationToken).ConfigureAwait(false);
        string? client = await options.GetAsync("azure_storage_client_id", cancellationToken).ConfigureAwait(false);
        string? secret = await options.GetAsync("azure_storage_client_secret", cancellationToken).ConfigureAwait(false);
        if (secret is null)
            return new DefaultAzureCredential(new DefaultAzureCredentialOptions { TenantId = tenant, ManagedIdentityClientId = client });
        return tenant is not null && client is not null
            ? new ClientSecretCredential(tenant, client, secret)
            : throw new StorageException(StorageErrorKind.Invalid, "The option azure_storage_client_secret needs azure_storage_tenant_id and azure_storage_client_id beside it.");
    }

    private sealed class BlobClientOptions : ClientOptions;
}
