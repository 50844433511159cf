namespace Sluice.Runtime;

/// <summary>Which deployment is meant: by the names of flow and deployment, or by id.</summary>
internal sealed record DeploymentReference(string FlowName, string Name, Guid? Id)
{
    /// <exception cref="ArgumentException">It is neither <c>flow/deployment</c> nor an id.</exception>
    public static DeploymentReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Guid.TryParse(text, out Guid id))
            return new("", "", id);
        return text.Split('/') is [{ Length: > 0 } flow, { Length: > 0 } name]
            ? new(flow, name, null)
            : throw new ArgumentException($"'{text}' is no deployment's name, which is written flow/deployment, and no id.", nameof(text));
    }

    public override string ToString() => Id?.ToString() ?? $"{FlowName}/{Name}";
}
