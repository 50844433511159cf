using Sluice.Orchestration.Http;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>What a schedule has beyond Prefect's is for Sluice's server only: Prefect's refuses unknown keys.</summary>
public sealed class PrefectScheduleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Misfire_and_dst_are_sent_to_sluices_server_only(bool isSluice)
    {
        const string Deployment = """{"id":"545179b7-57bb-491c-bf8c-e36b6073ae23","flow_id":"545179b7-57bb-491c-bf8c-e36b6073ae24","name":"d"}""";
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => (http.Request.Method, http.Request.Path.Value) switch
        {
            (_, "/api/sluice/info") when isSluice => ScriptedServer.JsonAsync(http, 200, """{"product":"sluice","version":"1.0.0","location":"x","change":1}"""),
            (_, "/api/sluice/info") => ScriptedServer.JsonAsync(http, 404, """{"detail":"Not Found"}"""),
            (_, "/api/admin/version") => ScriptedServer.JsonAsync(http, 200, "\"3.8.3\""),
            ("POST", "/api/deployments/") => ScriptedServer.JsonAsync(http, 201, Deployment),
            ("GET" or "POST", { } path) when path.EndsWith("/schedules", StringComparison.Ordinal) => ScriptedServer.JsonAsync(http, 200, "[]"),
            _ => ScriptedServer.JsonAsync(http, 204, ""),
        }, version: null);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        DeploymentScheduleCreate schedule = new() { Slug = "s", Schedule = new() { Cron = "0 6 * * *" }, Misfire = ScheduleMisfire.RunAll, MaxMisfires = 7, Dst = ScheduleDst.VixieLike };
        DeploymentScheduleUpdate update = new() { Slug = "s", Schedule = schedule.Schedule, Misfire = ScheduleMisfire.RunAll, MaxMisfires = 7, Dst = ScheduleDst.VixieLike };
        Guid id = Guid.NewGuid();

        await api.UpsertDeploymentAsync(new() { Name = "d", FlowId = Guid.NewGuid(), Schedules = [schedule] }, Cancel);
        await api.UpdateDeploymentAsync(id, new() { Schedules = [update] }, Cancel);
        await api.CreateSchedulesAsync(id, [schedule], Cancel);
        await api.UpdateScheduleAsync(id, Guid.NewGuid(), update, Cancel);

        string[] bodies = [.. server.Requests.Where(request => request.Method is "POST" or "PATCH").Select(request => request.Body)];
        bodies.Length.ShouldBe(4);
        bodies.ShouldAllBe(body => body.Contains("\"cron\":\"0 6 * * *\""));
        foreach (string member in (string[])["\"misfire\":\"run_all\"", "\"max_misfires\":7", "\"dst\":\"vixie_like\""])
        {
            bodies.Count(body => body.Contains(member, StringComparison.Ordinal)).ShouldBe(isSluice ? 4 : 0, member);
        }

        if (!isSluice)
        {
            bodies.ShouldAllBe(body => !body.Contains("misfire", StringComparison.Ordinal) && !body.Contains("dst", StringComparison.Ordinal));
        }
    }
}
