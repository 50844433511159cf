using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Sluice.Orchestration.Tests.Contract.ApiDoors))]

namespace Sluice.Orchestration.Tests.Contract;

/// <summary>
/// The ways to one API, all of which must behave alike: the embedded store itself, the client through our server, the client through our server
/// without Sluice's own routes (so that it does what it does with a Prefect server), and, where SLUICE_TEST_PREFECT_API_URL names one, a real
/// Prefect 3 server.
/// </summary>
public sealed class ApiDoors : IAsyncDisposable
{
    public const string Store = "store";
    public const string Client = "client";
    public const string PrefectClient = "client as with Prefect";
    public const string Prefect = "Prefect";
    private static readonly string? PrefectUrl = Environment.GetEnvironmentVariable("SLUICE_TEST_PREFECT_API_URL");
    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, IOrchestrationApi> _open = [];
    private readonly List<IAsyncDisposable> _hosts = [];

    /// <summary>Every door's name.</summary>
    public static string[] Names { get; } = PrefectUrl is null ? [Store, Client, PrefectClient] : [Store, Client, PrefectClient, Prefect];

    /// <summary>Every door.</summary>
    public static TheoryData<string> All { get; } = new(Names);

    /// <summary>The doors that offer Sluice's own extensions.</summary>
    public static TheoryData<string> Sluice { get; } = new(Store, Client);

    /// <summary>The doors that lead to our own store.</summary>
    public static TheoryData<string> Ours { get; } = new(Store, Client, PrefectClient);

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

            return api;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
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

    private async Task<IOrchestrationApi> ConnectAsync(string door)
    {
        if (door == Prefect)
        {
            return new HttpOrchestrationApi(new ApiEndpoint(PrefectUrl!));
        }

        IOrchestrationApi store = await EmbeddedApi.OpenAsync(new SluiceHome(_folder[door]), TimeProvider.System, CancellationToken.None);
        if (door == Store)
        {
            return store;
        }

        ApiHost host = await ApiHost.StartAsync(store, new ApiHostOptions { Token = "a token", PrefectOnly = door == PrefectClient }, CancellationToken.None);
        _hosts.Add(store);
        _hosts.Add(host);
        return new HttpOrchestrationApi(new ApiEndpoint(host.Url.ToString(), "a token"));
    }
}
