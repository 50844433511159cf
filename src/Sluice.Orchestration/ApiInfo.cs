namespace Sluice.Orchestration;

/// <summary>What an orchestration API is.</summary>
/// <param name="Product"><c>sluice</c> or <c>prefect</c>.</param>
/// <param name="Version">Its version, as <c>1.0.0</c> or <c>3.8.3</c>.</param>
/// <param name="Location">Where it is, for people: a URL or the database file.</param>
/// <param name="Change">The number of the newest change; 0 where there is no change feed.</param>
public sealed record ApiInfo(string Product, string Version, string Location, long Change)
{
    /// <summary>True where leases, atomic apply, the change feed and kept results are offered.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsSluice => Product == "sluice";

    /// <summary>True for a Prefect server of generation 2: one schedule a deployment, no labels, texts as variables. Everything else speaks as Prefect 3.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPrefect2 => Product == "prefect" && Version.StartsWith("2.", StringComparison.Ordinal);
}
