namespace Sluice.Deploy.Images;

/// <summary>The image that a deployment's runs start.</summary>
/// <param name="Reference">Its <c>job_variables.image</c>.</param>
/// <param name="Path">Its URI with the tag, as <c>docker://registry.example/team/greet:…</c>: the deployment's path.</param>
/// <param name="Command">Its <c>job_variables.command</c>.</param>
internal sealed record DeployedImage(string Reference, string Path, string Command);
