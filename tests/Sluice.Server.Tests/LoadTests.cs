using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

/// <summary>A thousand deployments with ten thousand runs: whatever is asked of them takes a page of work and not a table's.</summary>
public sealed class LoadTests(LoadData data) : IClassFixture<LoadData>
{
    private const string Pool = LoadData.Pool;
    private const int Deployments = LoadData.Deployments;
    private const int RunsOfEach = LoadData.RunsOfEach;
    private readonly Home _home = data.Home;
    private readonly IReadOnlyList<Guid> _deployments = data.DeploymentIds;
    private readonly IReadOnlyDictionary<Guid, (int Deployment, int Number)> _runs = data.Runs;

    [Fact]
    public async Task They_are_listed_filtered_and_claimed_by_pages()
    {
        // Every run once, page after page, in the order that was asked for.
        foreach (string sort in new[] { "EXPECTED_START_TIME_ASC", "START_TIME_DESC", "ID_DESC", "NAME_ASC" })
            (await PagesAsync(new() { Sort = sort })).Select(run => run.Id).Order().ShouldBe(_runs.Keys.Order(), sort);
        (await PagesAsync(new() { Sort = "EXPECTED_START_TIME_ASC" })).Select(run => run.ExpectedStartTime).ShouldBeInOrder();

        (await PagesAsync(new() { FlowRuns = new() { State = new() { Type = new() { Any = [StateType.Completed] } } } })).Count.ShouldBe(Deployments);
        (await PagesAsync(new() { FlowRuns = new() { DeploymentId = new() { Any = [_deployments[7]] } } })).Select(run => run.Id).Order()
            .ShouldBe(_runs.Where(run => run.Value.Deployment == 7).Select(run => run.Key).Order());
        (await PagesAsync(new() { Deployments = new() { Tags = new() { All = ["tag-3"] } } })).Count.ShouldBe(Deployments / 20 * RunsOfEach);
        (await PagesAsync(new() { WorkPoolQueues = new() { Name = new() { Any = ["queue-2"] } } })).Count.ShouldBe(Deployments / 4 * RunsOfEach);
        (await _home.Api.CountFlowRunsAsync(new() { Flows = new() { Name = new() { Any = ["flow-9"] } } }, default)).ShouldBe(Deployments / 50 * RunsOfEach);

        var names = new List<string>();
        for (int offset = 0; offset < Deployments; offset += 200)
            names.AddRange((await _home.Api.ListDeploymentsAsync(new() { Sort = "NAME_ASC", Offset = offset, Limit = 200 }, default)).Select(deployment => deployment.Name));
        names.ShouldBe(Enumerable.Range(0, Deployments).Select(number => $"d-{number:0000}"));
        (await _home.Api.ListDeploymentsAsync(new() { Deployments = new() { FlowOrDeploymentName = new() { Like = "d-099" } } }, default)).Count.ShouldBe(10);

        // Claimed: by priority, then due time, each once, and none is left.
        _home.Clock.Advance(TimeSpan.FromSeconds(Deployments * RunsOfEach));
        int waiting = await _home.Api.CountFlowRunsAsync(new() { FlowRuns = new() { State = new() { Type = new() { Any = [StateType.Scheduled] } } } }, default);
        waiting.ShouldBeInRange(Deployments * (RunsOfEach - 1) - 1, Deployments * (RunsOfEach - 1)); // another test may have claimed one
        var claimed = new List<(int Queue, Guid Id)>();
        while (await _home.Api.GetScheduledFlowRunsAsync(Pool, new() { ScheduledBefore = _home.Clock.GetUtcNow() }, default) is { Count: > 0 } due)
        {
            await _home.Api.Write(scope =>
            {
                foreach (Guid id in due.Select(run => run.FlowRun.Id))
                {
                    FlowRunStates.Set(scope, id, new() { Type = StateType.Pending }, default).Status.ShouldBe(SetStateStatus.Accept);
                    claimed.Add((_runs[id].Deployment % 4, id));
                }
            }, default);
        }
        claimed.Count.ShouldBe(waiting);
        claimed.Select(run => run.Queue).ShouldBeInOrder();
        claimed.Select(run => run.Id).Distinct().Count().ShouldBe(claimed.Count);
    }

    [Fact]
    public async Task A_page_costs_a_handful_of_statements_whatever_the_number_of_rows()
    {
        (await StatementsAsync(() => _home.Api.ListFlowRunsAsync(new() { Limit = 200 }, default))).ShouldBeLessThanOrEqualTo(2);
        (await StatementsAsync(() => _home.Api.ListDeploymentsAsync(new() { Limit = 200 }, default))).ShouldBeLessThanOrEqualTo(3);
        (await StatementsAsync(() => _home.Api.GetScheduledFlowRunsAsync(Pool, new() { Limit = 200 }, default))).ShouldBeLessThanOrEqualTo(20);
        Guid run = _runs.Keys.First(id => _runs[id].Number == 1);
        (await StatementsAsync(() => _home.Api.SetFlowRunStateAsync(run, new() { Type = StateType.Pending }, new() { Lease = TimeSpan.FromSeconds(30) }, default))).ShouldBeLessThanOrEqualTo(10);
    }

    public static TheoryData<string> Sorts => ["ID_DESC", "START_TIME_ASC", "START_TIME_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC"];

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task Lists_walk_an_index_in_their_order(string sort)
    {
        List<string> plan = await PlanAsync(FlowRuns.Page(new() { Sort = sort, Limit = 200 }));
        plan.ShouldAllBe(step => !step.StartsWith("SCAN r", StringComparison.Ordinal) || step.Contains("INDEX"), string.Join("; ", plan));
        plan.ShouldAllBe(step => !step.Contains("TEMP B-TREE"), string.Join("; ", plan));
    }

    [Fact]
    public async Task Filters_by_state_and_deployment_search_an_index()
    {
        foreach (FlowRunFilter filter in new FlowRunFilter[]
        {
            new() { State = new() { Type = new() { Any = [StateType.Running] } } },
            new() { DeploymentId = new() { Any = [_deployments[0]] } },
            new() { Id = new() { Any = [.. _runs.Keys.Take(3)] } },
        })
        {
            List<string> plan = await PlanAsync(FlowRuns.Page(new() { FlowRuns = filter, Sort = "EXPECTED_START_TIME_DESC", Limit = 200 }));
            plan.ShouldContain(step => step.StartsWith("SEARCH r USING", StringComparison.Ordinal), string.Join("; ", plan));
        }
    }

    private Task<List<string>> PlanAsync(Sql query) => _home.Api.Read(scope => scope.Db.Query($"EXPLAIN QUERY PLAN {query}", row =>
    {
        row.Number();
        row.Number();
        row.Number();
        return row.Text();
    }), default);

    private async Task<long> StatementsAsync<T>(Func<Task<T>> ask)
    {
        long before = _home.Api.Statements;
        await ask();
        return _home.Api.Statements - before;
    }

    private async Task<List<FlowRun>> PagesAsync(FlowRunsQuery query)
    {
        var runs = new List<FlowRun>();
        IReadOnlyList<FlowRun> page;
        do
        {
            page = await _home.Api.ListFlowRunsAsync(query with { Offset = runs.Count, Limit = 200 }, default);
            runs.AddRange(page);
        }
        while (page.Count == 200);
        return runs;
    }
}
