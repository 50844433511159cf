using Sluice.Orchestration;

namespace Sluice.Worker.Tests;

/// <summary>What the worker holds in memory. It is the test program's, so no other test may run meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class OutputMemoryTests
{
    [Fact]
    public async Task A_hundred_megabytes_of_output_are_stored_and_do_not_grow_the_worker()
    {
        const int Megabytes = 100;
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync($"noise {Megabytes}");
        await using BenchWorker worker = bench.Work();
        await bench.WaitForAsync(id, StateType.Running);
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
        Task end = EndAsync();
        while (!end.IsCompleted)
        {
            await Task.WhenAny(end, Task.Delay(500));
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
        }

        await end;
        (await bench.Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [id] } }, Offset = (Megabytes * 10_000) - 1 }, default)).Count.ShouldBe(1);
        (most - before).ShouldBeLessThan(30_000_000);

        async Task EndAsync()
        {
            await bench.WaitForEndAsync(id);
            worker.Stop();
            await worker.Ended;
        }
    }
}

/// <summary>Tests that run when no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
