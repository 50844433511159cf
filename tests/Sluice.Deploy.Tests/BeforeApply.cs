using System.Reflection;
using Sluice.Orchestration;

namespace Sluice.Deploy.Tests;

/// <summary>A real API with something that happens just before deployments are applied: what somebody else does at that moment.</summary>
public class BeforeApply : DispatchProxy
{
    private IOrchestrationApi _inner = null!;
    private Func<Task> _before = null!;

    /// <summary>Wraps an API.</summary>
    public static IOrchestrationApi Of(IOrchestrationApi inner, Func<Task> before)
    {
        IOrchestrationApi api = Create<IOrchestrationApi, BeforeApply>();
        var wrapped = (BeforeApply)api;
        (wrapped._inner, wrapped._before) = (inner, before);
        return api;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IOrchestrationApi.ApplyAsync) ? ApplyAsync((DeploymentChanges)args![0]!, args is [_, IApplyJournal journal, _] ? journal : null, (CancellationToken)args[^1]!) : targetMethod.Invoke(_inner, args);

    private async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, IApplyJournal? journal, CancellationToken cancellationToken)
    {
        await _before();
        return await _inner.ApplyAsync(changes, journal, cancellationToken);
    }
}
