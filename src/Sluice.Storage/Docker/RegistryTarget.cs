namespace Sluice.Storage.Docker;

/// <summary>A container registry: any that speaks the OCI distribution protocol.</summary>
internal sealed class RegistryTarget(Uri location, DockerOptions options, TimeProvider time) : IImageTarget
{
    private const int Attempts = 3;

    private RegistryClient? _client;

    /// <inheritdoc/>
    public Uri Location => location;

    /// <inheritdoc/>
    public string Description => location.Authority;

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <inheritdoc/>
    public async Task CheckAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        ImagePlan plan = await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        RegistryClient client = await ClientAsync(cancellationToken).ConfigureAwait(false);
        await client.CheckPushAsync(plan.Repository, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<PublishedImage?> FindAsync(ImageDraft draft, IEnumerable<string> references, CancellationToken cancellationToken)
    {
        ImagePlan plan = await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        string name = $"{location.Authority}/{plan.Repository}";
        foreach (string reference in references.Distinct(StringComparer.Ordinal).Where(r => ImageNames.IsOf(r, name)))
        {
            RegistryClient client = await ClientAsync(cancellationToken).ConfigureAwait(false);
            IReadOnlyDictionary<string, string>? labels = await client.FindLabelsAsync(plan.Repository, reference[(name.Length + 1)..], cancellationToken).ConfigureAwait(false);
            if (plan.AsMade(labels) is { } made)
                return new(reference, reference, made.JobCommand, IsNew: false) { WithoutPrefect = made.PrefectProblem };
        }
        return null;
    }

    /// <inheritdoc/>
    public async Task<PublishedImage> PublishAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        ImagePlan plan = await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        plan = plan with { Tag = await options.TagAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false) };
        RegistryCredentials? credentials = await options.CredentialsAsync(cancellationToken).ConfigureAwait(false);
        plan = await plan.WithPathAsync(credentials, location.Authority, time, cancellationToken).ConfigureAwait(false);
        string? sent = await SendAsync(plan, credentials, cancellationToken).ConfigureAwait(false);

        // What a deployment names is what the registry has, byte for byte, and not what somebody meant to send.
        string name = $"{location.Authority}/{plan.Repository}";
        RegistryClient client = await ClientAsync(cancellationToken).ConfigureAwait(false);
        (string Digest, _) = await client.FindManifestAsync(plan.Repository, sent ?? plan.Tag, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException(StorageErrorKind.Damaged, $"The registry {location.Authority} took the image {plan.Repository}:{plan.Tag} and does not have it: publish again, and tell whoever runs the registry.");
        IReadOnlyDictionary<string, string>? labels = await client.FindLabelsAsync(plan.Repository, Digest, cancellationToken).ConfigureAwait(false);
        if (plan.AsMade(labels) is null)
            throw new StorageException(StorageErrorKind.Damaged, $"The image {name}@{Digest} is not the one that was sent: publish again, and tell whoever runs the registry.");
        return new($"{name}@{Digest}", $"{name}:{plan.Tag}", plan.JobCommand, IsNew: true) { WithoutPrefect = plan.PrefectProblem };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        return ValueTask.CompletedTask;
    }

    // Layers that arrived are not sent again, so that each attempt goes on where the one before ended.
    private async Task<string?> SendAsync(ImagePlan plan, RegistryCredentials? credentials, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await SdkContainer.PublishAsync(plan, location.Authority, null, credentials, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Unavailable && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 << attempt), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<RegistryClient> ClientAsync(CancellationToken cancellationToken) =>
        _client ??= new RegistryClient(location.Authority, await options.CredentialsAsync(cancellationToken).ConfigureAwait(false), time);
}
