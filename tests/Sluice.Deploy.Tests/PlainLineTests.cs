using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;

namespace Sluice.Deploy.Tests;

/// <summary>Names of the server in lines for people: no runner of a CI system and no terminal takes them for a command.</summary>
public sealed class PlainLineTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_a_person_calls_a_tag_is_no_command_to_the_CI_system_that_plans()
    {
        await _bench.DeployAsync();
        Guid id = (await _bench.LiveAsync("daily"))!.Id;
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.UpdateDeploymentAsync(id, new() { Tags = ["weather", "x\n::stop-commands::t", "##vso[task.setvariable variable=PATH]/evil"] }, TestContext.Current.CancellationToken);

        DeployOutcome plan = await _bench.DeployAsync(_bench.Request with { PlanOnly = true });

        plan.Deployments[0].Fields.Count(field => field.Class == FieldClass.Drift).ShouldBe(2);
        _bench.Output.ShouldContain("    tags[x ::stop-commands::t]: ");
        _bench.Output.ShouldContain("    tags[# #vso[task.setvariable variable=PATH]/evil]: ");
        _bench.Output.ShouldNotContain("\n::");
        _bench.Output.ShouldNotContain("##vso[");
    }

    [Theory]
    [InlineData("    tags[weather]: nothing → \"weather\" (code changed)", null)]
    [InlineData("std::vector, #1 ##, a\tb", null)]
    [InlineData("    tags[a\r\n::stop-commands::t]", "    tags[a ::stop-commands::t]")]
    [InlineData("  ::add-mask::x: at 07:00", "  : :add-mask: :x: at 07:00")]
    [InlineData("tags[##vso[task.setvariable variable=PATH]/evil]", "tags[# #vso[task.setvariable variable=PATH]/evil]")]
    [InlineData("tags[##VSO[x]] ##[set-env name=A]b", "tags[# #vso[x]] # #[set-env name=A]b")]
    [InlineData("\u001b[31mred\u009b2J\u0007\u2028next", "\uFFFD[31mred\uFFFD2J\uFFFD next")]
    public void A_line_is_for_people_alone(string text, string? plain)
    {
        PlainLine.Of(text).ShouldBe(plain ?? text);
        new DeployError(DeployCodes.Conflict, text, "x").ToString().ShouldEndWith(plain ?? text);
    }
}
