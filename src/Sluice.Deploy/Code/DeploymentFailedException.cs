namespace Sluice.Deploy.Code;

/// <summary>Deployments could not be applied; nothing has changed, or the message names what could not be undone and how to mend it. The message is that of the first error.</summary>
/// <param name="errors">What was wrong.</param>
public sealed class DeploymentFailedException(IReadOnlyList<DeployError> errors) : Exception($"{errors[0].Code}: {errors[0].Message}{(errors.Count > 1 ? $" (and {errors.Count - 1} more)" : "")}")
{
    /// <summary>All of it, with codes of docs/diagnostics.</summary>
    public IReadOnlyList<DeployError> Errors { get; } = errors;
}
