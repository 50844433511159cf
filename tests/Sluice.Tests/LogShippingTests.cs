using System.Text;
using Sluice.Orchestration;
using Sluice.Runtime.Logs;

namespace Sluice.Tests;

public sealed class LogShippingTests
{
    [Fact]
    public async Task A_hundred_megabytes_of_logs_arrive_whole_and_in_order()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Log", """{"records":1000,"bytes":100000}""");

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        IReadOnlyList<Log> logs = await server.LogsAsync(run.Id);
        logs.Count.ShouldBe(1000);
        logs.Sum(log => (long)log.Message.Length).ShouldBe(100_000_000);
        logs.Select(log => int.Parse(log.Message.AsSpan(0, 8), System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(Enumerable.Range(0, 1000));
    }

    [Theory]
    [InlineData('x', 999_900)]
    [InlineData('ü', 333_300)]
    [InlineData('漢', 333_300)]
    public void A_message_over_a_megabyte_is_cut_and_says_so(char letter, int kept)
    {
        string fit = LogShipper.Fit(new string(letter, 1_200_000), out int bytes);

        Encoding.UTF8.GetByteCount(fit).ShouldBe(bytes);
        bytes.ShouldBeLessThanOrEqualTo(LogShipper.MaxMessageBytes);
        fit.ShouldEndWith($"… [{1_200_000 - kept} more characters were cut]");
    }

    [Fact]
    public void A_cut_never_splits_a_character()
    {
        string fit = LogShipper.Fit(string.Concat(Enumerable.Repeat("a😀", 400_000)), out _);

        fit.ShouldNotContain('\uFFFD');
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(fit)).ShouldBe(fit);
    }

    [Fact]
    public void What_PostgreSQL_cannot_keep_is_replaced() => LogShipper.Fit("a\0b", out _).ShouldBe("a\uFFFDb");

    [Fact]
    public async Task A_batch_holds_at_most_a_thousand_records_and_two_megabytes()
    {
        List<IReadOnlyList<LogCreate>> batches = [];
        LogShipper shipper = new(Guid.NewGuid(), batch =>
        {
            batches.Add(batch);
            return Task.CompletedTask;
        }, TimeProvider.System);
        for (int record = 0; record < 2500; record++)
        {
            shipper.Write(new(DateTimeOffset.UtcNow, Microsoft.Extensions.Logging.LogLevel.Information, "test", new string('x', record < 1250 ? 10 : 10_000)));
        }

        (await shipper.FlushAsync()).ShouldBe(0);

        batches.Sum(batch => batch.Count).ShouldBe(2500);
        batches.Max(batch => batch.Count).ShouldBeLessThanOrEqualTo(1000);
        batches.Max(batch => batch.Sum(log => log.Message.Length)).ShouldBeLessThanOrEqualTo(LogShipper.MaxBatchBytes);
        batches.SelectMany(batch => batch).Select(log => log.Message.Length).ShouldBe(Enumerable.Range(0, 2500).Select(record => record < 1250 ? 10 : 10_000));
    }

    [Fact]
    public async Task A_log_call_waits_while_too_much_is_queued()
    {
        TaskCompletionSource sent = new();
        LogShipper shipper = new(Guid.NewGuid(), _ => sent.Task, TimeProvider.System);
        int written = 0;
        Task writer = Task.Run(() =>
        {
            for (; written < 200; written++)
            {
                shipper.Write(new(DateTimeOffset.UtcNow, Microsoft.Extensions.Logging.LogLevel.Information, "test", new string('x', 100_000)));
            }
        });

        // The writer gets as far as the queue is long, and no further until something is sent.
        SpinWait.SpinUntil(() => Volatile.Read(ref written) >= 79, TestServer.Bound).ShouldBeTrue();
        await Task.WhenAny(writer, Task.Delay(300));
        writer.IsCompleted.ShouldBeFalse();
        written.ShouldBeLessThanOrEqualTo(81);

        sent.SetResult();
        await writer.WaitAsync(TestServer.Bound);
        (await shipper.FlushAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Records_that_were_refused_for_good_are_told_of_where_they_are_missing()
    {
        List<string> arrived = [];
        bool refuse = true;
        LogShipper shipper = new(Guid.NewGuid(), batch =>
        {
            if (refuse)
            {
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, "too long");
            }

            arrived.AddRange(batch.Select(log => log.Message));
            return Task.CompletedTask;
        }, TimeProvider.System);

        Write("one");
        Write("two");
        (await shipper.FlushAsync()).ShouldBe(2);
        refuse = false;
        Write("three");
        (await shipper.FlushAsync()).ShouldBe(0);

        arrived.ShouldBe(["2 log records are missing here: too long", "three"]);

        void Write(string message) => shipper.Write(new(DateTimeOffset.UtcNow, Microsoft.Extensions.Logging.LogLevel.Information, "test", message));
    }
}
