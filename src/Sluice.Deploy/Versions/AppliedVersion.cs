using Sluice.Deploy.Provenance;
using Sluice.Orchestration;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Versions;

/// <summary>One version of one deployment, as an apply made it.</summary>
public sealed record AppliedVersion
{
    /// <summary>The flow's name then.</summary>
    public required string Flow { get; init; }

    /// <summary>The deployment's name then.</summary>
    public required string Name { get; init; }

    /// <summary>1 for the first, then one more each time.</summary>
    public required int Number { get; init; }

    /// <summary>The text of the <see cref="VersionPointer"/> to the version before; null for the first.</summary>
    public string? Previous { get; init; }

    /// <summary>What the deployment was called in the version before, as <c>flow/deployment</c>, where it was moved.</summary>
    public string? PreviousName { get; init; }

    /// <summary>The text of the pointer to the version before that, so that one lost record does not hide those before it.</summary>
    public string? Earlier { get; init; }

    /// <summary>What runs: <c>URI#sha256=DIGEST</c> of a package, <c>URI#commit=SHA</c> of source; null where it is an image or installed.</summary>
    public string? Package { get; init; }

    /// <summary>The version that this one brought back; null where it is no rollback.</summary>
    public int? RolledBackTo { get; init; }

    /// <summary>Where the code of a version that was brought back comes from: the facts of its publish. Null else, where the document's own say it.</summary>
    public BuildFacts? Origin { get; init; }

    /// <summary>In which infrastructure agents of Prefect 2 start its runs; null for processes.</summary>
    public string? Infrastructure { get; init; }

    /// <summary>The saved block of storage that a file of Prefect names, as <c>s3/prod</c>; empty where it says that there is none. Null where nothing said so, as in records of earlier versions.</summary>
    public string? StorageBlock { get; init; }

    /// <summary>What the code declared: its schema, entrypoint and package among it, without ids and without <see cref="VersionPointer.Variable"/>.</summary>
    public required DeploymentCreate Declared { get; init; }

    /// <summary><c>flow/deployment</c>.</summary>
    internal string FullName => $"{Flow}/{Name}";

    /// <summary>Whether this is its full name. A record of a thousand is searched a thousand times.</summary>
    internal bool IsNamed(string fullName) =>
        fullName.Length == Flow.Length + 1 + Name.Length && fullName[Flow.Length] == '/' && fullName.StartsWith(Flow, StringComparison.Ordinal) && fullName.EndsWith(Name, StringComparison.Ordinal);

    /// <summary>The package; null where it is source, an image or installed.</summary>
    internal PackageReference? PackageReference => Package is null ? null : Storage.Packages.PackageReference.TryParse(Package);
}
