using System.Text.Json;

namespace Sluice.Orchestration.Tests.Contract;

public sealed class ArtifactContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task An_artifact_keeps_what_it_was_given_and_is_changed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        foreach (string data in new[] { "\"# Zürich\"", "12.5", """{"a":[1,null]}""" })
        {
            ArtifactCreate create = new() { Key = NewKey(), Type = "markdown", Description = "d", Data = Json(data), Metadata = Object("""{"a":"b"}"""), FlowRunId = run.Id };
            Artifact made = await api.CreateArtifactAsync(create, Cancel);
            Artifact read = (await api.ReadArtifactAsync(made.Id, Cancel)).ShouldNotBeNull();
            (read.Key, read.Type, read.Description, read.FlowRunId, read.TaskRunId).ShouldBe((create.Key, "markdown", "d", run.Id, null));
            JsonElement.DeepEquals(read.Data!.Value, Json(data)).ShouldBeTrue(data);
            read.Metadata!["a"].GetString().ShouldBe("b");

            await api.UpdateArtifactAsync(made.Id, new() { Data = Json("42") }, Cancel);
            Artifact changed = (await api.ReadArtifactAsync(made.Id, Cancel)).ShouldNotBeNull();
            changed.Data!.Value.GetInt32().ShouldBe(42);
            changed.Description.ShouldBe("d");
            changed.Metadata!["a"].GetString().ShouldBe("b");

            (await api.DeleteArtifactAsync(made.Id, Cancel)).ShouldBeTrue();
            (await api.DeleteArtifactAsync(made.Id, Cancel)).ShouldBeFalse();
            (await api.ReadArtifactAsync(made.Id, Cancel)).ShouldBeNull();
        }
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateArtifactAsync(Guid.NewGuid(), new() { Description = "d" }, Cancel));
    }

    [Theory, AllDoors]
    public async Task The_newest_artifact_of_a_key_is_its_latest_until_it_is_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string key = NewKey();
        (await api.FindLatestArtifactAsync(key, Cancel)).ShouldBeNull();
        Artifact first = await api.CreateArtifactAsync(new() { Key = key, Type = "link", Data = Json("1") }, Cancel);
        Artifact second = await api.CreateArtifactAsync(new() { Key = key, Type = "link", Data = Json("2") }, Cancel);
        (await api.FindLatestArtifactAsync(key, Cancel)).ShouldNotBeNull().Id.ShouldBe(second.Id);
        await api.DeleteArtifactAsync(second.Id, Cancel);
        (await api.FindLatestArtifactAsync(key, Cancel)).ShouldNotBeNull().Id.ShouldBe(first.Id);
        await api.DeleteArtifactAsync(first.Id, Cancel);
        (await api.FindLatestArtifactAsync(key, Cancel)).ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task Artifacts_are_filtered_sorted_and_listed_in_pages(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        FlowRun run = await NewRunAsync(api, deployment.Id), other = await NewRunAsync(api, deployment.Id);
        string key = NewKey();
        Artifact a = await api.CreateArtifactAsync(new() { Key = key + "-a", Type = "table", FlowRunId = run.Id }, Cancel);
        Artifact b = await api.CreateArtifactAsync(new() { Key = key + "-b", Type = "link", FlowRunId = run.Id }, Cancel);
        Artifact none = await api.CreateArtifactAsync(new() { Type = "result", FlowRunId = other.Id }, Cancel);
        async Task<Guid[]> IdsAsync(ArtifactsQuery query) => [.. (await api.ListArtifactsAsync(query, Cancel)).Select(artifact => artifact.Id)];

        ArtifactsQuery ofBoth = new() { Artifacts = new() { FlowRunId = new() { Any = [run.Id, other.Id] } } };
        (await IdsAsync(ofBoth)).Order().ShouldBe(new[] { a.Id, b.Id, none.Id }.Order());
        (await IdsAsync(new() { Artifacts = new() { Key = new() { Like = key.ToUpperInvariant() } }, Sort = "KEY_DESC" })).ShouldBe([b.Id, a.Id]);
        (await IdsAsync(new() { Artifacts = new() { Key = new() { Like = key } }, Sort = "KEY_ASC", Limit = 1, Offset = 1 })).ShouldBe([b.Id]);
        (await IdsAsync(ofBoth with { Artifacts = ofBoth.Artifacts with { Key = new() { Exists = false } } })).ShouldBe([none.Id]);
        (await IdsAsync(ofBoth with { Artifacts = ofBoth.Artifacts with { Type = new() { NotAny = ["link", "result"] } } })).ShouldBe([a.Id]);
        (await IdsAsync(new() { FlowRuns = new() { Id = new() { Any = [other.Id] } } })).ShouldBe([none.Id]);
        (await IdsAsync(new() { Deployments = new() { Id = new() { Any = [deployment.Id] } }, Artifacts = new() { Type = new() { Any = ["table"] } } })).ShouldBe([a.Id]);
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListArtifactsAsync(new() { Sort = "NOPE" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListArtifactsAsync(new() { Limit = 201 }, Cancel));
    }

    private static string NewKey() => $"k-{Guid.NewGuid():N}-{ApiDoors.Mark}";
}
