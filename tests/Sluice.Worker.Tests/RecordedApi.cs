using System.Collections.Concurrent;
using System.Reflection;
using Sluice.Orchestration;

namespace Sluice.Worker.Tests;

/// <summary>Passes every call on to a real API and keeps its name; lets calls fail as a server that refuses them would.</summary>
public class RecordedApi : DispatchProxy
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly SemaphoreSlim _called = new(0);
    private IOrchestrationApi _api = null!;

    /// <summary>Says of a call, by its member's name and arguments, with what it fails; null where it does not.</summary>
    public Func<string, object?[], OrchestrationException?> Fault { get; set; } = (_, _) => null;

    /// <summary>What is done in place of a call, by its member's name and arguments; null passes it on.</summary>
    public Func<string, object?[], object?> Instead { get; set; } = (_, _) => null;

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
        if (Fault(targetMethod.Name, args ?? []) is { } fault)
            throw fault;
        return Instead(targetMethod.Name, args ?? []) ?? targetMethod.Invoke(_api, args);
    }
}
