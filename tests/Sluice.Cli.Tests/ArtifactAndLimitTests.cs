using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary><c>artifact …</c> and <c>concurrency-limit …</c> on the embedded API.</summary>
public sealed class ArtifactAndLimitTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Artifacts_are_listed_shown_and_deleted()
    {
        (await _sluice.RunAsync("artifact", "ls")).Succeeded().Error.ShouldBe("There are no artifacts. Flows make them by context.Artifacts.\n");
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            FlowRun run = await api.CreateFlowRunAsync(new() { FlowId = (await api.EnsureFlowAsync(new() { Name = "Rain" }, default)).Id, Name = "wet-owl" }, default);
            FlowRun other = await api.CreateFlowRunAsync(new() { FlowId = run.FlowId, Name = "dry-owl" }, default);
            await api.CreateArtifactAsync(new() { Type = "markdown", Key = "report", Data = JsonElement.Parse("\"# First\\nline\""), FlowRunId = run.Id }, default);
            await api.CreateArtifactAsync(new() { Type = "markdown", Key = "report", Description = "How wet", Data = JsonElement.Parse("\"# Second\\nline\""), FlowRunId = run.Id }, default);
            await api.CreateArtifactAsync(new() { Type = "table", Key = "rain", Data = JsonElement.Parse("\"[{\\\"mm\\\":3}]\""), FlowRunId = other.Id }, default);
            await api.CreateArtifactAsync(new() { Type = "progress", Data = JsonElement.Parse("12.5"), FlowRunId = run.Id }, default);
            await api.CreateArtifactAsync(new() { Type = "result", Data = JsonElement.Parse("{}"), FlowRunId = run.Id }, default);
        }

        (await _sluice.RunAsync("artifact", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(4);
        (await _sluice.RunAsync("artifact", "ls", "--flow-run", "wet-owl", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(3);
        (await _sluice.RunAsync("artifact", "ls", "--key", "report", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(2);
        (await _sluice.RunAsync("artifact", "ls", "--limit", "1", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(1);
        string table = (await _sluice.RunAsync("artifact", "ls")).Succeeded().Output;
        table.ShouldContain("# Second");
        table.ShouldNotContain("line");
        table.ShouldContain("12.5 %");
        string shown = (await _sluice.RunAsync("artifact", "inspect", "report")).Succeeded().Output;
        shown.ShouldContain("How wet");
        shown.ShouldContain("wet-owl");
        shown.ShouldContain("# Second");
        (await _sluice.RunAsync("artifact", "inspect", "rain")).Succeeded().Output.ShouldContain("\"mm\": 3");
        (await _sluice.RunAsync("artifact", "inspect", "report", "--output", "json")).Succeeded().Json.Text("data").ShouldBe("# Second\nline");

        (await _sluice.RunAsync("artifact", "delete", "report")).Succeeded();
        (await _sluice.RunAsync("artifact", "inspect", "report", "--output", "json")).Succeeded().Json.Text("data").ShouldBe("# First\nline");
        (await _sluice.RunAsync("artifact", "inspect", "reprot")).FailedWith(1).ShouldBe("sluice: there is no artifact 'reprot'. Did you mean 'report'? 'sluice artifact ls' lists them");
        (await _sluice.RunAsync("artifact", "ls", "--flow-run", "no-owl")).FailedWith(1).ShouldContain("there is no flow run 'no-owl'");
        (await _sluice.RunAsync("artifact", "ls", "--limit", "201")).FailedWith(2).ShouldBe("sluice: --limit is 201; it takes 1 to 200");
    }

    [Fact]
    public async Task A_limit_is_created_changed_switched_and_deleted()
    {
        (await _sluice.RunAsync("concurrency-limit", "ls")).Succeeded().Error.ShouldContain("'sluice concurrency-limit create NAME SLOTS' makes one");
        (await _sluice.RunAsync("concurrency-limit", "create", "database", "5")).Succeeded().Output.ShouldContain("context.Concurrency.AcquireAsync(\"database\")");
        (await _sluice.RunAsync("gcl", "create", "api", "10", "--slot-decay-per-second", "0.5", "--output", "json")).Succeeded().Json.GetProperty("slot_decay_per_second").GetDouble().ShouldBe(0.5);
        (await _sluice.RunAsync("global-concurrency-limit", "ls", "--output", "json")).Succeeded().Json.EnumerateArray().Select(limit => limit.Text("name")).ShouldBe(["api", "database"]);

        (await _sluice.RunAsync("concurrency-limit", "update", "database", "--limit", "7", "--active-slots", "2")).Succeeded();
        JsonElement database = (await _sluice.RunAsync("concurrency-limit", "inspect", "database", "--output", "json")).Succeeded().Json;
        (database.GetProperty("limit").GetInt32(), database.GetProperty("active_slots").GetInt32()).ShouldBe((7, 2));
        (await _sluice.RunAsync("concurrency-limit", "disable", "database")).Succeeded();
        (await _sluice.RunAsync("concurrency-limit", "inspect", "database")).Succeeded().Output.ShouldContain("no: it holds nobody back");
        (await _sluice.RunAsync("concurrency-limit", "enable", "database")).Succeeded();
        (await _sluice.RunAsync("concurrency-limit", "ls")).Succeeded().Output.ShouldContain("yes");

        (await _sluice.RunAsync("concurrency-limit", "create", "database", "5")).FailedWith(1);
        (await _sluice.RunAsync("concurrency-limit", "create", "other", "-1")).FailedWith(2);
        (await _sluice.RunAsync("concurrency-limit", "create", "other", "1", "--slot-decay-per-second", "-2")).FailedWith(2).ShouldContain("--slot-decay-per-second is -2; it takes 0 or more");
        (await _sluice.RunAsync("concurrency-limit", "update", "database")).FailedWith(2).ShouldContain("nothing to change");
        (await _sluice.RunAsync("concurrency-limit", "inspect", "databse")).FailedWith(1)
            .ShouldBe("sluice: there is no concurrency limit 'databse'. Did you mean 'database'? 'sluice concurrency-limit create databse SLOTS' makes it");
        (await _sluice.RunAsync("concurrency-limit", "delete", "database")).Succeeded();
        (await _sluice.RunAsync("concurrency-limit", "inspect", "database")).FailedWith(1);
    }
}
