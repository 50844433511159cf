namespace Sluice.Orchestration.Tests.Contract;

/// <summary>What one publish changes besides what its deployments say: pools, moves, what is cleared, pauses, deletions, and what was seen.</summary>
public sealed class ChangesContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task Pools_are_created_first_and_those_that_are_there_stay_as_they_are(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool there = await NewPoolAsync(api);
        string pool = Unique("pool");
        DeploymentApply apply = Apply(Unique("flow"), "d", create => create with { WorkPoolName = pool });

        await api.ApplyAsync(new() { WorkPools = [new() { Name = pool, Type = "dotnet", Description = "new" }, new() { Name = there.Name, Type = "process", Description = "other" }], Deployments = [apply] }, Cancel);

        (await api.FindWorkPoolAsync(pool, Cancel)).ShouldNotBeNull().Description.ShouldBe("new");
        (await api.FindDeploymentAsync(apply.FlowName, "d", Cancel)).ShouldNotBeNull().WorkPoolName.ShouldBe(pool);
        (await api.FindWorkPoolAsync(there.Name, Cancel)).ShouldNotBeNull().Type.ShouldBe("dotnet");
    }

    [Theory, AllDoors]
    public async Task Deployments_are_paused_and_deleted_in_the_same_call(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        IReadOnlyList<DeploymentApplied> made = await api.ApplyAsync(new() { Deployments = [Apply(flow, "pause"), Apply(flow, "delete"), Apply(flow, "keep")] }, Cancel);
        DeploymentChanges changes = new() { Deployments = [Apply(flow, "new")], Paused = [made[0].Id], Deleted = [made[1].Id] };

        (await api.ApplyAsync(changes, Cancel)).ShouldHaveSingleItem().Created.ShouldBeTrue();
        (await api.ReadDeploymentAsync(made[0].Id, Cancel)).ShouldNotBeNull().Paused.ShouldBeTrue();
        (await api.ReadDeploymentAsync(made[1].Id, Cancel)).ShouldBeNull();
        (await api.ReadDeploymentAsync(made[2].Id, Cancel)).ShouldNotBeNull().Paused.ShouldBeFalse();

        // Again: what is gone is no error.
        (await api.ApplyAsync(changes, Cancel)).ShouldHaveSingleItem().Created.ShouldBeFalse();
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task A_move_keeps_the_id_the_schedules_and_the_runs(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string old = Unique("flow"), renamed = Unique("flow");
        DeploymentApply before = Apply(old, "old", create => create with { Version = "1", Schedules = [Every(Daily, "s")], Labels = Object("""{"sluice.app":"A"}""") });
        Guid id = (await api.ApplyAsync(new() { Deployments = [before] }, Cancel))[0].Id;
        Deployment live = (await api.ReadDeploymentAsync(id, Cancel))!;
        FlowRun run = await NewRunAsync(api, id);

        DeploymentApplied moved = (await api.ApplyAsync(new() { Deployments = [Apply(renamed, "new", create => create with { Schedules = [Every(Daily, "s")] }) with { Id = id }] }, Cancel)).ShouldHaveSingleItem();

        moved.Id.ShouldBe(id);
        moved.Created.ShouldBeFalse();
        moved.FlowId.ShouldNotBe(live.FlowId);
        (await api.FindDeploymentAsync(old, "old", Cancel)).ShouldBeNull();
        (await api.FindFlowAsync(old, Cancel)).ShouldNotBeNull("the old flow is left");
        Deployment now = (await api.FindDeploymentAsync(renamed, "new", Cancel)).ShouldNotBeNull();
        now.Id.ShouldBe(id);
        now.Version.ShouldBe("1", "null keeps the live value");
        now.Schedules.ShouldHaveSingleItem().Id.ShouldBe(live.Schedules[0].Id);
        now.Labels["prefect.flow.id"].GetString().ShouldBe(moved.FlowId.ToString());
        now.Labels["sluice.app"].GetString().ShouldBe("A");
        FlowRun kept = (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();
        kept.DeploymentId.ShouldBe(id);
        kept.FlowId.ShouldBe(moved.FlowId, "its runs are the new flow's history");
        (await api.DeleteFlowAsync(live.FlowId, Cancel)).ShouldBeTrue();
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task Two_deployments_exchange_their_names_and_one_takes_that_of_a_deleted_one(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        IReadOnlyList<DeploymentApplied> made = await api.ApplyAsync(new() { Deployments = [Apply(flow, "a"), Apply(flow, "b"), Apply(flow, "gone"), Apply(flow, "heir")] }, Cancel);

        await api.ApplyAsync(new() { Deployments = [Apply(flow, "b") with { Id = made[0].Id }, Apply(flow, "a") with { Id = made[1].Id }, Apply(flow, "gone") with { Id = made[3].Id }], Deleted = [made[2].Id] }, Cancel);

        (await api.FindDeploymentAsync(flow, "b", Cancel)).ShouldNotBeNull().Id.ShouldBe(made[0].Id);
        (await api.FindDeploymentAsync(flow, "a", Cancel)).ShouldNotBeNull().Id.ShouldBe(made[1].Id);
        (await api.FindDeploymentAsync(flow, "gone", Cancel)).ShouldNotBeNull().Id.ShouldBe(made[3].Id);
        (await api.FindDeploymentAsync(flow, "heir", Cancel)).ShouldBeNull();
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task A_move_that_cannot_be_leaves_everything_as_it_was(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow"), other = Unique("flow");
        IReadOnlyList<DeploymentApplied> made = await api.ApplyAsync(new() { Deployments = [Apply(flow, "a"), Apply(flow, "b")] }, Cancel);

        (await FailsAsync(OrchestrationErrorKind.Conflict, () => api.ApplyAsync(new() { Deployments = [Apply(other, "new"), Apply(flow, "b") with { Id = made[0].Id }] }, Cancel))).Message.ShouldContain($"{flow}/b");
        (await FailsAsync(OrchestrationErrorKind.NotFound, () => api.ApplyAsync(new() { Deployments = [Apply(other, "new"), Apply(flow, "c") with { Id = Guid.NewGuid() }] }, Cancel))).Message.ShouldContain($"{flow}/c");
        (await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ApplyAsync(new() { Deployments = [Apply(flow, "c") with { Id = made[0].Id }, Apply(flow, "d") with { Id = made[0].Id }] }, Cancel))).Field.ShouldBe("body.deployments.1.id");

        (await api.FindFlowAsync(other, Cancel)).ShouldBeNull();
        (await api.FindDeploymentAsync(flow, "a", Cancel)).ShouldNotBeNull().Id.ShouldBe(made[0].Id);
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task What_is_cleared_is_set_to_nothing(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool pool = await NewPoolAsync(api);
        DeploymentApply full = Apply(Unique("flow"), "d", create => create with
        {
            Version = "1", Description = "d", Path = "file:///p", Entrypoint = "A.dll!A.B", ConcurrencyLimit = 3, ConcurrencyOptions = new() { CollisionStrategy = "ENQUEUE" },
            ParameterOpenapiSchema = Json("""{"type":"object"}"""), PullSteps = Json("""[{"a":{}}]"""), Parameters = Object("""{"n":1}"""), JobVariables = Object("""{"a":1}"""),
            Tags = ["t"], Labels = Object("""{"l":"x"}"""), WorkPoolName = pool.Name, WorkQueueName = "q", Schedules = [Every(Daily, "s")],
        });
        Guid id = (await api.ApplyAsync(new() { Deployments = [full] }, Cancel))[0].Id;

        DeploymentApply queue = Apply(full.FlowName, "d") with { Cleared = ["work_queue_name"] };
        await api.ApplyAsync(new() { Deployments = [queue] }, Cancel);
        (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull().WorkQueueName.ShouldBe("default", "the pool's own queue");

        DeploymentApply none = Apply(full.FlowName, "d") with
        {
            Cleared =
            [
                "version", "description", "path", "entrypoint", "concurrency_limit", "concurrency_options", "parameter_openapi_schema", "pull_steps", "parameters", "job_variables", "tags", "labels",
                "work_pool_name", "schedules",
            ],
        };
        await api.ApplyAsync(new() { Deployments = [none] }, Cancel);
        Deployment cleared = (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull();
        (cleared.Version, cleared.Description, cleared.Path, cleared.Entrypoint).ShouldBe((null, null, null, null));
        (cleared.ConcurrencyLimit, cleared.ConcurrencyOptions).ShouldBe((null, null));
        (cleared.ParameterOpenapiSchema?.GetRawText() ?? "{}").ShouldBe("{}");
        (cleared.WorkPoolName, cleared.WorkQueueName).ShouldBe((null, null));
        cleared.PullSteps?.GetRawText().ShouldBe("[]");
        (cleared.Parameters.Count + cleared.JobVariables.Count + cleared.Tags.Count + cleared.Schedules.Count).ShouldBe(0);
        cleared.Labels.Keys.ShouldBe(["prefect.flow.id"]);

        DateTimeOffset updated = cleared.Updated;
        await api.ApplyAsync(new() { Deployments = [none] }, Cancel);
        (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull().Updated.ShouldBe(updated, "nothing is left to clear");
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task What_cannot_be_cleared_is_refused_with_its_place(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        foreach ((DeploymentApply apply, string word) in new[]
        {
            (Apply(flow, "d") with { Cleared = ["name"] }, "name"),
            (Apply(flow, "d") with { Cleared = ["nonsense"] }, "nonsense"),
            (Apply(flow, "d", create => create with { Version = "1" }) with { Cleared = ["version"] }, "both given and cleared"),
        })
        {
            OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ApplyAsync(new() { Deployments = [Apply(flow, "good"), apply] }, Cancel));
            error.Message.ShouldContain(word);
            error.Field.ShouldBe("body.deployments.1.cleared");
        }
        (await api.FindFlowAsync(flow, Cancel)).ShouldBeNull();
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task What_somebody_else_changed_meanwhile_is_a_conflict_and_nothing_is_applied(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        IReadOnlyList<DeploymentApplied> made = await api.ApplyAsync(new() { Deployments = [Apply(flow, "a", create => create with { Schedules = [Every(Daily, "s")] }), Apply(flow, "b")] }, Cancel);
        Deployment a = (await api.ReadDeploymentAsync(made[0].Id, Cancel))!, b = (await api.ReadDeploymentAsync(made[1].Id, Cancel))!;
        var seen = new Dictionary<Guid, DateTimeOffset> { [a.Id] = a.Updated, [b.Id] = b.Updated };
        DeploymentChanges changes = new() { Deployments = [Apply(flow, "new"), Apply(flow, "b", create => create with { Version = "2" })], Seen = seen };
        async Task ConflictsAsync(DeploymentChanges changes, params string[] words)
        {
            OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Conflict, () => api.ApplyAsync(changes, Cancel));
            foreach (string word in words)
                error.Message.ShouldContain(word);
            (await api.FindDeploymentAsync(flow, "new", Cancel)).ShouldBeNull();
        }

        await api.UpdateScheduleAsync(a.Id, a.Schedules[0].Id, new() { Active = false }, Cancel);
        await ConflictsAsync(changes, $"\"{flow}/a\"", "changed by somebody else");
        seen[a.Id] = (await api.ReadDeploymentAsync(a.Id, Cancel))!.Updated;
        await api.SetDeploymentPausedAsync(b.Id, true, Cancel);
        await ConflictsAsync(changes, $"\"{flow}/b\"");
        seen[b.Id] = (await api.ReadDeploymentAsync(b.Id, Cancel))!.Updated;
        await ConflictsAsync(new() { Deployments = [Apply(flow, "new"), Apply(flow, "b", create => create with { Version = "2" }) with { MustBeNew = true }] }, $"\"{flow}/b\"");
        await api.DeleteDeploymentAsync(a.Id, Cancel);
        await ConflictsAsync(changes, a.Id.ToString(), "deleted by somebody else");
        await ConflictsAsync(new() { Deployments = [Apply(flow, "new"), Apply(flow, "c") with { Id = b.Id }], Seen = seen }, a.Id.ToString());

        (await api.ApplyAsync(changes with { Deleted = [a.Id] }, Cancel)).Count.ShouldBe(2, "what is to go and is gone is no conflict");
    }

    [Theory, AllDoors]
    public async Task What_was_seen_otherwise_or_is_gone_is_a_conflict_whatever_is_to_become_of_it(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        foreach (string fate in (string[])["updated", "paused", "deleted", "moved"])
        {
            foreach (string meanwhile in (string[])["nothing", "edited", "gone", "made anew"])
            {
                string flow = Unique("flow"), told = $"{fate}, {meanwhile}";
                Guid id = (await api.ApplyAsync(new() { Deployments = [Apply(flow, "a", create => create with { Description = "old" })] }, Cancel))[0].Id;
                Deployment seen = (await api.ReadDeploymentAsync(id, Cancel))!;
                foreach (bool given in (bool[])[true, false])
                {
                    DeploymentChanges changes = new()
                    {
                        Deployments = fate switch
                        {
                            "updated" => [Apply(flow, "new"), Apply(flow, "a", create => create with { Version = "2" })],
                            "moved" => [Apply(flow, "new"), Apply(flow, "b") with { Id = id }],
                            _ => [Apply(flow, "new")],
                        },
                        Paused = fate == "paused" ? [id] : [],
                        Deleted = fate == "deleted" ? [id] : [],
                        Seen = new Dictionary<Guid, DateTimeOffset> { [id] = seen.Updated },
                        SeenAs = given ? [seen] : [],
                    };
                    if (given && meanwhile == "edited")
                        await api.SetDeploymentPausedAsync(id, true, Cancel);
                    else if (given && meanwhile is "gone" or "made anew")
                        await api.DeleteDeploymentAsync(id, Cancel);
                    if (given && meanwhile == "made anew")
                        await api.ApplyAsync(new() { Deployments = [Apply(flow, "a", create => create with { Description = "hers" })] }, Cancel);
                    // A pause that stands already is none; what is to go and is gone is gone.
                    if (meanwhile == "nothing" || (meanwhile, fate) is ("edited", "paused") or ("gone" or "made anew", "deleted"))
                        continue;
                    OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Conflict, () => api.ApplyAsync(changes, Cancel));
                    error.Message.ShouldContain(meanwhile == "edited" ? "changed by somebody else" : "deleted by somebody else", customMessage: told);
                    (await api.FindDeploymentAsync(flow, "new", Cancel)).ShouldBeNull(told);
                    (await api.FindDeploymentAsync(flow, "a", Cancel))?.Description.ShouldBe(meanwhile == "made anew" ? "hers" : "old", told);
                }

                if (meanwhile != "nothing")
                    continue;
                DeploymentChanges apply = new() { Deployments = [Apply(flow, "a", create => create with { Version = "2" })], Seen = new Dictionary<Guid, DateTimeOffset> { [id] = seen.Updated }, SeenAs = [seen] };
                (await api.ApplyAsync(apply, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(id);
            }
        }
    }

    /// <summary>Prefect 3 calls a poll an update, and one of a schedule none: neither time tells what was changed.</summary>
    [Theory, InlineData(ApiDoors.Prefect3)]
    public async Task What_is_seen_tells_on_Prefect_whatever_its_times_are(string door)
    {
        Assert.SkipUnless(ApiDoors.Names.Contains(door), "another server is tested");
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        Guid id = (await api.ApplyAsync(new() { Deployments = [Apply(flow, "a", create => create with { Schedules = [Every(Daily, "s")] })] }, Cancel))[0].Id;
        Deployment seen = (await api.ReadDeploymentAsync(id, Cancel))!;
        DeploymentChanges Changes(DateTimeOffset updated, Deployment one) => new()
        {
            Deployments = [Apply(flow, "a", create => create with { Version = "2" })],
            Seen = new Dictionary<Guid, DateTimeOffset> { [id] = updated },
            SeenAs = [one],
        };

        // Somebody's change, with the time of the one before.
        await api.UpdateScheduleAsync(id, seen.Schedules[0].Id, new() { Active = false }, Cancel);
        Deployment now = (await api.ReadDeploymentAsync(id, Cancel))!;
        (await FailsAsync(OrchestrationErrorKind.Conflict, () => api.ApplyAsync(Changes(now.Updated, seen), Cancel))).Message.ShouldContain($"{flow}/a was changed by somebody else");
        // Another time, and nothing changed.
        (await api.ApplyAsync(Changes(seen.Updated.AddMinutes(-1), now), Cancel)).ShouldHaveSingleItem().Id.ShouldBe(id);
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task A_call_that_is_repeated_finds_its_own_work(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string flow = Unique("flow");
        Guid[] made = [.. (await api.ApplyAsync(new() { Deployments = [Apply(flow, "a"), Apply(flow, "b"), Apply(flow, "c"), Apply(flow, "d")] }, Cancel)).Select(one => one.Id)];
        var seen = new Dictionary<Guid, DateTimeOffset>();
        foreach (Guid id in made)
            seen[id] = (await api.ReadDeploymentAsync(id, Cancel))!.Updated;
        DeploymentChanges changes = new()
        {
            Deployments = [Apply(flow, "a", create => create with { Version = "2" }), Apply(flow, "moved") with { Id = made[1] }, Apply(flow, "new") with { MustBeNew = true }],
            Paused = [made[2]],
            Deleted = [made[3]],
            Seen = seen,
        };

        IReadOnlyList<DeploymentApplied> first = await api.ApplyAsync(changes, Cancel);
        IReadOnlyList<DeploymentApplied> second = await api.ApplyAsync(changes, Cancel);

        second.ShouldBe(first.Select(one => one with { Created = false }));
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task Workers_that_ask_and_runs_that_go_change_no_deployment(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool pool = await NewPoolAsync(api);
        Guid id = (await api.ApplyAsync(new() { Deployments = [Apply(Unique("flow"), "a", create => create with { WorkPoolName = pool.Name, Schedules = [Every("* * * * *", "s")] })] }, Cancel))[0].Id;
        DateTimeOffset updated = (await api.ReadDeploymentAsync(id, Cancel))!.Updated;

        FlowRun run = await NewRunAsync(api, id);
        (await api.GetScheduledFlowRunsAsync(pool.Name, new(), Cancel)).ShouldNotBeEmpty();
        await api.GetScheduledRunsOfDeploymentsAsync(new() { DeploymentIds = [id] }, Cancel);
        await api.HeartbeatWorkerAsync(pool.Name, new() { Name = "w" }, Cancel);
        await AcceptAsync(api, run.Id, StateType.Pending);
        await AcceptAsync(api, run.Id, StateType.Running);

        Deployment after = (await api.ReadDeploymentAsync(id, Cancel))!;
        after.LastPolled.ShouldNotBeNull();
        after.Updated.ShouldBe(updated);
    }

    private static DeploymentApply Apply(string flow, string name, Func<DeploymentCreate, DeploymentCreate>? more = null)
    {
        DeploymentCreate create = new() { Name = name, FlowId = default };
        return new() { FlowName = flow, Deployment = more?.Invoke(create) ?? create };
    }
}
