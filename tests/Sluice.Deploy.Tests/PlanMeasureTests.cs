namespace Sluice.Deploy.Tests;

/// <summary>What many deployments cost, in requests: time is measured by <c>build/bench.cs -- plan</c>.</summary>
public sealed class PlanMeasureTests
{
    [Fact]
    public async Task A_thousand_deployments_are_planned_and_applied_by_a_handful_of_requests()
    {
        await using PlanMeasure measure = await PlanMeasure.StartAsync(PlanMeasure.Places[1], 1000);
        IReadOnlyList<PlanMeasure.Row> rows = await measure.AllAsync();

        rows.Select(row => (row.Step, row.Outcome.ApiWrites, Outcomes(row.Outcome))).ShouldBe(
        [
            ("plan, all new", 0, "1000 created"),
            ("publish, all new", 1, "1000 created"),
            ("plan, unchanged", 0, "1000 unchanged"),
            ("publish, unchanged", 0, "1000 unchanged"),
            ("plan, one changed", 0, "999 unchanged, 1 updated"),
            ("publish, one changed", 1, "999 unchanged, 1 updated"),
            ("publish, another program", 1, "1000 updated"),
            ("publish, unchanged", 0, "1000 unchanged"),
        ]);
        rows.ShouldAllBe(row => row.Requests <= 10, string.Join('\n', rows.Select(row => $"{row.Step}: {row.Requests} requests")));
    }

    [Fact]
    public async Task Unchanged_deployments_are_read_from_Prefect_by_pages()
    {
        await using PlanMeasure measure = await PlanMeasure.StartAsync(PlanMeasure.Places[2], 100);
        IReadOnlyList<PlanMeasure.Row> rows = await measure.AllAsync();

        rows.Where(row => row.Outcome.ApiWrites == 0).ShouldAllBe(row => row.Requests <= 10, string.Join('\n', rows.Select(row => $"{row.Step}: {row.Requests} requests")));
        Outcomes(rows[^1].Outcome).ShouldBe("100 unchanged");
    }

    [Fact]
    public async Task Deployments_of_others_cost_a_publish_no_request_and_no_bytes()
    {
        await using PlanMeasure measure = await PlanMeasure.StartAsync(PlanMeasure.Places[1], 20);
        await measure.AllAsync();
        PlanMeasure.Row alone = await measure.StepAsync("publish, unchanged", plan: false);
        await measure.AddForeignAsync(1000);
        PlanMeasure.Row among = await measure.StepAsync("publish, unchanged", plan: false);

        (among.Requests, Outcomes(among.Outcome)).ShouldBe((alone.Requests, "20 unchanged"));
        among.Received.ShouldBeLessThan(alone.Received + 10_000);
    }

    private static string Outcomes(DeployOutcome outcome) =>
        string.Join(", ", outcome.Deployments.GroupBy(one => one.Outcome).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}"));
}
