using System.Text.Json;
using Sluice.Storage.Programs;

namespace Sluice.Storage.Docker;

/// <summary>The container engine of this machine: Docker (or whatever DOCKER_HOST and the docker program's contexts name) or Podman. Images stay there.</summary>
internal sealed class EngineTarget(Uri location, DockerOptions options, TimeProvider time) : IImageTarget
{
    private static readonly string[] s_engines = ["docker", "podman"];

    private string? _engine;

    /// <inheritdoc/>
    public Uri Location => location;

    /// <inheritdoc/>
    public string Description => $"{_engine ?? "the container engine"} of {Environment.MachineName}";

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public async Task CheckAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        await EngineAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<PublishedImage?> FindAsync(ImageDraft draft, IEnumerable<string> references, CancellationToken cancellationToken)
    {
        ImagePlan plan = await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        foreach (string reference in references.Distinct(StringComparer.Ordinal).Where(r => ImageNames.IsOf(r, plan.Repository)))
        {
            if (plan.AsMade(await LabelsAsync(reference, cancellationToken).ConfigureAwait(false)) is { } made)
                return new(reference, reference, made.JobCommand, IsNew: false) { IsLocal = true, WithoutPrefect = made.PrefectProblem };
        }
        return null;
    }

    /// <inheritdoc/>
    public async Task<PublishedImage> PublishAsync(ImageDraft draft, CancellationToken cancellationToken)
    {
        ImagePlan plan = await ImagePlan.OfAsync(draft, options, cancellationToken).ConfigureAwait(false);
        plan = plan with { Tag = await options.TagAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false) };
        plan = await plan.WithPathAsync(null, null, time, cancellationToken).ConfigureAwait(false);
        string engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
        await SdkContainer.PublishAsync(plan, null, engine, null, cancellationToken).ConfigureAwait(false);
        string name = $"{plan.Repository}:{plan.Tag}";
        return plan.AsMade(await LabelsAsync(name, cancellationToken).ConfigureAwait(false)) is not null
            ? new(name, name, plan.JobCommand, IsNew: true) { IsLocal = true, WithoutPrefect = plan.PrefectProblem }
            : throw new StorageException(StorageErrorKind.Damaged, $"{Description} loaded the image {name} and does not have it: try again, or name the engine by engine=docker or engine=podman.");
    }

    /// <summary>Whether an engine of this machine has an image.</summary>
    public static async Task<bool> HasAsync(string reference, CancellationToken cancellationToken)
    {
        foreach (string engine in s_engines)
        {
            if (await ChildProgram.RunAsync(engine, ["image", "inspect", "--format", "{{.Id}}", "--", reference], cancellationToken: cancellationToken).ConfigureAwait(false) is { ExitCode: 0 })
                return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IReadOnlyDictionary<string, string>?> LabelsAsync(string reference, CancellationToken cancellationToken)
    {
        string engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
        ChildProgram.Result? answer = await ChildProgram.RunAsync(engine, ["image", "inspect", "--format", "{{json .Config.Labels}}", reference], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (answer is not { ExitCode: 0 })
            return null;
        using JsonDocument labels = JsonDocument.Parse(answer.Output);
        return labels.RootElement.ValueKind == JsonValueKind.Object ? labels.RootElement.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.ToString(), StringComparer.Ordinal) : null;
    }

    /// <summary>The engine's program: the one that the URI names, else the first that answers.</summary>
    private async Task<string> EngineAsync(CancellationToken cancellationToken)
    {
        if (_engine is { } known)
            return known;
        var tried = new List<string>();
        string[] candidates = await options.EngineAsync(cancellationToken).ConfigureAwait(false) is { } named ? [named] : s_engines;
        foreach (string candidate in candidates)
        {
            ChildProgram.Result? answer = await ChildProgram.RunAsync(candidate, ["info"], cancellationToken: cancellationToken).ConfigureAwait(false);
            if (answer is { ExitCode: 0 })
                return _engine = candidate;
            tried.Add(answer is null ? $"there is no program '{candidate}' on PATH" : $"{candidate} does not answer ({LastLine(answer.Error)})");
        }
        throw new StorageException(StorageErrorKind.Unavailable,
            $"An image without a registry needs a container engine on this machine, and {string.Join(", and ", tried)}: start one, or name a registry: docker://registry.example/team.");
    }

    private static string LastLine(string text) => text.Trim().Split('\n')[^1].Trim().TrimEnd('.', '?');
}
