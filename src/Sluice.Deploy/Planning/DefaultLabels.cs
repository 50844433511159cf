using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage.Labels;

namespace Sluice.Deploy.Planning;

/// <summary>The labels that a deployment gets from where its package is, as Prefect's storage gave them: the host of a local disk, or the storage system.</summary>
internal sealed record DefaultLabels(string? Host, string? System)
{
    private static readonly DefaultLabels s_none = new(null, null);

    public static IReadOnlyList<string> Names { get; } = [StorageLabels.Host, StorageLabels.System];

    /// <param name="planned">The deployment. One that keeps its live package keeps the host that holds it.</param>
    /// <param name="package">What it will run: the text of <c>SLUICE_PACKAGE</c>.</param>
    /// <param name="request">Says whether labels are wanted at all.</param>
    /// <param name="host">This machine.</param>
    public static DefaultLabels Of(PlannedDeployment planned, string? package, DeployRequest request, string host)
    {
        Uri? where = planned.Image is { } image ? new(image.Path.Split('@')[0]) : package is null ? null : StorageLabels.PlaceOf(package);
        if (where is not { } place || planned.Declared.AddDefaultLabels == false || request.AddDefaultLabels == false)
            return s_none;
        if (!place.IsFile)
            return new(null, StorageLabels.Of(place));
        return new(request.SkipUpload ? LiveHost(planned.Live) : StorageLabels.IsOnThisDisk(place) ? host : null, null);
    }

    public void AddTo(Dictionary<string, JsonElement> labels, Func<string, JsonElement> text)
    {
        if (Host is not null)
            labels[StorageLabels.Host] = text(Host);
        if (System is not null)
            labels[StorageLabels.System] = text(System);
    }

    private static string? LiveHost(Deployment? live) =>
        live?.JobVariables.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(StorageLabels.PackageHostVariable, out JsonElement host) && host.ValueKind == JsonValueKind.String ? host.GetString() : null;
}
