using Sluice.Storage.Git;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Planning;

/// <summary>What the runs of a deployment run.</summary>
/// <param name="Location">Where it is: the deployment's <c>path</c>. Null where workers have it already.</param>
/// <param name="Text">What <see cref="PackageReference.Variable"/> says: <c>URI#sha256=DIGEST</c> of a package, <c>URI#commit=SHA</c> of source. Null where nothing is pulled.</param>
internal sealed record DeployedProgram(Uri? Location, string? Text)
{
    /// <summary>A program that is installed on the workers' machines: the job variable <c>command</c> starts it.</summary>
    public static DeployedProgram Installed { get; } = new(null, null);

    /// <summary>The package that it is; null where it is source.</summary>
    public PackageReference? Package => Text is null ? null : PackageReference.TryParse(Text);

    /// <summary>The commit of source; null of a package.</summary>
    public string? Commit => Text is null ? null : SourceReference.TryParse(Text)?.Commit;

    /// <summary>A package.</summary>
    public static DeployedProgram Of(PackageReference package) => new(package.Location, package.ToString());

    /// <inheritdoc/>
    public override string ToString() => Text ?? "";
}
