using System.Text.Json;

namespace Sluice.Orchestration.Tests.Contract;

/// <summary>What the tests of the contract share. Every test makes objects of its own, since they all run on one store.</summary>
public abstract class ContractTest(ApiDoors doors)
{
    protected const string Daily = "0 6 * * *";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected Task<IOrchestrationApi> OpenAsync(string door) => doors.OpenAsync(door);

    /// <summary>A name that nothing else has.</summary>
    protected static string Unique(string prefix) => $"{prefix} {Guid.NewGuid():N} {ApiDoors.Mark}";

    /// <summary>Whether a door leads to a server of Prefect 2, which answers less.</summary>
    protected static Task<bool> IsPrefect2Async(string door, IOrchestrationApi api) => ApiDoors.IsPrefect2Async(door, api);

    protected static JsonElement Json(string json) => JsonElement.Parse(json);

    protected static Dictionary<string, JsonElement> Object(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    protected static async Task<OrchestrationException> FailsAsync(OrchestrationErrorKind kind, Func<Task> call)
    {
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(call);
        error.Kind.ShouldBe(kind, error.Message);
        error.Message.ShouldNotContain("\n");
        return error;
    }

    protected static Task<Flow> NewFlowAsync(IOrchestrationApi api) => api.EnsureFlowAsync(new FlowCreate { Name = Unique("flow") }, Cancel);

    protected static async Task<WorkPool> NewPoolAsync(IOrchestrationApi api) =>
        await api.CreateWorkPoolAsync(new WorkPoolCreate { Name = Unique("pool"), Type = "dotnet", BaseJobTemplate = Json("{}") }, Cancel);

    /// <summary>A deployment in a pool of its own.</summary>
    protected static async Task<Deployment> NewDeploymentAsync(IOrchestrationApi api, Func<DeploymentCreate, DeploymentCreate>? more = null)
    {
        DeploymentCreate create = new()
        {
            Name = Unique("deployment"),
            FlowId = (await NewFlowAsync(api)).Id,
            WorkPoolName = (await NewPoolAsync(api)).Name,
        };
        return await api.UpsertDeploymentAsync(more?.Invoke(create) ?? create, Cancel);
    }

    protected static DeploymentScheduleCreate Every(string cron, string? slug = null, bool? active = null) =>
        new() { Slug = slug, Active = active, Schedule = new() { Cron = cron, Timezone = "UTC" } };

    protected static async Task<FlowRun> NewRunAsync(IOrchestrationApi api, Guid deploymentId) =>
        await api.CreateDeploymentRunAsync(deploymentId, new DeploymentRunCreate(), Cancel);

    protected static Task<OrchestrationResult> ProposeAsync(IOrchestrationApi api, Guid run, StateType type, Func<StateCreate, StateCreate>? more = null)
    {
        StateCreate state = new() { Type = type };
        return api.SetFlowRunStateAsync(run, more?.Invoke(state) ?? state, default, Cancel);
    }

    protected static async Task<OrchestrationResult> AcceptAsync(IOrchestrationApi api, Guid run, StateType type, Func<StateCreate, StateCreate>? more = null)
    {
        OrchestrationResult result = await ProposeAsync(api, run, type, more);
        result.Status.ShouldBe(SetStateStatus.Accept, result.Details.Reason);
        return result;
    }
}
