using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.SelfTesting;
using Sluice.Orchestration;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Images;

/// <summary>Gives the deployments whose storage is <c>docker://…</c> their image, made once for each place that they name.</summary>
internal sealed class DeployedImages(DeployRequest request, FlowsManifest manifest, PackageAssembly files, PackageContent content, DeployEnvironment environment, ProgramSelfTest selfTest)
{
    private readonly List<(PublishedImage Image, string Where, bool IsLocal)> _images = [];

    /// <summary>The images, and whether each stays on this machine.</summary>
    public IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> Images => _images;

    /// <summary>The image of a live deployment; null where it has a package, or none.</summary>
    public static DeployedImage? Live(Deployment? live) =>
        live is null ? null : Of(live.Path, live.JobVariables);

    /// <summary>The image that a deployment of this path and these job variables has; null where it has a package, or none.</summary>
    public static DeployedImage? Of(string? path, IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables is not null && DeploymentDesign.PackageOf(variables) is null && ImageTargets.Serves(path) && Text(variables, "image") is { } image
            ? new(image, path!, Text(variables, "command") ?? "") : null;

    /// <summary>Makes the images; deployments of other storage pass as they are.</summary>
    /// <exception cref="DeployException">The program failed its self-test, or a deployment says two things about its image.</exception>
    public async Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        PlannedDeployment[] result = [.. planned];
        foreach (IGrouping<string, int> place in Enumerable.Range(0, planned.Length).Where(i => ImageTargets.Serves(StorageOf(planned[i]))).GroupBy(i => StorageOf(planned[i])!))
        {
            Check([.. place.Select(i => planned[i])]);
            DeployedImage? made = request.SkipUpload ? null : await MakeAsync(place.Key, [.. place.Select(i => planned[i])], warnings, cancellationToken).ConfigureAwait(false);
            foreach (int i in place)
                result[i] = planned[i] with { Image = made ?? Live(planned[i].Live) };
        }
        return result;
    }

    private async Task<DeployedImage> MakeAsync(string storage, PlannedDeployment[] deployments, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        await using IImageTarget target = ImageTargets.Open(storage, environment.Sources, environment.Time);
        ImageDraft draft = Draft();
        DeployedImage[] live = [.. deployments.Select(d => Live(d.Live)).OfType<DeployedImage>()];
        PublishedImage? image = live.Length == 0 ? null : await target.FindAsync(draft, live.Select(l => l.Reference), cancellationToken).ConfigureAwait(false);
        if (image is not null)
        {
            Tell(image, target, deployments, warnings);
            return new(image.Reference, live.First(l => l.Reference == image.Reference).Path, CommandOf(image));
        }
        if (request.PlanOnly)
        {
            // It has no name yet: that it is another one makes the difference.
            return new($"{storage.Split('?')[0]}#{content.Digest}", storage.Split('?')[0], live.FirstOrDefault()?.Command ?? "");
        }
        await target.CheckAsync(draft, cancellationToken).ConfigureAwait(false);
        if (request.SelfTest != false)
            await selfTest.RunAsync(warnings, cancellationToken).ConfigureAwait(false);
        environment.Output.WriteLine($"Making the container image, for {target.Description} …");
        image = await target.PublishAsync(draft, cancellationToken).ConfigureAwait(false);
        Tell(image, target, deployments, warnings);
        return new(image.Reference, image.Uri, CommandOf(image));
    }

    private void Tell(PublishedImage image, IImageTarget target, PlannedDeployment[] deployments, List<(string Code, string Message)> warnings)
    {
        _images.Add((image, target.Description, target.IsLocal));
        if (image.WithoutPrefect is { } reason)
            warnings.Add((DeployCodes.ImageWithoutPrefect, $"The image of {deployments[0].FullName} has no 'prefect' command, since {reason}. Workers that keep its entry point run it all the same."));
    }

    private void Check(PlannedDeployment[] deployments)
    {
        if (deployments.FirstOrDefault(d => d.Declared.Image is not null) is { } twice)
            throw new DeployException((DeployCodes.DeclarationInvalid, $"{twice.FullName} names the image '{twice.Declared.Image}', and its storage ({StorageOf(twice)!.Split('?')[0]}) makes it another one: leave out Image, or choose a storage of packages."));
        if (files.Script is { } script)
            throw new DeployException((DeployCodes.DeclarationInvalid, $"{deployments[0].FullName}: SluiceStoreAsScript stores {script} as its source, and an image holds the built program: leave it out."));
        if (deployments.FirstOrDefault(d => (d.Declared.StorageKey ?? request.StorageKey) is { Length: > 0 }) is { } keyed)
            throw new DeployException((DeployCodes.DeclarationInvalid, $"{keyed.FullName}: images have no storage key: write image_name=… and image_tag=… as options of {StorageOf(keyed)!.Split('?')[0]}."));
    }

    private string? StorageOf(PlannedDeployment planned) => planned.Declared.Storage ?? request.Storage;

    private static string CommandOf(PublishedImage image) =>
        string.Join(' ', image.Command.Select(word => word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ':') ? word : $"'{word}'"));

    private static string? Text(IReadOnlyDictionary<string, JsonElement> variables, string variable) =>
        variables.TryGetValue(variable, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private ImageDraft Draft() => new()
    {
        Content = content,
        Name = manifest.Flows is [var only] ? only.Name : manifest.Assembly,
        Assembly = manifest.Assembly,
        Launch = files.Launch,
        TargetFramework = request.TargetFramework ?? "net10.0",
        RuntimeIdentifier = request.RuntimeIdentifier,
        DeploymentMode = request.DeploymentMode ?? "framework-dependent",
        Version = request.Version,
        Commit = request.Commit,
        Settings = request.Container ?? new(),
    };
}
