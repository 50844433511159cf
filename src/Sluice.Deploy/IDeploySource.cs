using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage.Docker;

namespace Sluice.Deploy;

/// <summary>What is deployed: a published program with its assembly's manifest, or files of deployments. Everything else of a deploy is the same for both.</summary>
internal interface IDeploySource
{
    /// <summary>The flows with the deployments that are declared.</summary>
    IReadOnlyList<FlowManifest> Flows { get; }

    /// <summary>The app that versions of a flow's deployments are recorded under where no live one says whose it is: the assembly's name.</summary>
    string AppOf(FlowManifest flow) => flow.Entrypoint.Split('!')[0] is { Length: > 0 } assembly ? Path.GetFileNameWithoutExtension(assembly) : "app";

    /// <summary>The store that one's records and journals lie in; null where the request says it.</summary>
    Uri? RecordsOf(PlannedDeployment planned, VersionRecords records) => null;

    /// <summary>How its conflicts are told.</summary>
    ConflictWords ConflictWords { get; }

    /// <summary>The packaged files; null where nothing is packaged.</summary>
    PackageAssembly? Files { get; }

    /// <summary>The images that were made or kept.</summary>
    IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> Images { get; }

    /// <summary>Stores what is to be stored, and gives every deployment its package.</summary>
    Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken);

    /// <summary>What the API is to be told of one.</summary>
    DeploymentCreate Design(PlannedDeployment planned, string host, ApiInfo? server);

    /// <summary>What was stored, and how much travelled.</summary>
    DeployOutcome Describe();
}
