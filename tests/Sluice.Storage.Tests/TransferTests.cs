using System.Net;
using System.Net.Http.Headers;
using Sluice.Storage.Packages;
using Sluice.Storage.Remote;
using Sluice.Testing;

namespace Sluice.Storage.Tests;

/// <summary>How long transfers wait, by a clock that the test moves.</summary>
public sealed class TransferTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "7", 7)]
    [InlineData(503, "3600", 30)]
    [InlineData(429, "date", 7)]
    public async Task Retry_After_is_waited_for_up_to_a_bound_and_told_to_nobody_else(int status, string after, int seconds)
    {
        using var handler = new ThrottleHandler(_time) { InnerHandler = new Answers(() => Busy(status, after)) };
        using var client = new HttpMessageInvoker(handler);
        Task<HttpResponseMessage> answer = client.SendAsync(new(HttpMethod.Get, "http://server/"), Cancel);

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        answer.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1.1));
        HttpResponseMessage response = await answer.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, "SDKs try this one again");
        response.Headers.RetryAfter.ShouldBeNull();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("nonsense")]
    [InlineData("past")]
    public async Task A_Retry_After_of_no_time_is_not_waited_for(string after)
    {
        using var handler = new ThrottleHandler(_time) { InnerHandler = new Answers(() => Busy(503, after)) };
        using var client = new HttpMessageInvoker(handler);
        (await client.SendAsync(new(HttpMethod.Get, "http://server/"), Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Waiting_for_Retry_After_is_cancelled_at_once()
    {
        using var handler = new ThrottleHandler(_time) { InnerHandler = new Answers(() => Busy(503, "20")) };
        using var client = new HttpMessageInvoker(handler);
        using var cancel = new CancellationTokenSource();
        Task<HttpResponseMessage> answer = client.SendAsync(new(HttpMethod.Get, "http://server/"), cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => answer.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task A_slow_upload_takes_as_long_as_it_needs_while_something_moves()
    {
        var steps = new SemaphoreSlim(0);
        var moved = new SemaphoreSlim(0);
        using var client = new HttpMessageInvoker(new StallHandler(_time) { InnerHandler = new Reads() });
        Task<HttpResponseMessage> answer = client.SendAsync(new(HttpMethod.Put, "http://server/") { Content = new Slow(steps, moved, 20) }, Cancel);
        for (int step = 0; step < 20; step++)
        {
            // Twenty minutes in all; a whole request is bounded by nothing.
            _time.Advance(StallHandler.Longest - TimeSpan.FromSeconds(1));
            steps.Release();
            (await moved.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).ShouldBeTrue();
        }
        (await answer.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_upload_on_which_nothing_moves_is_given_up()
    {
        var moved = new SemaphoreSlim(0);
        using var client = new HttpMessageInvoker(new StallHandler(_time) { InnerHandler = new Reads() });
        Task<HttpResponseMessage> answer = client.SendAsync(new(HttpMethod.Put, "http://server/") { Content = new Slow(new(1), moved, 2) }, Cancel);
        (await moved.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).ShouldBeTrue();
        _time.Advance(StallHandler.Longest + TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<HttpRequestException>(() => answer.WaitAsync(TimeSpan.FromSeconds(30), Cancel))).Message.ShouldContain("nothing moved for 100 seconds");
    }

    [Fact]
    public async Task A_slow_download_takes_as_long_as_it_needs_and_a_silent_one_is_asked_for_again()
    {
        var arrivals = System.Threading.Channels.Channel.CreateUnbounded<int>();
        var asked = new List<long>();
        await using var stream = new ResumingStream(
            (offset, _) =>
            {
                asked.Add(offset);
                return Task.FromResult<Stream>(new MemoryStream(new byte[100 - offset]));
            },
            new Trickle(arrivals.Reader), 100, _ => new StorageException(StorageErrorKind.Unavailable, "broke"), _time);
        byte[] buffer = new byte[10];
        for (int read = 0; read < 5; read++)
        {
            ValueTask<int> reading = stream.ReadAsync(buffer, Cancel);
            _time.Advance(TimeSpan.FromSeconds(29));
            arrivals.Writer.TryWrite(10).ShouldBeTrue();
            (await reading.AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel)).ShouldBe(10);
        }
        asked.ShouldBeEmpty();

        Task<int> silent = stream.ReadAsync(buffer, Cancel).AsTask();
        while (!silent.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            await Task.Yield();
        }
        (await silent).ShouldBe(10);
        asked.ShouldBe([50]);
    }

    [Fact]
    public void Progress_says_nothing_of_what_is_done_at_once_and_then_a_line_now_and_then()
    {
        var lines = new List<string>();
        var progress = new TransferProgress("Uploading to s3://bucket/flows", TimeSpan.FromSeconds(5), lines.Add, _time);
        progress.Report(new(1, 200, 0, 1_000_000, 100_000_000));
        lines.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(6));
        progress.Report(new(20, 200, 0, 23_400_000, 100_000_000));
        progress.Report(new(21, 200, 0, 24_000_000, 100_000_000));
        _time.Advance(TimeSpan.FromSeconds(5));
        progress.Report(new(20, 200, 0, 23_000_000, 100_000_000));
        progress.Report(new(90, 200, 0, 50_000_000, 100_000_000));
        lines.ShouldBe(["Uploading to s3://bucket/flows: 20 of 200 files, 23.4 of 100.0 MB", "Uploading to s3://bucket/flows: 90 of 200 files, 50.0 of 100.0 MB"]);
    }

    [Fact]
    public async Task Locks_let_readers_in_together_and_a_writer_alone()
    {
        using var locks = new KeyLocks();
        var inside = new TaskCompletionSource();
        var both = new CountdownEvent(2);
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(_ => locks.ReadAsync("key", async () => { both.Signal(); await inside.Task; return 0; }, Cancel))];
        both.Wait(TimeSpan.FromSeconds(30), Cancel).ShouldBeTrue();
        bool replaced = false;
        Task<bool> writer = locks.ReplaceAsync("key", () => Task.FromResult(replaced = true), Cancel);
        Task<bool> late = locks.ReadAsync("key", () => Task.FromResult(replaced), Cancel);
        writer.IsCompleted.ShouldBeFalse();
        late.IsCompleted.ShouldBeFalse("who comes after the writer waits for it");
        inside.SetResult();
        await Task.WhenAll(readers);
        (await writer).ShouldBeTrue();
        (await late).ShouldBeTrue();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpResponseMessage Busy(int status, string after)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        if (after is "date" or "past")
            response.Headers.RetryAfter = new RetryConditionHeaderValue(_time.GetUtcNow().AddSeconds(after == "date" ? 7 : -7));
        else
            response.Headers.TryAddWithoutValidation("Retry-After", after);
        return response;
    }

    private sealed class Answers(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }

    /// <summary>Takes the whole body, as a connection does.</summary>
    private sealed class Reads : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
            return new(HttpStatusCode.OK);
        }
    }

    private sealed class Slow(SemaphoreSlim steps, SemaphoreSlim moved, int count) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            for (int step = 0; step < count; step++)
            {
                await steps.WaitAsync(cancellationToken);
                await stream.WriteAsync(new byte[1000], cancellationToken);
                moved.Release();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Trickle(System.Threading.Channels.ChannelReader<int> arrivals) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => await arrivals.ReadAsync(cancellationToken);
    }
}
