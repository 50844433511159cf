namespace Sluice.Deploy;

/// <summary>One thing that went wrong, as data; the edge prints it.</summary>
/// <param name="Code">One of <see cref="DeployCodes"/>.</param>
/// <param name="Message">One line: what, where, and how to mend it.</param>
/// <param name="Origin">The project file or assembly; of a file's fault, with its place: <c>weather-deployment.yaml(3,5)</c>.</param>
/// <param name="IsWarning">True when the deploy went on.</param>
public sealed record DeployError(string Code, string Message, string Origin, bool IsWarning = false)
{
    /// <summary>MSBuild's canonical form: <c>ORIGIN : error SLC1003: MESSAGE</c>.</summary>
    public override string ToString() => $"{Origin}{(Origin.EndsWith(')') ? "" : " ")}: {(IsWarning ? "warning" : "error")} {Code}: {PlainLine.Of(Message)}";
}
