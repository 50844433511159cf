using System.Security.Cryptography;
using Sluice.Cli.Services;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Cli.Connection;

/// <summary>An API as flow programs reach it: its URL and the credentials they get in their environment.</summary>
internal sealed class ChildApi(Uri url, IReadOnlyDictionary<string, string> environment, ApiHost? host) : IAsyncDisposable
{
    public Uri Url { get; } = url;

    public IReadOnlyDictionary<string, string> Environment { get; } = environment;

    /// <summary>A server that children reach as this program does.</summary>
    public static ChildApi Of(ApiEndpoint server)
    {
        var environment = new Dictionary<string, string>();
        if (server.ApiKey is { } key)
            environment[ApiEndpoint.KeyVariable] = key;
        if (server.AuthString is { } authString)
            environment[ApiEndpoint.AuthStringVariable] = authString;
        return new(new(server.Url), environment, null);
    }

    /// <summary>Hosts the embedded API on a free loopback port, with a token made for this host alone.</summary>
    public static async Task<ChildApi> HostAsync(IOrchestrationApi api, SluiceHome home, CancellationToken cancellationToken)
    {
        string token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        ApiHost host = await ApiHost.StartAsync(api, new() { Port = 0, Token = token, ResultsFolder = ResultsFolder(home), CopyResult = StoredResults.Of(api) }, cancellationToken);
        // A password meant for another server would win over the token.
        return new(host.Url, new Dictionary<string, string> { [ApiEndpoint.KeyVariable] = token, [ApiEndpoint.AuthStringVariable] = "" }, host);
    }

    /// <summary>Where a host of this home keeps persisted results.</summary>
    public static string ResultsFolder(SluiceHome home) => Path.Combine(home.Storage, "results");

    public ValueTask DisposeAsync() => host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
