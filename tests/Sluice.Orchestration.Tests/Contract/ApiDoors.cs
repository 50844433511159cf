using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;
using Sluice.Testing.Prefect;

[assembly: AssemblyFixture(typeof(Sluice.Orchestration.Tests.Contract.ApiDoors))]

namespace Sluice.Orchestration.Tests.Contract;

/// <summary>
/// The ways to one API, all of which must behave alike: the embedded store itself, the client through our server, the client on what stands in for a
/// Prefect 3 and a Prefect 2.10 server; or, where <c>SLUICE_TEST_PREFECT_API_URL</c> names one, the client on that server and nothing else.
/// </summary>
/// <remarks>
/// That server may be any of Prefect 2.10, Prefect 3 or Sluice; what it is, is asked. <c>SLUICE_TEST_PREFECT_API_KEY</c> and
/// <c>SLUICE_TEST_PREFECT_API_AUTH_STRING</c> open it. Everything that the tests make there has a mark in its name and is removed at the end.
/// </remarks>
public sealed class ApiDoors : IAsyncDisposable
{
    public const string Store = "store";
    public const string Client = "client";
    public const string Prefect3 = "client on Prefect 3";
    public const string Prefect2 = "client on Prefect 2.10";
    public const string Given = "given server";
    public const string UrlVariable = "SLUICE_TEST_PREFECT_API_URL";
    private static readonly string? s_url = Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url ? url : null;
    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, IOrchestrationApi> _open = [];
    private readonly List<IAsyncDisposable> _hosts = [];

    /// <summary>What every name that a test makes up contains.</summary>
    public static string Mark { get; } = $"sluicecontract{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Every door's name.</summary>
    public static string[] Names { get; } = s_url is null ? [Store, Client, Prefect3, Prefect2] : [Given];

    /// <summary>The doors that offer Sluice's own extensions.</summary>
    public static TheoryData<string> Sluice { get; } = new(Store, Client);

    /// <summary>The doors that lead to our own store as it is.</summary>
    public static TheoryData<string> Ours { get; } = new(Store, Client, Prefect3);

    /// <summary>Opens a door. Where it leads to a server of Prefect 2, which lacks what the running test is about, the test is skipped with the reason.</summary>
    public async Task<IOrchestrationApi> OpenAsync(string door)
    {
        await _opening.WaitAsync();
        try
        {
            if (!_open.TryGetValue(door, out IOrchestrationApi? api))
            {
                api = await ConnectAsync(door);
                _open.Add(door, api);
            }

            if (await IsPrefect2Async(door, api))
            {
                Prefect2Lacks.Skip();
            }

            return api;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Whether a door leads to a server of Prefect 2.</summary>
    public static async Task<bool> IsPrefect2Async(string door, IOrchestrationApi api) =>
        door == Prefect2 || (door == Given && (await api.GetInfoAsync(CancellationToken.None)).IsPrefect2);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_open.TryGetValue(Given, out IOrchestrationApi? given))
            {
                await PrefectCleaning.RemoveAsync(given, Mark, CancellationToken.None);
            }
        }
        finally
        {
            foreach (IOrchestrationApi api in _open.Values.Reverse())
            {
                await api.DisposeAsync();
            }

            foreach (IAsyncDisposable host in Enumerable.Reverse(_hosts))
            {
                await host.DisposeAsync();
            }

            _folder.Dispose();
        }
    }

    private async Task<IOrchestrationApi> ConnectAsync(string door)
    {
        switch (door)
        {
            case Given:
                return new HttpOrchestrationApi(new ApiEndpoint(
                    s_url!, Environment.GetEnvironmentVariable("SLUICE_TEST_PREFECT_API_KEY"), Environment.GetEnvironmentVariable("SLUICE_TEST_PREFECT_API_AUTH_STRING")));
            case Prefect3 or Prefect2:
                PrefectServer server = door == Prefect2
                    ? await Prefect2Server.StartAsync(new() { ApiKey = "a token" })
                    : await Prefect3Server.StartAsync(new() { ApiKey = "a token" });
                _hosts.Add(server);
                return new HttpOrchestrationApi(server.Endpoint);
        }

        IOrchestrationApi store = await EmbeddedApi.OpenAsync(new SluiceHome(_folder[door]), TimeProvider.System, CancellationToken.None);
        if (door == Store)
        {
            return store;
        }

        ApiHost host = await ApiHost.StartAsync(store, new ApiHostOptions { Token = "a token" }, CancellationToken.None);
        _hosts.Add(store);
        _hosts.Add(host);
        return new HttpOrchestrationApi(new ApiEndpoint(host.Url.ToString(), "a token"));
    }
}
