using Sluice.Cli.Migration;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests.Migration;

/// <summary>Servers that can be migrated from and to, each with a database of its own.</summary>
internal sealed class MigrationDoors : IAsyncDisposable
{
    public const string Embedded = "embedded";
    public const string Sluice = "Sluice server";
    public const string Prefect3 = "Prefect 3";
    public const string Prefect2 = "Prefect 2.10";

    private readonly TempFolder _folder = new();
    private readonly Stack<IAsyncDisposable> _open = [];

    /// <summary>Every way from one to another.</summary>
    public static TheoryData<string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string>();
            string[] doors = [Embedded, Sluice, Prefect3];
            foreach (string from in doors)
            {
                foreach (string to in doors)
                    ways.Add(from, to);
            }
            return ways;
        }
    }

    /// <summary>The home of whoever copies, which holds the journals.</summary>
    public SluiceHome Home => new(_folder["home"]);

    /// <summary>The Prefect servers that were opened, in order.</summary>
    public List<PrefectServer> Prefects { get; } = [];

    public async Task<MigrationSide> OpenAsync(string door)
    {
        if (door is Prefect3 or Prefect2)
        {
            var options = new PrefectServerOptions { ApiKey = "a token" };
            Prefects.Add(door == Prefect3 ? await Prefect3Server.StartAsync(options) : await Prefect2Server.StartAsync(options));
            _open.Push(Prefects[^1]);
            return await ConnectAsync(Prefects[^1].Endpoint, door);
        }
        IOrchestrationApi store = await EmbeddedApi.OpenAsync(new SluiceHome(_folder[$"{_open.Count}"]), TimeProvider.System, CancellationToken.None);
        _open.Push(store);
        if (door == Embedded)
            return await MigrationSide.OpenAsync(store, door, CancellationToken.None);
        ApiHost host = await ApiHost.StartAsync(store, new() { Token = "a token" }, CancellationToken.None);
        _open.Push(host);
        return await ConnectAsync(new(host.Url.AbsoluteUri, "a token"), door);
    }

    private Task<MigrationSide> ConnectAsync(ApiEndpoint endpoint, string door)
    {
        var client = new HttpOrchestrationApi(endpoint);
        _open.Push(client);
        return MigrationSide.OpenAsync(client, door, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out IAsyncDisposable? open))
            await open.DisposeAsync();
        _folder.Dispose();
    }
}
