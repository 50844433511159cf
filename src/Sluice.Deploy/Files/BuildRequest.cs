using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.Files;

/// <summary>What <c>deployment build</c> is asked for. Null members were not given, and what the file or the code says stays.</summary>
public sealed record BuildRequest
{
    /// <summary>The program's assembly, in the folder that was published.</summary>
    public required string Assembly { get; init; }

    /// <summary>The flow: its name, its method (<c>BuildAsync</c> or <c>Flows.BuildAsync</c>). Null where the program has one.</summary>
    public string? Flow { get; init; }

    /// <summary>The deployment. Null: the flow's own by <c>[Deployment]</c>, each in a file.</summary>
    public string? Name { get; init; }

    /// <summary>The file to write; null: <c>{flow}-deployment.yaml</c> in the current folder.</summary>
    public string? Output { get; init; }

    /// <summary>The folder that files without <see cref="Output"/> are written to.</summary>
    public required string Folder { get; init; }

    /// <summary>The deployment's version.</summary>
    public string? Version { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>Its tags; they replace others.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Its queue.</summary>
    public string? WorkQueue { get; init; }

    /// <summary>Its pool.</summary>
    public string? WorkPool { get; init; }

    /// <summary>Its schedule, which replaces others.</summary>
    public ScheduleText? Schedule { get; init; }

    /// <summary>Values of parameters, over those that are there.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Overrides of the infrastructure, by dotted names, as <c>env.LEVEL</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Overrides { get; init; }

    /// <summary>The type of infrastructure, as <c>process</c> or <c>docker-container</c>.</summary>
    public string? Infrastructure { get; init; }

    /// <summary>A saved block of infrastructure, as <c>docker-container/prod</c>.</summary>
    public string? InfrastructureBlock { get; init; }

    /// <summary>Where packages go: a URI, or a saved block with a folder in it, as <c>s3/prod/flows</c>. Null: the home's storage.</summary>
    public string? Storage { get; init; }

    /// <summary>The package's folder in the store.</summary>
    public string? StorageKey { get; init; }

    /// <summary>Stores nothing.</summary>
    public bool SkipUpload { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>The project's version.</summary>
    public string? ProjectVersion { get; init; }

    /// <summary>The git commit.</summary>
    public string? Commit { get; init; }

    /// <summary>As <c>net10.0</c>.</summary>
    public string? TargetFramework { get; init; }

    /// <summary>The .NET SDK that built the program, as <c>10.0.100</c>.</summary>
    public string? Sdk { get; init; }
}

/// <summary>A file that was built.</summary>
/// <param name="File">Where it is.</param>
/// <param name="FullName"><c>flow/deployment</c>.</param>
/// <param name="Outcome"><c>created</c>, <c>updated</c> or <c>unchanged</c>.</param>
/// <param name="Package">What its runs run, as <c>SLUICE_PACKAGE</c> says it; null where nothing was uploaded.</param>
/// <param name="Kept">Keys above the banner that people edited and that stay, though the code says otherwise.</param>
public sealed record BuiltFile(string File, string FullName, string Outcome, string? Package, IReadOnlyList<string> Kept);

/// <summary>How a build ended.</summary>
/// <param name="Files">The files; empty when it failed.</param>
/// <param name="Diagnostics">Errors and warnings; errors exactly when it failed.</param>
public sealed record BuildResult(IReadOnlyList<BuiltFile> Files, IReadOnlyList<DeployError> Diagnostics)
{
    /// <summary>Whether it did what was asked.</summary>
    public bool Succeeded => Diagnostics.All(diagnostic => diagnostic.IsWarning);
}
