using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Testing;

namespace Sluice.Server.Tests.Live;

/// <summary>Many subscribers, many events, readers that do not read, servers that die. The memory is the test program's, so no other test may run meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const int Subscribers = 200;
    private const int Events = 10_000;
    private const int Kinds = 40;

    /// <summary>
    /// 200 subscribers, 10,000 events: each gets its own in order, none twice, none lost, though one stands by and never reads. What the server holds does
    /// not grow with either.
    /// </summary>
    [Fact]
    public async Task Everybody_gets_everything_in_order_in_bounded_memory()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { SlowestReader = TimeSpan.FromMinutes(10) });
        await using LiveClient idle = await LiveClient.SubscribeAsync(server.Url);
        List<LiveClient> clients = [];
        try
        {
            for (int i = 0; i < Subscribers; i++)
                clients.Add(await LiveClient.SubscribeAsync(server.Url, i < 2 ? new { } : new { @event = new { prefix = new[] { $"k{i % Kinds}." } } }));
            Task<long>[] reading = [.. clients.Select((client, i) => Task.Run(() => ReadAsync(client, i < 2 ? null : i % Kinds)))];
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int batch = 0; batch < Events; batch += 200)
                await server.Api.CreateEventsAsync([.. Enumerable.Range(batch, 200).Select(i => LiveServer.Event(FormattableString.Invariant($"k{i % Kinds}.{i}")))], default);
            long frames = (await Task.WhenAll(reading)).Sum();
            frames.ShouldBe(2 * Events + (Subscribers - 2) * (Events / Kinds));
            // The window of 8 MB, and what the run time keeps of buffers.
            (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(48 << 20);
            server.Reports.ShouldBeEmpty();
        }
        finally
        {
            foreach (LiveClient client in clients)
                await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_that_stands_still_is_cut_off_and_others_are_not()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { SlowestReader = TimeSpan.FromSeconds(1) });
        await using LiveClient still = await LiveClient.SubscribeAsync(server.Url);
        await using LiveClient brisk = await LiveClient.SubscribeAsync(server.Url);
        JsonElement payload = JsonSerializer.SerializeToElement(new { text = new string('x', 400_000) });
        const int Count = 80; // more than the buffers of a connection hold, and few: a machine under load is done before the pings of a still reader run out
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
                await server.Api.CreateEventsAsync([LiveServer.Event($"big.{i}") with { Payload = payload }], default);
        });
        for (int i = 0; i < Count; i++)
            (await brisk.EventAsync()).GetProperty("event").GetString().ShouldBe($"big.{i}");
        await writing;
        await Until.TrueAsync(() => Task.FromResult(Told(server).Length > 0)); // the patience of the server runs out while nobody reads
        int read = 0;
        try
        {
            while (await still.ReceiveAsync() is not null)
                read++;
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            // Cut off without a close frame: none would have reached it.
        }
        read.ShouldBeLessThan(Count);
        Told(server).ShouldBe(["a reader of /api/events/out took nothing for 1 s and was cut off"]);
    }

    /// <summary>A server in a process of its own is killed while it serves; what happens meanwhile reaches the subscriber from the next one.</summary>
    [Fact]
    public async Task A_server_that_is_killed_loses_no_event_for_those_who_come_back()
    {
        await using Home home = await Home.OpenAsync();
        await using EmbeddedStore writer = await EmbeddedStore.OpenAsync(home.Where, TimeProvider.System, default);
        HashSet<string> seen = [];
        int made = 0;
        Task MakeAsync() => writer.CreateEventsAsync([LiveServer.Event($"made.{made++}")], default);
        object filter = new { @event = new { prefix = new[] { "made." } } };
        for (int life = 0; life < 3; life++)
        {
            await using ProgramRun server = ProgramRun.Start(Child.Program, ["child", "serve", home.Where.Root]);
            Uri url = new((await server.WaitForLineAsync(line => line.StartsWith("http", StringComparison.Ordinal), TimeSpan.FromMinutes(1))).Trim());
            await using LiveClient client = await LiveClient.SubscribeAsync(url, filter);
            int until = made + 25;
            while (made < until)
                await MakeAsync();
            while (seen.Count < made)
                seen.Add((await client.EventAsync()).GetProperty("event").GetString()!);
            server.Process.Kill();
            await server.WaitForExitAsync(TimeSpan.FromMinutes(1));
            for (int i = 0; i < 10; i++)
                await MakeAsync();
        }
        seen.Count.ShouldBe(made - 10, "all but those after the last server's death");
    }

    private static string[] Told(LiveServer server)
    {
        lock (server.Reports)
            return [.. server.Reports];
    }

    private static async Task<long> ReadAsync(LiveClient client, int? kind)
    {
        long count = 0;
        int step = kind is null ? 1 : Kinds;
        for (int next = kind ?? 0; next < Events; next += step, count++)
            (await client.EventAsync()).GetProperty("event").GetString().ShouldBe(FormattableString.Invariant($"k{next % Kinds}.{next}"));
        return count;
    }
}

/// <summary>Tests that run when no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
