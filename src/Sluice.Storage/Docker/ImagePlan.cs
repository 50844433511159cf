using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Docker;

/// <summary>An image with everything decided but its tag.</summary>
internal sealed record ImagePlan
{
    /// <summary>The digest of the package that the image holds.</summary>
    public const string PackageLabel = "sluice.package";

    /// <summary>The digest of all that the image is made of: one of the same recipe need not be made again.</summary>
    private const string RecipeLabel = "sluice.recipe";

    /// <summary>Why <c>prefect</c> is no command in the image. What a publish found out when it made the image (its base's PATH) is not found out again for one that is kept.</summary>
    private const string WithoutPrefectLabel = "sluice.without-prefect";

    private const string AppLabel = "sluice.app";

    public required PackageContent Content { get; init; }

    public required string Assembly { get; init; }

    /// <summary>The name without registry and tag.</summary>
    public required string Repository { get; init; }

    /// <summary>Decided when it is published.</summary>
    public string Tag { get; init; } = "";

    public required string TargetFramework { get; init; }

    public required string DeploymentMode { get; init; }

    public required IReadOnlyList<string> RuntimeIdentifiers { get; init; }

    public required string WorkingDirectory { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The image's PATH; null where nothing is added to it.</summary>
    public string? SearchPath { get; private init; }

    public required IReadOnlyList<string> Frameworks { get; init; }

    public required ImageSettings Settings { get; init; }

    public string? BaseImage { get; init; }

    /// <summary>The file that the image holds once more under the name <c>prefect</c>; null where it can have none.</summary>
    public PackageFile? Prefect { get; init; }

    /// <summary>Why it has none, or why it is not on the image's PATH.</summary>
    public string? PrefectProblem { get; init; }

    /// <summary>What a worker's job starts: Prefect's own default where the image answers to it.</summary>
    public IReadOnlyList<string> JobCommand => PrefectProblem is null ? PrefectExecutable.Command : Command;

    public string? Version { get; init; }

    public string? Commit { get; init; }

    public bool IsSelfContained => DeploymentMode is "self-contained" or "native-aot";

    /// <summary>The image's labels: the project's, and ours, which name what it was made of.</summary>
    public IReadOnlyDictionary<string, string> Labels
    {
        get
        {
            var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach ((string name, string value) in Settings.Labels ?? new Dictionary<string, string>())
                labels[name] = value;
            labels[AppLabel] = Assembly;
            labels[PackageLabel] = Content.Digest;
            labels[RecipeLabel] = Recipe;
            if (PrefectProblem is { } problem)
                labels[WithoutPrefectLabel] = problem;
            labels["org.opencontainers.image.title"] = Assembly;
            if (Commit is { Length: > 0 } commit)
                labels["org.opencontainers.image.revision"] = commit;
            return labels;
        }
    }

    /// <summary>Version and commit stay out, as with packages: the same program published from another commit is the same image.</summary>
    public string Recipe
    {
        get
        {
            var text = new StringBuilder("1\n");
            foreach (string? part in (string?[])[Content.Digest, BaseImage, Settings.Family, Settings.User, WorkingDirectory, TargetFramework, DeploymentMode, .. RuntimeIdentifiers, .. Command, .. Frameworks])
                text.Append(part).Append('\n');
            if (Prefect is not null)
                text.Append("prefect\n");
            foreach ((string name, string value) in Environment.Concat(Settings.Labels ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{name}={value}\n");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>Decides.</summary>
    /// <exception cref="StorageException">Of kind Invalid: an option, or a program that no image can hold.</exception>
    public static async Task<ImagePlan> OfAsync(ImageDraft draft, DockerOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> runtimes = RuntimesOf(draft);
        bool isWindows = runtimes[0].StartsWith("win", StringComparison.Ordinal);
        string folder = draft.Settings.WorkingDirectory is { Length: > 0 } named ? named : isWindows ? @"C:\app\" : "/app/";
        if (!folder.EndsWith('/') && !folder.EndsWith('\\'))
            folder += isWindows ? '\\' : '/';
        bool byDotnet = draft.Launch.Assembly is not null && draft.DeploymentMode == "framework-dependent";
        IReadOnlyList<string> command = byDotnet ? ["dotnet", folder + draft.Launch.Assembly]
            : draft.Launch.Executable is { } executable ? [folder + executable]
            : throw new StorageException(StorageErrorKind.Invalid, $"The published files hold no program that an image could start ({draft.DeploymentMode}): publish again.");
        string? baseImage = await options.BaseImageAsync(draft, cancellationToken).ConfigureAwait(false);
        (PackageFile? prefect, string? problem) = await PrefectExecutable.FindAsync(draft, runtimes, baseImage, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Content = draft.Content,
            Assembly = draft.Assembly,
            Repository = await options.RepositoryAsync(draft, cancellationToken).ConfigureAwait(false),
            TargetFramework = draft.TargetFramework,
            DeploymentMode = draft.DeploymentMode,
            RuntimeIdentifiers = runtimes,
            WorkingDirectory = folder,
            Command = command,
            Environment = await options.EnvironmentAsync(draft, cancellationToken).ConfigureAwait(false),
            Frameworks = await FrameworksAsync(draft, cancellationToken).ConfigureAwait(false),
            Settings = draft.Settings,
            BaseImage = baseImage,
            Prefect = prefect,
            PrefectProblem = problem,
            Version = draft.Version,
            Commit = draft.Commit,
        };
    }

    /// <summary>Puts the program's folder on the image's PATH, after what its base image has there. Not part of the recipe, which names the base image.</summary>
    /// <param name="credentials">For the registry that images go to, where the URI gives some.</param>
    /// <param name="registry">That registry.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<ImagePlan> WithPathAsync(RegistryCredentials? credentials, string? registry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Prefect is null || RuntimeIdentifiers[0].StartsWith("win", StringComparison.Ordinal))
            return this;
        string? path = Environment.TryGetValue("PATH", out string? named) ? named
            : BaseImage is null ? PrefectExecutable.UsualPath
            : await BasePathAsync(BaseImage, credentials, registry, time, cancellationToken).ConfigureAwait(false);
        if (path is null)
            return this with { PrefectProblem = $"the PATH of the base image {BaseImage} could not be read: set it by the project's ContainerEnvironmentVariable items" };
        string folder = WorkingDirectory.TrimEnd('/');
        return path.Split(':').Contains(folder, StringComparer.Ordinal) ? this
            : this with { SearchPath = $"{path}:{folder}" };
    }

    /// <summary>The plan of an image that was made of the same before, with what was decided then; null where these are the labels of another.</summary>
    public ImagePlan? AsMade(IReadOnlyDictionary<string, string>? labels) =>
        labels?.GetValueOrDefault(RecipeLabel) == Recipe ? this with { PrefectProblem = PrefectProblem ?? labels.GetValueOrDefault(WithoutPrefectLabel) } : null;

    private static async Task<string?> BasePathAsync(string image, RegistryCredentials? credentials, string? registry, TimeProvider time, CancellationToken cancellationToken)
    {
        (string host, string repository, string reference) = ImageNames.Parse(image);
        using var client = new RegistryClient(host, host == registry ? credentials : null, time);
        try
        {
            IReadOnlyDictionary<string, string>? environment = await client.FindEnvironmentAsync(repository, reference, cancellationToken).ConfigureAwait(false);
            return environment is null ? null : environment.GetValueOrDefault("PATH", PrefectExecutable.UsualPath);
        }
        catch (StorageException)
        {
            // What builds on it says what is wrong with it; one of this machine's engine alone is nothing wrong.
            return null;
        }
    }

    private static IReadOnlyList<string> RuntimesOf(ImageDraft draft)
    {
        if (draft.RuntimeIdentifier is { Length: > 0 } one and not "any")
        {
            return one.StartsWith("osx", StringComparison.Ordinal)
                ? throw new StorageException(StorageErrorKind.Invalid, $"The program was published for {one}, and containers run on Linux or Windows: publish with -r linux-x64, or without a runtime identifier.")
                : [one];
        }
        string[] several = (draft.Settings.RuntimeIdentifiers ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (several.Length > 0)
            return several;
        return ["linux-" + RuntimeInformation.OSArchitecture switch { Architecture.Arm64 => "arm64", Architecture.Arm => "arm", Architecture.X86 => "x86", _ => "x64" }];
    }

    private static async Task<IReadOnlyList<string>> FrameworksAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        if (draft.Content.Files.FirstOrDefault(file => file.Path == draft.Assembly + ".runtimeconfig.json") is not { } file)
            return [];
        using var content = new MemoryStream();
        await using (Stream stream = draft.Content.Open(file))
            await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        return ContainerProject.FrameworksIn(content.ToArray());
    }
}
