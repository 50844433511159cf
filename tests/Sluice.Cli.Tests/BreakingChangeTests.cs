using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary><c>sluice deploy</c> of a schema that refuses what the deployed one accepts.</summary>
public sealed class BreakingChangeTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_breaking_change_needs_an_option()
    {
        await _sluice.DeployAsync();
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Deployment live = (await api.FindDeploymentAsync("Greet", "by-hand", TestContext.Current.CancellationToken))!;
            JsonElement wider = JsonElement.Parse("""{"properties":{"name":{"type":"string"},"loud":{"type":"boolean"}},"additionalProperties":false}""");
            await api.UpdateDeploymentAsync(live.Id, new() { ParameterOpenapiSchema = wider }, TestContext.Current.CancellationToken);
        }

        SluiceProgram.Outcome stopped = await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly);
        stopped.ExitCode.ShouldBe(1, stopped.ToString());
        stopped.Error.ShouldContain("error SLC1019: Greet/by-hand: the new parameters refuse what the deployed ones accept, so that whoever starts runs may fail: ");
        stopped.Error.ShouldContain("$.loud was removed");
        stopped.Error.ShouldContain("sluice deploy --allow-breaking-changes");

        SluiceProgram.Outcome allowed = (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--allow-breaking-changes")).Succeeded();
        allowed.Error.ShouldContain("warning SLC1019");
        allowed.Output.ShouldContain("Greet/by-hand: updated (parameter schema)");
    }
}
