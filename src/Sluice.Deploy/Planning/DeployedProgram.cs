using Sluice.Storage.Git;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Planning;

/// <summary>What the runs of a deployment run.</summary>
/// <param name="Location">Where it is: the deployment's <c>path</c>.</param>
/// <param name="Text">What <see cref="PackageReference.Variable"/> says: <c>URI#sha256=DIGEST</c> of a package, <c>URI#commit=SHA</c> of source.</param>
internal sealed record DeployedProgram(Uri Location, string Text)
{
    /// <summary>The package that it is; null where it is source.</summary>
    public PackageReference? Package => PackageReference.TryParse(Text);

    /// <summary>The commit of source; null of a package.</summary>
    public string? Commit => SourceReference.TryParse(Text)?.Commit;

    /// <summary>A package.</summary>
    public static DeployedProgram Of(PackageReference package) => new(package.Location, package.ToString());

    /// <inheritdoc/>
    public override string ToString() => Text;
}
