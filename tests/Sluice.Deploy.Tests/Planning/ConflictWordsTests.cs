using System.Text.Json;
using Sluice.Deploy.Code;
using Sluice.Deploy.Tests.Files;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using CodeDeployment = Sluice.Deploy.Code.Deployment;

namespace Sluice.Deploy.Tests.Planning;

/// <summary>A conflict is told in the words of what was run, with the way that decides it there.</summary>
public sealed class ConflictWordsTests : IDisposable
{
    private const string Daily = "Weather report/daily";

    private readonly DeployBench _bench = new();
    private readonly FileBench _files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _files.Dispose();
        _bench.Dispose();
    }

    [Theory]
    [InlineData("publish", "the code", "Publish with -p:SluiceConflicts=keep for the server's or -p:SluiceConflicts=code for the code's (sluice deploy, sluice deployment plan: --conflicts keep|code)")]
    [InlineData("plan", "the code", "Publish with -p:SluiceConflicts=keep for the server's or -p:SluiceConflicts=code for the code's (sluice deploy, sluice deployment plan: --conflicts keep|code)")]
    [InlineData("program", "the code", "Apply with new ApplyOptions { Conflicts = ConflictRule.Keep } for the server's or ConflictRule.Code for the code's")]
    [InlineData("file", "the file", "Apply with --conflicts keep for the server's or --conflicts code for the file's (sluice deployment apply, sluice deployment build --apply)")]
    [InlineData("rollback", "the version", "Roll back with --conflicts keep for the server's or --conflicts code for the version's")]
    public async Task A_conflict_says_how_it_is_decided_where_it_was_met(string where, string side, string decide)
    {
        DeployError told = where switch
        {
            "program" => await OfProgramAsync(),
            "file" => await OfFileAsync(),
            "rollback" => await OfRollbackAsync(),
            _ => await OfPublishAsync(where == "plan"),
        };
        told.Code.ShouldBe(DeployCodes.Conflict);
        told.IsWarning.ShouldBe(where == "plan");
        told.Message.ShouldBe($"{Daily}: changed both in {side} and on the server since the last publish: parameters.city was \"Oslo\", {side} says \"Bergen\", the server has \"Rome\". {decide}, or make both the same.");
    }

    private async Task<DeployError> OfPublishAsync(bool plan)
    {
        await PublishAsync("Oslo");
        await PersonAsync(await _bench.OpenAsync());
        return (await PublishAsync("Bergen", plan)).Diagnostics.Single(one => one.Code == DeployCodes.Conflict);
    }

    private async Task<DeployError> OfRollbackAsync()
    {
        await PublishAsync("Bergen");
        await PublishAsync("Oslo");
        await PersonAsync(await _bench.OpenAsync());
        return (await new RollbackRunner(_bench.Environment()).RunAsync(new() { Deployments = [Daily] }, Cancel)).Diagnostics.Single(one => !one.IsWarning);
    }

    private async Task<DeployError> OfProgramAsync()
    {
        CodeDeployment daily = CodeDeployment.FromFlow(_bench.Program, "Weather report", "daily");
        await daily.Parameter("city", "Oslo").ApplyAsync(surroundings: _bench.Environment());
        await PersonAsync(await _bench.OpenAsync());
        return (await Should.ThrowAsync<DeploymentFailedException>(() => daily.Parameter("city", "Bergen").ApplyAsync(surroundings: _bench.Environment()))).Errors.ShouldHaveSingleItem();
    }

    private async Task<DeployError> OfFileAsync()
    {
        string file = (await _files.BuildAsync()).File;
        FileBench.Edit(file, "city: Seattle", "city: Oslo");
        await _files.AppliedAsync(file);
        await PersonAsync(await _files.OpenAsync());
        FileBench.Edit(file, "city: Oslo", "city: Bergen");
        return (await _files.ApplyAsync(file)).Diagnostics.Single(one => !one.IsWarning);
    }

    private Task<DeployResult> PublishAsync(string city, bool plan = false)
    {
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = city);
        return _bench.RunAsync(_bench.Request with { PlanOnly = plan });
    }

    private static async Task PersonAsync(IOrchestrationApi api)
    {
        await using (api)
        {
            Guid id = (await api.FindDeploymentAsync("Weather report", "daily", Cancel)).ShouldNotBeNull().Id;
            await api.UpdateDeploymentAsync(id, new() { Parameters = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Rome\"") } }, Cancel);
        }
    }
}
