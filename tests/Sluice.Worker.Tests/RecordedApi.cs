using System.Collections.Concurrent;
using System.Reflection;
using Sluice.Orchestration;

namespace Sluice.Worker.Tests;

/// <summary>Passes every call on to a real API and keeps its name.</summary>
public class RecordedApi : DispatchProxy
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly SemaphoreSlim _called = new(0);
    private IOrchestrationApi _api = null!;

    /// <summary>Wraps an API.</summary>
    public static (IOrchestrationApi Api, RecordedApi Record) Over(IOrchestrationApi api)
    {
        var proxy = Create<IOrchestrationApi, RecordedApi>();
        var record = (RecordedApi)(object)proxy;
        record._api = api;
        return (proxy, record);
    }

    /// <summary>How often a member was called.</summary>
    public int Count(string name) => _calls.Count(call => call == name);

    /// <summary>Waits until a member was called so often.</summary>
    public async Task WaitAsync(string name, int count)
    {
        while (Count(name) < count)
            (await _called.WaitAsync(WorkerBench.Bound)).ShouldBeTrue($"{name} was called {Count(name)} times only");
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Enqueue(targetMethod!.Name);
        _called.Release();
        return targetMethod.Invoke(_api, args);
    }
}
