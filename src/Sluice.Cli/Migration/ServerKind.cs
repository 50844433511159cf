namespace Sluice.Cli.Migration;

/// <summary>What a server is, which decides what it can hold.</summary>
internal sealed record ServerKind(string Product, string Version)
{
    /// <summary>Ours: it holds everything.</summary>
    public bool IsSluice => Product == "sluice";

    /// <summary>Prefect 2: one schedule a deployment, texts as variables, no labels, no limits of deployments.</summary>
    public bool IsPrefect2 => !IsSluice && Version.StartsWith("2.", StringComparison.Ordinal);

    /// <summary>As people name it.</summary>
    public override string ToString() => $"{(IsSluice ? "Sluice" : "Prefect")} {Version}";
}
