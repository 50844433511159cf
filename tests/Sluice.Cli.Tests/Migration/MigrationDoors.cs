using Sluice.Cli.Migration;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Cli.Tests.Migration;

/// <summary>Servers that can be migrated from and to, each with a database of its own.</summary>
internal sealed class MigrationDoors : IAsyncDisposable
{
    public const string Embedded = "embedded";
    public const string Sluice = "Sluice server";
    public const string Prefect3 = "as Prefect 3";

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

    public async Task<MigrationSide> OpenAsync(string door)
    {
        IOrchestrationApi store = await EmbeddedApi.OpenAsync(new SluiceHome(_folder[$"{_open.Count}"]), TimeProvider.System, CancellationToken.None);
        _open.Push(store);
        if (door == Embedded)
            return await MigrationSide.OpenAsync(store, door, CancellationToken.None);
        ApiHost host = await ApiHost.StartAsync(store, new() { Token = "a token", PrefectOnly = door == Prefect3 }, CancellationToken.None);
        _open.Push(host);
        var client = new HttpOrchestrationApi(new ApiEndpoint(host.Url.AbsoluteUri, "a token"));
        _open.Push(client);
        return await MigrationSide.OpenAsync(client, door, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out IAsyncDisposable? open))
            await open.DisposeAsync();
        _folder.Dispose();
    }
}
