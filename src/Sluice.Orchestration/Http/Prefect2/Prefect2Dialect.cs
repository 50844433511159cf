using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>Says in 2.10's words what 3.x's models say, or says that 2.10 cannot.</summary>
internal static class Prefect2Dialect
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("null").RootElement;

    public static OrchestrationException Unsupported(string what, string? field = null) =>
        new(OrchestrationErrorKind.Unsupported, $"Prefect 2 {what}") { Field = field };

    public static Prefect2FlowBody Flow(FlowCreate flow) => new() { Name = flow.Name, Tags = flow.Tags };

    /// <summary>The body that creates a deployment, or replaces one. Absent parameters and schedules are none, as with 3.x.</summary>
    /// <exception cref="OrchestrationException">Of kind Unsupported: it has what 2.10 has no place for.</exception>
    public static Prefect2DeploymentBody Deployment(DeploymentCreate deployment)
    {
        string name = $"deployment '{deployment.Name}'";
        RefuseLimit(name, deployment.ConcurrencyLimit);
        DeploymentScheduleCreate? schedule = Only(name, deployment.Schedules);
        RefuseScheduleParameters(name, schedule?.Parameters);
        return new()
        {
            Name = deployment.Name,
            FlowId = deployment.FlowId,
            Version = deployment.Version,
            Description = deployment.Description,
            Schedule = Element(schedule?.Schedule),
            IsScheduleActive = Active(deployment.Paused, schedule?.Active),
            Parameters = deployment.Parameters ?? new Dictionary<string, JsonElement>(),
            Tags = deployment.Tags is null && deployment.Labels is null ? null : Prefect2Labels.Join(deployment.Tags ?? [], deployment.Labels),
            WorkQueueName = deployment.WorkQueueName,
            WorkPoolName = deployment.WorkPoolName,
            ParameterOpenapiSchema = deployment.ParameterOpenapiSchema,
            PullSteps = deployment.PullSteps,
            Path = deployment.Path,
            Entrypoint = deployment.Entrypoint,
            InfraOverrides = deployment.JobVariables,
        };
    }

    /// <summary>The body of PATCH. A new schema or new pull steps are not in it: those need <see cref="Replacement"/>.</summary>
    /// <exception cref="OrchestrationException">Of kind Unsupported: it has what 2.10 has no place for.</exception>
    public static Prefect2DeploymentPatch Patch(DeploymentUpdate update, Prefect2Deployment? live)
    {
        string name = live is null ? "a deployment" : $"deployment '{live.Name}'";
        RefuseLimit(name, update.ConcurrencyLimit);
        DeploymentScheduleUpdate? schedule = Only(name, update.Schedules);
        RefuseScheduleParameters(name, schedule?.Parameters);
        return new()
        {
            Version = update.Version,
            Description = update.Description,
            Schedule = schedule?.Schedule is { } when ? Element(when) : null,
            IsScheduleActive = Active(update.Paused, schedule?.Active),
            Parameters = update.Parameters,
            // Its labels are among its tags and stay.
            Tags = update.Tags is null ? null : Prefect2Labels.Join(update.Tags, live is null ? null : Prefect2Labels.Split(live.Tags ?? []).Labels),
            WorkQueueName = update.WorkQueueName,
            WorkPoolName = update.WorkPoolName,
            Path = update.Path,
            Entrypoint = update.Entrypoint,
            InfraOverrides = update.JobVariables,
        };
    }

    /// <summary>The body of POST that changes what PATCH cannot, with everything else as the patch or the live deployment has it.</summary>
    public static Prefect2DeploymentBody Replacement(Prefect2Deployment live, Prefect2DeploymentPatch patch, JsonElement? schema, JsonElement? pullSteps) => new()
    {
        Name = live.Name,
        FlowId = live.FlowId,
        Version = patch.Version ?? live.Version,
        Description = patch.Description ?? live.Description,
        Schedule = patch.Schedule ?? Element(live.Schedule),
        IsScheduleActive = patch.IsScheduleActive ?? live.IsScheduleActive,
        Parameters = patch.Parameters ?? live.Parameters,
        Tags = patch.Tags ?? live.Tags,
        // A pool alone would move it into that pool's default queue.
        WorkQueueName = patch.WorkQueueName ?? (patch.WorkPoolName is null || patch.WorkPoolName == live.WorkPoolName ? live.WorkQueueName : null),
        WorkPoolName = patch.WorkPoolName ?? live.WorkPoolName,
        Path = patch.Path ?? live.Path,
        Entrypoint = patch.Entrypoint ?? live.Entrypoint,
        InfraOverrides = patch.InfraOverrides ?? live.InfraOverrides,
        ParameterOpenapiSchema = schema ?? live.ParameterOpenapiSchema,
        PullSteps = pullSteps ?? live.PullSteps,
        ManifestPath = live.ManifestPath,
        StorageDocumentId = live.StorageDocumentId,
        InfrastructureDocumentId = patch.InfrastructureDocumentId ?? live.InfrastructureDocumentId,
    };

    public static Prefect2DeploymentRunBody Run(DeploymentRunCreate run)
    {
        RefuseRunVariables(run.JobVariables);
        if (run.WorkQueueName is not null)
            throw Unsupported("runs a deployment in its own queue only: leave the run's work queue out.", "body.work_queue_name");
        return new()
        {
            State = run.State is null ? null : State(run.State),
            Name = run.Name,
            Parameters = run.Parameters,
            Context = run.Context,
            EmpiricalPolicy = Policy(run.EmpiricalPolicy),
            Tags = run.Tags,
            IdempotencyKey = run.IdempotencyKey,
            ParentTaskRunId = run.ParentTaskRunId,
        };
    }

    public static Prefect2FlowRunBody Run(FlowRunCreate run)
    {
        RefuseRunVariables(run.JobVariables);
        if (run.WorkPoolName is not null || run.WorkQueueName is not null)
            throw Unsupported("takes a run into a work pool by its deployment only: leave the run's pool and queue out.", "body.work_pool_name");
        return new()
        {
            FlowId = run.FlowId,
            DeploymentId = run.DeploymentId,
            FlowVersion = run.FlowVersion,
            State = run.State is null ? null : State(run.State),
            Name = run.Name,
            Parameters = run.Parameters,
            Context = run.Context,
            EmpiricalPolicy = Policy(run.EmpiricalPolicy),
            Tags = run.Tags,
            IdempotencyKey = run.IdempotencyKey,
            ParentTaskRunId = run.ParentTaskRunId,
        };
    }

    public static Prefect2FlowRunPatch Patch(FlowRunUpdate update)
    {
        RefuseRunVariables(update.JobVariables);
        return new()
        {
            Name = update.Name,
            FlowVersion = update.FlowVersion,
            Parameters = update.Parameters,
            EmpiricalPolicy = Policy(update.EmpiricalPolicy),
            Tags = update.Tags,
            InfrastructurePid = update.InfrastructurePid,
        };
    }

    public static Prefect2State State(StateCreate state) => new()
    {
        Type = state.Type,
        Name = state.Name,
        Message = state.Message,
        Data = state.Data,
        StateDetails = state.StateDetails is not { } details ? null : new()
        {
            FlowRunId = details.FlowRunId,
            ChildFlowRunId = details.ChildFlowRunId,
            ScheduledTime = details.ScheduledTime,
            UntrackableResult = details.UntrackableResult,
            PauseTimeout = details.PauseTimeout,
            PauseReschedule = details.PauseReschedule,
            PauseKey = details.PauseKey,
        },
    };

    public static Prefect2Query Query(FlowsQuery query) => new()
    {
        Sort = query.Sort, Flows = Filter(query.Flows), FlowRuns = Filter(query.FlowRuns), Deployments = Filter(query.Deployments), WorkPools = query.WorkPools, Limit = query.Limit, Offset = query.Offset,
    };

    public static Prefect2Query Query(DeploymentsQuery query) => new()
    {
        Sort = query.Sort, Flows = Filter(query.Flows), FlowRuns = Filter(query.FlowRuns), Deployments = Filter(query.Deployments), WorkPools = query.WorkPools, WorkPoolQueues = query.WorkPoolQueues, Limit = query.Limit, Offset = query.Offset,
    };

    public static Prefect2Query Query(FlowRunsQuery query) => new()
    {
        Sort = query.Sort, Flows = Filter(query.Flows), FlowRuns = Filter(query.FlowRuns), Deployments = Filter(query.Deployments), WorkPools = query.WorkPools, WorkPoolQueues = query.WorkPoolQueues, Limit = query.Limit, Offset = query.Offset,
    };

    public static Prefect2ArtifactsQuery Query(ArtifactsQuery query) => new()
    {
        Sort = query.Sort, Artifacts = query.Artifacts, FlowRuns = Filter(query.FlowRuns), Flows = Filter(query.Flows), Deployments = Filter(query.Deployments), Limit = query.Limit, Offset = query.Offset,
    };

    /// <exception cref="OrchestrationException">Of kind Unsupported: it asks for words.</exception>
    public static void Check(LogsQuery query)
    {
        if (query.Logs?.Text is not null)
            throw Unsupported("does not look for words in logs.", "logs.text");
    }

    /// <summary>JSON of a schedule; JSON's null for none.</summary>
    public static JsonElement Element(Schedule? schedule) => schedule is null ? Nothing : JsonSerializer.SerializeToElement(schedule, Prefect2Json.Default.Schedule);

    /// <summary>The one schedule of several that may be.</summary>
    public static T? Only<T>(string deployment, IReadOnlyList<T>? schedules)
        where T : class => schedules is not { Count: > 1 }
        ? schedules?.FirstOrDefault()
        : throw Unsupported($"has one schedule a deployment, and {deployment} would have {schedules.Count}: declare a deployment for each.", "body.schedules");

    private static bool? Active(bool? paused, bool? active) => (paused, active) switch
    {
        (null, null) => null,
        (true, _) or (_, false) => false,
        _ => true,
    };

    private static FlowFilter? Filter(FlowFilter? filter)
    {
        Refuse(filter?.Id, "flows.id");
        if (filter?.Deployment is not null)
            throw Unsupported("does not filter flows by whether they have deployments.", "flows.deployment");
        return filter;
    }

    private static Prefect2DeploymentFilter? Filter(DeploymentFilter? filter)
    {
        if (filter is null)
            return null;
        Refuse(filter.Id, "deployments.id");
        Refuse(filter.Tags, "deployments.tags");
        if (filter.FlowOrDeploymentName is not null)
            throw Unsupported("filters by the name of the flow or that of the deployment, not by either of them.", "deployments.flow_or_deployment_name");
        if (filter.ConcurrencyLimit is not null)
            throw Unsupported("has no concurrency limits of deployments to filter by.", "deployments.concurrency_limit");
        return new() { Operator = filter.Operator, Id = filter.Id, Name = filter.Name, IsScheduleActive = filter.Paused is { } paused ? new() { Eq = !paused.Eq } : null, Tags = filter.Tags, WorkQueueName = filter.WorkQueueName };
    }

    private static FlowRunFilter? Filter(FlowRunFilter? filter)
    {
        if (filter is null)
            return null;
        Refuse(filter.Tags, "flow_runs.tags");
        if (filter.EndTime is not null)
            throw Unsupported("does not filter by when runs ended.", "flow_runs.end_time");
        if (filter.ParentFlowRunId is not null)
            throw Unsupported("filters by the task run that stands for a run in its parent, not by the parent.", "flow_runs.parent_flow_run_id");
        if (filter.CreatedBy is not null)
            throw Unsupported("does not filter by who created runs.", "flow_runs.created_by");
        if (filter.State?.Name?.NotAny is not null)
            throw Unsupported("does not filter by names of states that are not wanted.", "flow_runs.state.name.not_any_");
        if (filter.State?.Type?.NotAny is not { } others)
            return filter;
        // The types are known, so all but some of them can be said.
        StateType[] wanted = [.. Enum.GetValues<StateType>().Except(others).Where(type => filter.State.Type.Any?.Contains(type) != false)];
        return filter with { State = filter.State with { Type = new() { Any = wanted } } };
    }

    private static void Refuse(IdFilter? filter, string place)
    {
        if (filter?.NotAny is not null)
            throw Unsupported("does not filter by ids that are not wanted.", place + ".not_any_");
    }

    private static void Refuse(TagsFilter? filter, string place)
    {
        if (filter?.Any is not null)
            throw Unsupported("filters by tags that are all there, not by one of several.", place + ".any_");
    }

    private static void RefuseLimit(string deployment, int? limit)
    {
        if (limit is not null)
            throw Unsupported($"limits runs at once by work pool or queue, not by deployment: {deployment} cannot have a concurrency limit there.", "body.concurrency_limit");
    }

    private static void RefuseScheduleParameters(string deployment, IReadOnlyDictionary<string, JsonElement>? parameters)
    {
        if (parameters is { Count: > 0 })
            throw Unsupported($"runs a schedule with the deployment's own parameters: the schedule of {deployment} cannot have others.", "body.schedules.0.parameters");
    }

    private static void RefuseRunVariables(IReadOnlyDictionary<string, JsonElement>? variables)
    {
        if (variables is { Count: > 0 })
            throw Unsupported("takes job variables from the deployment only: a run cannot have its own.", "body.job_variables");
    }

    private static Prefect2Policy? Policy(FlowRunPolicy? policy) => policy is null ? null : new()
    {
        MaxRetries = policy.MaxRetries,
        RetryDelaySeconds = policy.RetryDelaySeconds,
        Retries = policy.Retries,
        RetryDelay = policy.RetryDelay,
        PauseKeys = policy.PauseKeys,
        Resuming = policy.Resuming,
    };
}
