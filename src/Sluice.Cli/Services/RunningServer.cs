using System.Net;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Cli.Services;

/// <summary>The server of this process: endpoints that listen, and the record that tells others where.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ApiHost _host;
    private readonly ServerRecord _record;
    private readonly SluiceHome _home;

    private RunningServer(ApiHost host, ServerRecord record, SluiceHome home, ApiEndpoint endpoint)
    {
        _host = host;
        _record = record;
        _home = home;
        Endpoint = endpoint;
    }

    /// <summary>Where programs of this machine reach it, and with what.</summary>
    public ApiEndpoint Endpoint { get; }

    public static async Task<RunningServer> StartAsync(Invocation call, IOrchestrationApi api, ServerAddress address, CancellationToken cancellationToken)
    {
        string? authString = call.Settings[CliSettings.ServerAuthString];
        if (authString is not null && !authString.Contains(':'))
            throw CliException.BadUsage($"{CliSettings.ServerAuthString} is not of the form user:password");
        if (!IsLoopback(address.Host) && authString is null && !address.AllowUnauthenticated)
        {
            throw CliException.BadUsage($"--host {address.Host} would let anybody on the network run programs here: set {CliSettings.ServerAuthString}=user:password"
                + $" (clients then need {CliSettings.ApiAuthString}), or write --allow-unauthenticated");
        }
        ApiHost host = await ApiHost.StartAsync(
            api, new() { Host = address.Host, Port = address.Port, AuthString = authString, ResultsFolder = ChildApi.ResultsFolder(call.Home) }, cancellationToken);
        var endpoint = new ApiEndpoint(host.Url.AbsoluteUri, apiKey: null, authString);
        var record = new ServerRecord
        {
            Url = endpoint.Url,
            Pid = Environment.ProcessId,
            Started = DateTimeOffset.FromUnixTimeSeconds(call.Now.ToUnixTimeSeconds()),
            Version = ProductVersion.Text,
            AuthString = authString,
        };
        record.Write(call.Home);
        return new(host, record, call.Home, endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _record.Delete(_home);
        await _host.DisposeAsync();
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
}

/// <summary>Where a server is to listen.</summary>
internal sealed record ServerAddress(string Host, int Port, bool AllowUnauthenticated);
