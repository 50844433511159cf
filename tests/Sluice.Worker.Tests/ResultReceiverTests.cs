using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Storage;
using Sluice.Storage.Results;
using Sluice.Testing;
using Sluice.Worker.Results;

namespace Sluice.Worker.Tests;

/// <summary>The worker's own address for results of runs whose store signs nothing.</summary>
public sealed class ResultReceiverTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<string> _lines = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_result_of_any_size_is_streamed_into_the_store_and_its_repetition_is_the_same_result()
    {
        await using ResultReceiver receiver = Start();
        ResultLocation place = Place("first");
        (Uri url, IAsyncDisposable end) = receiver.Open(place);
        byte[] json = Encoding.UTF8.GetBytes($"\"{new string('x', 20_000_000)}\"");
        using var http = new HttpClient();

        for (int i = 0; i < 2; i++)
            (await http.PutAsync(url, new ByteArrayContent(json), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent, "the answer may get lost on its way");

        File.ReadAllBytes(FileOf(place)).ShouldBe(json);
        (await http.PutAsync(url, new ByteArrayContent([1]), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Conflict, "another result is not the same");
        File.ReadAllBytes(FileOf(place)).ShouldBe(json);
        await end.DisposeAsync();
    }

    [Fact]
    public async Task An_address_is_one_runs_and_ends_with_it()
    {
        await using ResultReceiver receiver = Start();
        (Uri first, IAsyncDisposable firstEnds) = receiver.Open(Place("first"));
        (Uri second, IAsyncDisposable _) = receiver.Open(Place("second"));
        first.Segments[^1].Length.ShouldBe(64);
        first.ShouldNotBe(second);
        using var http = new HttpClient();
        await firstEnds.DisposeAsync();

        (await http.PutAsync(first, new StringContent("1"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "a program that outlived its run writes nothing");
        (await http.PutAsync(new Uri(second, "guessed"), new StringContent("1"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync(second, Cancel)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        Directory.Exists(_folder["store"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_result_that_is_cut_short_is_not_stored()
    {
        await using ResultReceiver receiver = Start();
        ResultLocation place = Place("first");
        (Uri url, IAsyncDisposable _) = receiver.Open(place);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, url.Port, Cancel);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT {url.AbsolutePath} HTTP/1.1\r\nHost: 127.0.0.1:{url.Port}\r\nContent-Length: 1000\r\n\r\n\"half"), Cancel);
            client.Client.Shutdown(SocketShutdown.Send);
            // Until the receiver has answered or hung up.
            byte[] answer = new byte[4096];
            try
            {
                while (await stream.ReadAsync(answer, Cancel) > 0)
                {
                }
            }
            catch (IOException)
            {
                // It hung up.
            }
        }

        File.Exists(FileOf(place)).ShouldBeFalse();
        using var http = new HttpClient();
        (await http.PutAsync(url, new StringContent("\"whole\""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent, "the next try is taken");
        File.ReadAllText(FileOf(place)).ShouldBe("\"whole\"");
    }

    [Fact]
    public async Task A_store_that_fails_is_said_to_the_program_that_tells_it_in_its_log()
    {
        await using ResultReceiver receiver = Start();
        _folder.Write("store", "a file where a folder should be");
        (Uri url, IAsyncDisposable _) = receiver.Open(Place("first"));
        using var http = new HttpClient();

        HttpResponseMessage response = await http.PutAsync(url, new StringContent("1"), Cancel);

        ((int)response.StatusCode).ShouldBe(422);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("is a file: name a folder");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
    }

    private ResultReceiver Start() => ResultReceiver.Start(StorageSources.Environment, _lines.Enqueue);

    private ResultLocation Place(string name) => new(StoreUri.OfFolder(_folder["store"]), $"results/flow/{name}.json");

    private string FileOf(ResultLocation place) => _folder["store", "results", "flow", Path.GetFileName(place.Key)];
}
