using Sluice.Deploy.Files;
using Sluice.Deploy.Images;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Provenance;
using Sluice.Orchestration;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Planning;

/// <summary>A deployment of the manifest on its way: as declared, as live, and with the package it will name.</summary>
internal sealed record PlannedDeployment
{
    public required FlowManifest Flow { get; init; }

    public required DeploymentManifest Declared { get; init; }

    /// <summary>Null where it does not exist yet, or where nothing is applied.</summary>
    public Deployment? Live { get; init; }

    /// <summary>The name that the live one had until now, where this is a rename.</summary>
    public string? MovedFrom { get; init; }

    /// <summary>Whose it is; null where no publish makes it.</summary>
    public OwnerMark? Owner { get; init; }

    /// <summary>Null where it is not stored (a plan), and where nothing is to be uploaded and the live one stays.</summary>
    public DeployedProgram? Package { get; init; }

    /// <summary>The blocks that a file of Prefect's names. Null without a file.</summary>
    public FileBlocks? Blocks { get; init; }

    /// <summary>Whether a file says that it has no version, so that a live one goes. Code that says none keeps the live one.</summary>
    public bool HasNoVersion { get; init; }

    /// <summary>A package that a file of the deployment names already, and that stays where the program is the same. Null without a file.</summary>
    public PackageReference? Former { get; init; }

    /// <summary>The container image in the package's place; null where its storage keeps packages.</summary>
    public DeployedImage? Image { get; init; }

    /// <summary>What the code declares; null until it is planned.</summary>
    public DeploymentCreate? Design { get; init; }

    /// <summary>What is sent: what the code declares, with what people changed and keep. Null until it is planned.</summary>
    public DeploymentCreate? Desired { get; init; }

    /// <summary>How the live one and the code became <see cref="Desired"/>; null where there is no live one.</summary>
    public MergedDeployment? Merged { get; init; }

    /// <summary>The fields that differ; of one that is created, what the code says.</summary>
    public IReadOnlyList<FieldChange> Fields { get; init; } = [];

    /// <summary>What changes, in words; empty when nothing does.</summary>
    public IReadOnlyList<string> Changes => Merged is null ? [] : FieldWords.Groups(Merged);

    /// <summary>The number of the version that it becomes; null where nothing is applied.</summary>
    public int? Number { get; init; }

    /// <summary>The version that is brought back; null where code is deployed.</summary>
    public int? RolledBackTo { get; init; }

    /// <summary>Where the code of that version comes from.</summary>
    public BuildFacts? Origin { get; init; }

    public string FullName => $"{Flow.Name}/{Declared.Name}";

    /// <summary>What the live one is called.</summary>
    public string LiveName => MovedFrom ?? FullName;

    public string Outcome => Live is null ? "created" : MovedFrom is not null ? "moved" : Merged?.IsChanged == true ? "updated" : "unchanged";
}
