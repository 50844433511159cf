using Sluice.Server.Events;

namespace Sluice.Server.Tests.Live;

/// <summary>The window that all subscribers of a server share.</summary>
public sealed class LiveFeedTests
{
    /// <summary>If it ended, every subscriber would wait for ever.</summary>
    [Fact]
    public async Task No_error_ends_the_feed()
    {
        List<string> reports = [];
        int reads = 0;
        var feed = new LiveFeed<int>(
            (_, _, _) => Interlocked.Increment(ref reads) <= 2 ? throw new InvalidOperationException("unreadable") : Task.FromResult<IReadOnlyList<LiveItem<int>>>([new(1, 1, [])]),
            _ => Task.FromResult(0L),
            async (after, _, ended) =>
            {
                if (after != 0)
                    await Task.Delay(Timeout.Infinite, ended);
                return 1;
            },
            reports.Add);
        long place = await feed.JoinAsync(default);
        (await feed.NextAsync(place, default).WaitAsync(TimeSpan.FromSeconds(60))).ShouldHaveSingleItem().Value.ShouldBe(1);
        feed.Leave();
        reports.ShouldHaveSingleItem().ShouldContain("unreadable");
    }

    [Theory]
    [InlineData(5_000, 100)]
    [InlineData(2_000, 100_000)]
    public async Task The_window_is_bounded_and_who_falls_behind_it_loses_nothing(int count, int bytes)
    {
        var table = new List<LiveItem<int>>();
        long change = 0;
        int reads = 0;
        var feed = new LiveFeed<int>(
            (after, limit, _) =>
            {
                Interlocked.Increment(ref reads);
                lock (table)
                    return Task.FromResult<IReadOnlyList<LiveItem<int>>>([.. table.Skip((int)after).Take(limit)]);
            },
            _ => Task.FromResult(0L),
            async (after, _, cancellationToken) =>
            {
                while (Interlocked.Read(ref change) == after)
                    await Task.Delay(1, cancellationToken);
                return Interlocked.Read(ref change);
            },
            _ => { });
        long slow = await feed.JoinAsync(default), quick = await feed.JoinAsync(default);
        int seen = 0;
        for (int i = 1; i <= count; i++)
        {
            lock (table)
                table.Add(new(i, i, new byte[bytes]));
            Interlocked.Increment(ref change);
            if (i % 100 != 0)
                continue;
            while (seen < i)
            {
                foreach (LiveItem<int> item in await feed.NextAsync(quick, default))
                {
                    item.Value.ShouldBe(++seen);
                    quick = item.Seq;
                }
            }
            (int items, long held, _) = feed.Held;
            items.ShouldBeLessThanOrEqualTo(LiveFeed<int>.MaxItems);
            held.ShouldBeLessThanOrEqualTo(LiveFeed<int>.MaxBytes);
        }
        int before = reads;
        for (int expected = 1; expected <= count;)
        {
            foreach (LiveItem<int> item in await feed.NextAsync(slow, default))
            {
                item.Value.ShouldBe(expected++);
                slow = item.Seq;
            }
        }
        reads.ShouldBeGreaterThan(before, "what the window no longer holds is read again");
        feed.Leave();
        feed.Leave();
        feed.Held.ShouldBe((0, 0L, 0));
    }
}
