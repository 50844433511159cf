using System.Net.Http.Headers;
using System.Text;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Runtime;

/// <summary>The API that flow programs and user code speak to.</summary>
internal static class ApiClients
{
    /// <summary>Where it is: <c>PREFECT_API_URL</c>, else the running server of the home folder, else the default address.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: <c>PREFECT_API_URL</c> is no URL.</exception>
    public static async Task<ApiEndpoint> FindAsync(CancellationToken cancellationToken) =>
        await ApiEndpoint.ResolveAsync(SluiceHome.FromEnvironment(), null, cancellationToken).ConfigureAwait(false) ?? new(ApiEndpoint.DefaultUrl);

    /// <summary>The credentials for a URL that is not one of the API's own methods: only URLs below the API get them.</summary>
    public static AuthenticationHeaderValue? AuthorizationFor(ApiEndpoint endpoint, Uri url) =>
        !url.AbsoluteUri.StartsWith(endpoint.Url + "/", StringComparison.OrdinalIgnoreCase) ? null
        : endpoint.AuthString is { } authString ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(authString)))
        : endpoint.ApiKey is { } key ? new("Bearer", key)
        : null;
}
