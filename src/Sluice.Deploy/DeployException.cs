namespace Sluice.Deploy;

/// <summary>Ends a deploy within this room; <see cref="DeployRunner"/> turns it into its result.</summary>
internal sealed class DeployException(params IReadOnlyList<(string Code, string Message)> errors) : Exception(errors[0].Message)
{
    public IReadOnlyList<(string Code, string Message)> Errors { get; } = errors;
}
