using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Applies all that one publish changes, in the transaction of its scope.</summary>
/// <remarks>What stands already as it is to be is neither touched nor a conflict: a call that is repeated because its answer was lost finds its own work.</remarks>
internal sealed class ChangeSet(Scope scope, DeploymentChanges changes)
{
    private const int NamesInMessage = 5;
    private const string FlowLabel = "prefect.flow.id";
    private static readonly IReadOnlyDictionary<string, JsonElement> _none = new Dictionary<string, JsonElement>();

    private readonly HashSet<Guid> _standing = [];
    private readonly List<string> _changed = [], _gone = [];

    public IReadOnlyList<DeploymentApplied> Apply()
    {
        Dictionary<Guid, (DateTimeOffset Updated, string Name)> live = Seen();
        foreach (WorkPoolCreate pool in changes.WorkPools)
        {
            if (WorkPools.Find(scope, pool.Name) is null)
                WorkPools.Create(scope, pool);
        }
        // Those that go first, and names that are given up, so that others may take them.
        foreach (Guid id in changes.Deleted)
            Deployments.Delete(scope, id);
        Dictionary<Guid, Deployment> moved = GiveUpNames();
        DeploymentApplied[] applied = [.. changes.Deployments.Select((apply, i) => Apply(apply, apply.Id is { } id ? moved[id] : null, $"body.deployments.{i}"))];
        foreach (Guid id in changes.Paused)
        {
            if (changes.Seen.ContainsKey(id) && !live.ContainsKey(id))
                throw Gone(id.ToString());
            if (Deployments.Get(scope, id).Paused)
                _standing.Add(id);
            else
                Deployments.SetPaused(scope, id, true, isPrune: true);
        }
        CheckSeen(live);
        return applied;
    }

    private DeploymentApplied Apply(DeploymentApply apply, Deployment? moved, string at)
    {
        DeploymentCreate body = apply.Deployment;
        Flow flow = Flows.Ensure(scope, new() { Name = apply.FlowName, Tags = apply.FlowTags });
        Deployment? named = Deployments.Find(scope, flow.Id, body.Name);
        string name = $"\"{apply.FlowName}/{body.Name}\"";
        if (named is not null && moved is not null && named.Id != moved.Id)
            throw Refuse.Conflict($"The deployment {moved.Id} cannot become {name}: another one has that name. Nothing was applied.");

        Deployment? live = moved ?? named;
        Deployment start = live ?? Deployments.New(scope, flow, body.Name);
        if (start.FlowId != flow.Id)
            start = start with { FlowId = flow.Id, Labels = Deployments.OfFlow(flow, start.Labels.Where(label => label.Key != FlowLabel).ToDictionary()) };
        Deployment next = Cleared(flow, Deployments.Merge(scope, flow, start with { Name = body.Name }, body, isNew: live is null), apply, at);
        Deployments.Check(scope, next, body.EnforceParameterSchema == true, $"Error creating deployment {name}", $"{at}.deployment");
        bool changed = live is null || DeploymentColumns.Of(live) != DeploymentColumns.Of(next);
        if (changed)
            Deployments.Save(scope, next, isNew: live is null);
        if (moved is not null && (moved.Name != next.Name || moved.FlowId != next.FlowId))
        {
            Move(next);
            changed = true;
        }
        if ((apply.Cleared.Contains("schedules") ? [] : body.Schedules) is { } schedules)
            changed |= DeploymentSchedules.Declare(scope, next.Id, schedules, $"{at}.deployment");
        if (live is not null && changed)
            AutoRuns.Refresh(scope, next.Id);
        if (live is not null && live.Paused != next.Paused)
            Deployments.Reschedule(scope, next);
        ObjectEvents.Saved(scope, live, next);

        if (!changed)
            _standing.Add(next.Id);
        else if (apply.MustBeNew && live is not null)
            _changed.Add(name);
        return new() { Id = next.Id, FlowId = flow.Id, Created = live is null };
    }

    private Dictionary<Guid, (DateTimeOffset Updated, string Name)> Seen() => changes.Seen.Count == 0 ? [] : scope.Db.Query($"""
        SELECT d.id, d.updated, f.name, d.name FROM deployment d JOIN flow f ON f.id = d.flow_id WHERE d.id IN ({Sql.List(changes.Seen.Keys)})
        """, row => (Id: row.Id(), Updated: row.Time(), Name: $"\"{row.Text()}/{row.Text()}\"")).ToDictionary(one => one.Id, one => (one.Updated, one.Name));

    /// <summary>What the caller had seen must not have changed.</summary>
    private void CheckSeen(Dictionary<Guid, (DateTimeOffset Updated, string Name)> live)
    {
        foreach ((Guid id, DateTimeOffset updated) in changes.Seen.Where(seen => !_standing.Contains(seen.Key)))
        {
            if (live.TryGetValue(id, out var found))
            {
                if (found.Updated != updated)
                    _changed.Add(found.Name);
            }
            else if (!changes.Deleted.Contains(id))
            {
                _gone.Add(changes.Deployments.FirstOrDefault(apply => apply.Id == id) is { } apply ? $"\"{apply.FlowName}/{apply.Deployment.Name}\"" : id.ToString());
            }
        }
        if (_changed.Count + _gone.Count > 0)
            throw Refuse.Conflict($"{Words(_changed, "changed")}{(_changed.Count > 0 && _gone.Count > 0 ? ", and " : "")}{Words(_gone, "deleted")}. Nothing was applied.");
    }

    /// <summary>The deployments that are named by id, as they are. Those that get another flow or name give theirs up first, so that two may exchange them.</summary>
    private Dictionary<Guid, Deployment> GiveUpNames()
    {
        var moved = new Dictionary<Guid, Deployment>();
        foreach ((int i, DeploymentApply apply) in changes.Deployments.Index())
        {
            if (apply.Id is not { } id)
                continue;
            Deployment live = Deployments.Read(scope, id) ?? throw (changes.Seen.ContainsKey(id)
                ? Gone($"\"{apply.FlowName}/{apply.Deployment.Name}\"")
                : Refuse.NotFound($"The deployment {id}, which is to become \"{apply.FlowName}/{apply.Deployment.Name}\", does not exist."));
            if (!moved.TryAdd(id, live))
                throw Refuse.Invalid($"body.deployments.{i}.id", $"The deployment {id} is to become two.");
            if (live.Name != apply.Deployment.Name || Flows.Find(scope, apply.FlowName)?.Id != live.FlowId)
                scope.Db.Execute($"UPDATE deployment SET name = {"\n" + id} WHERE id = {id}");
        }
        return moved;
    }

    /// <summary>Gives a deployment its new name and flow, and its runs too: a flow that nobody needs any more may be deleted, and takes its own runs with it.</summary>
    private void Move(Deployment next)
    {
        scope.Db.Execute($"UPDATE deployment SET name = {next.Name}, flow_id = {next.FlowId}, updated = {scope.Now} WHERE id = {next.Id}");
        // A run whose idempotency key another run of that flow has stays with its old flow.
        scope.Db.Execute($"UPDATE OR IGNORE flow_run SET flow_id = {next.FlowId} WHERE deployment_id = {next.Id} AND flow_id <> {next.FlowId}");
    }

    /// <summary>Takes away what is to be cleared.</summary>
    private Deployment Cleared(Flow flow, Deployment next, DeploymentApply apply, string at)
    {
        foreach (string member in apply.Cleared)
        {
            if (IsGiven(apply.Deployment, member))
                throw Refuse.Invalid($"{at}.cleared", $"\"{member}\" of \"{apply.FlowName}/{apply.Deployment.Name}\" is both given and cleared.");
            next = member switch
            {
                "version" => next with { Version = null },
                "description" => next with { Description = null },
                "path" => next with { Path = null },
                "entrypoint" => next with { Entrypoint = null },
                "concurrency_limit" => next with { ConcurrencyLimit = null, GlobalConcurrencyLimit = null },
                "concurrency_options" => next with { ConcurrencyOptions = null },
                "parameter_openapi_schema" => next with { ParameterOpenapiSchema = null },
                "pull_steps" => next with { PullSteps = Deployments.NoSteps },
                "parameters" => next with { Parameters = _none },
                "job_variables" => next with { JobVariables = _none },
                "tags" => next with { Tags = [] },
                "labels" => next with { Labels = Deployments.OfFlow(flow, null) },
                "work_pool_name" => next with { WorkPoolName = null, WorkQueueName = null, WorkQueueId = null },
                "work_queue_name" when next.WorkPoolName is { } pool => next with { WorkQueueId = Deployments.Queue(scope, pool, null)?.Id },
                "work_queue_name" or "schedules" => next,
                _ => throw Refuse.Invalid($"{at}.cleared", $"\"{member}\" of \"{apply.FlowName}/{apply.Deployment.Name}\" cannot be cleared."),
            };
        }
        return next;
    }

    /// <summary>Empty lists and objects say nothing else than what is cleared.</summary>
    private static bool IsGiven(DeploymentCreate body, string member) => member switch
    {
        "version" => body.Version is not null,
        "description" => body.Description is not null,
        "path" => body.Path is not null,
        "entrypoint" => body.Entrypoint is not null,
        "concurrency_limit" => body.ConcurrencyLimit is not null,
        "concurrency_options" => body.ConcurrencyOptions is not null,
        "parameter_openapi_schema" => body.ParameterOpenapiSchema is not null,
        "pull_steps" => body.PullSteps is not null,
        "parameters" => body.Parameters is { Count: > 0 },
        "job_variables" => body.JobVariables is { Count: > 0 },
        "tags" => body.Tags is { Count: > 0 },
        "labels" => body.Labels is { Count: > 0 },
        "schedules" => body.Schedules is { Count: > 0 },
        "work_pool_name" => body.WorkPoolName is not null || body.WorkQueueName is not null,
        "work_queue_name" => body.WorkQueueName is not null,
        _ => false,
    };

    private static Exception Gone(string name) => Refuse.Conflict($"{Words([name], "deleted")}. Nothing was applied.");

    private static string Words(List<string> names, string what) => names.Count switch
    {
        0 => "",
        1 => $"The deployment {names[0]} was {what} by somebody else meanwhile",
        <= NamesInMessage => $"The deployments {string.Join(", ", names)} were {what} by somebody else meanwhile",
        _ => string.Create(CultureInfo.InvariantCulture, $"The deployments {string.Join(", ", names.Take(NamesInMessage))} and {names.Count - NamesInMessage} more were {what} by somebody else meanwhile"),
    };
}
