using System.Reflection;
using Sluice.Orchestration;

namespace Sluice.Tests;

/// <summary>A real API with something that happens before, or in place of, a call: what cannot be had from a server at a wanted moment.</summary>
public class InterceptedApi : DispatchProxy
{
    private IOrchestrationApi _inner = null!;
    private Func<string, object?[], object?> _before = null!;

    /// <summary>Wraps an API.</summary>
    /// <param name="inner">What answers.</param>
    /// <param name="before">Gets the method's name and arguments; what it returns is the call's task, null passes the call on.</param>
    public static IOrchestrationApi Over(IOrchestrationApi inner, Func<string, object?[], object?> before)
    {
        IOrchestrationApi api = Create<IOrchestrationApi, InterceptedApi>();
        InterceptedApi intercepted = (InterceptedApi)api;
        intercepted._inner = inner;
        intercepted._before = before;
        return api;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _before(targetMethod!.Name, args!) ?? targetMethod.Invoke(_inner, args);
}
