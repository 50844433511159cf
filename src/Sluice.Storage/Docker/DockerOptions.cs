using System.Text.Json;
using Sluice.Storage.Options;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Docker;

/// <summary>What a <c>docker://</c> URI can say. Names: Prefect's Docker storage and its docker-registry block.</summary>
internal sealed class DockerOptions(Uri location, StoreOptions options)
{
    /// <summary>The options by name.</summary>
    public static readonly IReadOnlyList<StoreOption> Known =
    [
        new("base_image", "Image to build on. Default: the project's ContainerBaseImage, else .NET's own for the program's framework."),
        new("image_name", "The image's name below the URI's path. Default: the flow's slug where the program has one flow, else the assembly's."),
        new("image_tag", "Its tag, which later publishes replace. Default: the time of the publish, as 2026-11-22t06-00-00-000000-00-00."),
        new("env_vars", "Environment variables of the image, as a JSON object of texts without secrets. Default: the project's ContainerEnvironmentVariable items alone."),
        new("username", "User of the registry. Default: what docker login keeps (DOCKER_CONFIG, else ~/.docker)."),
        new("password", "The user's password or token.", IsSecret: true),
        new("engine", "The program that loads an image where the URI names no registry. Default: docker where it answers, else podman.", Values: ["docker", "podman"]),
    ];

    /// <summary>The image's name without tag: registry (where there is one), the URI's path and the name.</summary>
    public async Task<string> RepositoryAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        string name = await options.GetAsync("image_name", cancellationToken).ConfigureAwait(false)
            ?? (PackageSlug.Of(draft.Name) is { Length: > 0 } slug ? slug : "package");
        string prefix = Uri.UnescapeDataString(location.AbsolutePath).Trim('/');
        string repository = prefix.Length == 0 ? name : $"{prefix}/{name}";
        return ImageNames.RefuseRepository(repository) is { } reason
            ? throw new StorageException(StorageErrorKind.Invalid, $"'{repository}' is no name for an image: {reason}. Correct the storage URI docker://{location.Authority}{location.AbsolutePath} or its option image_name.")
            : repository;
    }

    /// <summary>The image's tag.</summary>
    public async Task<string> TagAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        string tag = await options.GetAsync("image_tag", cancellationToken).ConfigureAwait(false) ?? PackageSlug.Of(now);
        return ImageNames.IsTag(tag) ? tag
            : throw new StorageException(StorageErrorKind.Invalid, $"The image_tag '{tag}' is no tag: it takes up to 128 letters, digits, '_', '.' and '-', and begins with none of the last two.");
    }

    /// <summary>The image to build on; null for .NET's own.</summary>
    public async Task<string?> BaseImageAsync(ImageDraft draft, CancellationToken cancellationToken) =>
        await options.GetAsync("base_image", cancellationToken).ConfigureAwait(false) ?? (draft.Settings.BaseImage is { Length: > 0 } named ? named : null);

    /// <summary>The image's environment: the project's, then the URI's.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in draft.Settings.Environment ?? new Dictionary<string, string>())
            environment[name] = value;
        if (options.Text("env_vars") is { } template && SecretTemplate.NamesIn(template) is [var secret, ..])
        {
            throw new StorageException(StorageErrorKind.Invalid,
                $"The option env_vars of the storage {StoreOptions.Shown(location)} refers to {secret}, and its value would stand in the image for all who pull it: leave it out, and have it given to containers when they start, by the work pool or the cluster.");
        }
        if (await options.GetAsync("env_vars", cancellationToken).ConfigureAwait(false) is not { } json)
            return environment;
        try
        {
            using JsonDocument given = JsonDocument.Parse(json);
            foreach (JsonProperty variable in given.RootElement.EnumerateObject())
                environment[variable.Name] = variable.Value.ValueKind == JsonValueKind.String ? variable.Value.GetString()! : variable.Value.GetRawText();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new StorageException(StorageErrorKind.Invalid, $"The option env_vars of the storage {StoreOptions.Shown(location)} is no JSON object: write env_vars={{\"NAME\":\"value\"}}.", e);
        }
        return environment;
    }

    /// <summary>The credentials that the URI refers to; null where it gives none.</summary>
    public async Task<RegistryCredentials?> CredentialsAsync(CancellationToken cancellationToken)
    {
        string? user = await options.GetAsync("username", cancellationToken).ConfigureAwait(false);
        string? password = await options.GetAsync("password", cancellationToken).ConfigureAwait(false);
        if ((user is null) != (password is null))
            throw new StorageException(StorageErrorKind.Invalid, $"The storage {StoreOptions.Shown(location)} gives {(user is null ? "a password without a username" : "a username without a password")}: give both, or none and run docker login.");
        return user is null ? null : new(user, password!);
    }

    /// <summary>The engine's program; null to look for one.</summary>
    public ValueTask<string?> EngineAsync(CancellationToken cancellationToken) => options.GetAsync("engine", cancellationToken);
}
