using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Runtime;

/// <summary>Where the API is that flow programs and user code speak to.</summary>
internal static class ApiAddress
{
    /// <summary><c>PREFECT_API_URL</c>, else the running server of the home folder, else the default address.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: <c>PREFECT_API_URL</c> is no URL.</exception>
    public static async Task<ApiEndpoint> FindAsync(CancellationToken cancellationToken) =>
        await ApiEndpoint.ResolveAsync(SluiceHome.FromEnvironment(), null, cancellationToken).ConfigureAwait(false) ?? new(ApiEndpoint.DefaultUrl);
}
