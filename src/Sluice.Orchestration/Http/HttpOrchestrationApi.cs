namespace Sluice.Orchestration.Http;

/// <summary>The HTTP client of the API.</summary>
public sealed class HttpOrchestrationApi
{
}
