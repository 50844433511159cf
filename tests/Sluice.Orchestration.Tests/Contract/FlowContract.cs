namespace Sluice.Orchestration.Tests.Contract;

public sealed class FlowContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_flow_is_created_once_and_keeps_its_tags(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = Unique("flow");
        Flow created = await api.EnsureFlowAsync(new FlowCreate { Name = name, Tags = ["a", "b"], Labels = Object("""{"team":"data","n":1}""") }, Cancel);
        Flow again = await api.EnsureFlowAsync(new FlowCreate { Name = name, Tags = ["c"] }, Cancel);

        again.Id.ShouldBe(created.Id);
        again.Tags.ShouldBe(["a", "b"], ignoreOrder: true);
        again.Labels["team"].GetString().ShouldBe("data");
        again.Labels["n"].GetInt32().ShouldBe(1);
        created.Created.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        created.Created.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory, AllDoors]
    public async Task A_flow_is_read_by_id_and_by_a_name_with_any_characters(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = Unique("Wetter für Zürich? #1 + \"2\" 100€ a:b;c@d!");
        Flow created = await api.EnsureFlowAsync(new FlowCreate { Name = name }, Cancel);

        (await api.ReadFlowAsync(created.Id, Cancel)).ShouldNotBeNull().Name.ShouldBe(name);
        (await api.FindFlowAsync(name, Cancel)).ShouldNotBeNull().Id.ShouldBe(created.Id);
    }

    [Theory, AllDoors]
    public async Task What_does_not_exist_is_null_or_false(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Guid id = Guid.NewGuid();
        string name = Unique("nothing");

        (await api.ReadFlowAsync(id, Cancel)).ShouldBeNull();
        (await api.FindFlowAsync(name, Cancel)).ShouldBeNull();
        (await api.DeleteFlowAsync(id, Cancel)).ShouldBeFalse();
        (await api.ReadDeploymentAsync(id, Cancel)).ShouldBeNull();
        (await api.FindDeploymentAsync(name, name, Cancel)).ShouldBeNull();
        (await api.DeleteDeploymentAsync(id, Cancel)).ShouldBeFalse();
        (await api.ReadFlowRunAsync(id, Cancel)).ShouldBeNull();
        (await api.DeleteFlowRunAsync(id, Cancel)).ShouldBeFalse();
        (await api.FindWorkPoolAsync(name, Cancel)).ShouldBeNull();
        (await api.DeleteWorkPoolAsync(name, Cancel)).ShouldBeFalse();
        (await api.FindWorkQueueAsync((await NewPoolAsync(api)).Name, name, Cancel)).ShouldBeNull();
        (await api.DeleteWorkQueueAsync((await NewPoolAsync(api)).Name, name, Cancel)).ShouldBeFalse();
        (await api.DeleteScheduleAsync((await NewDeploymentAsync(api)).Id, id, Cancel)).ShouldBeFalse();
    }

    [Theory, AllDoors]
    public async Task Flows_are_listed_by_name_filtered_and_in_pages(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string tag = Unique("tag");
        string prefix = Unique("list");
        foreach (string end in (string[])["c", "a", "b"])
        {
            await api.EnsureFlowAsync(new FlowCreate { Name = prefix + end, Tags = [tag] }, Cancel);
        }

        FlowsQuery tagged = new() { Flows = new() { Tags = new() { All = [tag] } } };
        async Task<string[]> NamesAsync(FlowsQuery query) => [.. (await api.ListFlowsAsync(query, Cancel)).Select(flow => flow.Name[^1..])];

        (await NamesAsync(tagged)).ShouldBe(["a", "b", "c"]);
        (await NamesAsync(tagged with { Sort = "NAME_DESC" })).ShouldBe(["c", "b", "a"]);
        (await NamesAsync(tagged with { Limit = 1, Offset = 1 })).ShouldBe(["b"]);
        (await NamesAsync(new() { Flows = new() { Name = new() { Any = [prefix + "b"] } } })).ShouldBe(["b"]);
        (await NamesAsync(new() { Flows = new() { Name = new() { Like = prefix.ToUpperInvariant() } } })).ShouldBe(["a", "b", "c"]);
        (await NamesAsync(new() { Flows = new() { Id = new() { Any = [] } } })).ShouldBeEmpty();
        (await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListFlowsAsync(new() { Limit = 201 }, Cancel))).Message.ShouldContain("200");
    }

    [Theory, MemberData(nameof(ApiDoors.Ours), MemberType = typeof(ApiDoors))]
    public async Task Deleting_a_flow_takes_its_deployments_and_runs(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        FlowRun run = await NewRunAsync(api, deployment.Id);

        (await api.DeleteFlowAsync(deployment.FlowId, Cancel)).ShouldBeTrue();

        (await api.ReadFlowAsync(deployment.FlowId, Cancel)).ShouldBeNull();
        (await api.ReadDeploymentAsync(deployment.Id, Cancel)).ShouldBeNull();
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldBeNull();
    }

    public static MatrixTheoryData<string, string> BadNames => new(ApiDoors.Names, ["", "a/b", "a%b", "a&b", "<a>"]);

    [Theory, MemberData(nameof(BadNames))]
    public async Task A_flow_name_with_banned_characters_is_invalid(string door, string name)
    {
        IOrchestrationApi api = await OpenAsync(door);
        OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Invalid, () => api.EnsureFlowAsync(new FlowCreate { Name = name }, Cancel));
        error.Field.ShouldBe("body.name");
    }

    [Theory, AllDoors]
    public async Task The_tags_of_a_flow_are_replaced_and_kept_when_absent(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await api.EnsureFlowAsync(new FlowCreate { Name = Unique("flow"), Tags = ["a"], Labels = Object("""{"team":"data"}""") }, Cancel);

        await api.UpdateFlowAsync(flow.Id, new() { Tags = ["b", "c"] }, Cancel);
        await api.UpdateFlowAsync(flow.Id, new(), Cancel);

        Flow changed = (await api.ReadFlowAsync(flow.Id, Cancel)).ShouldNotBeNull();
        changed.Tags.ShouldBe(["b", "c"]);
        changed.Labels["team"].GetString().ShouldBe("data");
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateFlowAsync(Guid.NewGuid(), new() { Tags = ["b"] }, Cancel));
    }
}
