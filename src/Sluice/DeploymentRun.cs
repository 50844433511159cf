namespace Sluice;

/// <summary>A run of a deployment that was started.</summary>
/// <param name="Id">The flow run's id.</param>
/// <param name="Name">The flow run's name, for people.</param>
public sealed record DeploymentRun(Guid Id, string Name);
