using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;

namespace Sluice.Deploy.Tests.Ownership;

public sealed class DeployedEnvironmentTests
{
    [Theory]
    [InlineData("pr-123", "pr-123")]
    [InlineData("  PR 123 ", "pr-123")]
    [InlineData("feature/Rain_1", "feature-rain-1")]
    [InlineData("refs/heads/fix#12", "refs-heads-fix-12")]
    [InlineData("Überfluss", "uberfluss")]
    [InlineData("v1.2", "v1-2")]
    public void A_branch_names_an_environment_as_it_is(string text, string name) => DeployedEnvironment.Of(Request with { Environment = text })!.Name.ShouldBe(name);

    [Theory]
    [InlineData("$BRANCH", "contains '$', which no name may: write letters, digits and dashes, as pr-123; was a variable not replaced?")]
    [InlineData("%BRANCH%", "contains '%'")]
    [InlineData("pr<1>", "contains '<'")]
    [InlineData("a&b", "contains '&'")]
    [InlineData("a\nb", "contains a control character")]
    [InlineData("---", "has no letter and no digit")]
    [InlineData("a-very-long-branch-about-something-important", "has 44 characters, and 40 is the most")]
    public void What_cannot_be_a_name_is_refused_with_a_reason(string text, string reason)
    {
        (string code, string message) = Should.Throw<DeployException>(() => DeployedEnvironment.Of(Request with { Environment = text })).Errors.ShouldHaveSingleItem();
        code.ShouldBe(DeployCodes.EnvironmentInvalid);
        message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("7d", 7 * 86_400)]
    [InlineData("1.5h", 5_400)]
    [InlineData("3600", 3_600)]
    [InlineData("00:15:00", 900)]
    [InlineData("PT15M", 900)]
    public void Times_to_live_are_written_as_durations_everywhere(string text, int seconds) =>
        DeployedEnvironment.Of(Request with { Environment = "pr", EnvironmentTtl = text })!.TimeToLive.ShouldBe(TimeSpan.FromSeconds(seconds));

    /// <summary>Environment, time to live, active, and what is wrong.</summary>
    [Theory]
    [InlineData("pr", "soon", false, "SluiceEnvironmentTtl 'soon' is no time to live: write e.g. 7d")]
    [InlineData("pr", "1", false, "at least a minute")]
    [InlineData("pr", "-7d", false, "is no time to live")]
    [InlineData("pr", "99999d", false, "at most ten years")]
    [InlineData(null, "7d", false, "SluiceEnvironmentTtl is about an environment, and none is named")]
    [InlineData("", null, true, "SluiceEnvironmentActive is about an environment, and none is named")]
    public void What_a_publish_says_about_an_environment_is_refused_with_a_reason(string? environment, string? ttl, bool active, string reason) =>
        Should.Throw<DeployException>(() => DeployedEnvironment.Of(Request with { Environment = environment, EnvironmentTtl = ttl, EnvironmentActive = active })).Errors.ShouldHaveSingleItem().Message.ShouldContain(reason);

    [Fact]
    public void Without_a_name_there_is_no_environment() => DeployedEnvironment.Of(Request with { Environment = " " }).ShouldBeNull();

    /// <summary>Whether the environment is active, what the code says, and what becomes of it.</summary>
    [Theory]
    [InlineData(false, null, true)]
    [InlineData(false, false, true)]
    [InlineData(true, null, false)]
    [InlineData(true, true, true)]
    public void A_copy_is_paused_unless_the_environment_is_active(bool isActive, bool? declared, bool paused) =>
        Copy(new("pr-1", isActive), new() { Name = "daily", Paused = declared }).Paused.ShouldBe(paused);

    [Fact]
    public void A_copy_has_its_own_name_tag_and_storage_key_and_its_flow_keeps_its_name()
    {
        DeploymentManifest copy = Copy(new("pr-1"), new() { Name = "daily", Tags = ["weather"], StorageKey = "team/weather" });
        (copy.Name, string.Join(",", copy.Tags!), copy.StorageKey).ShouldBe(("daily-pr-1", "weather,environment:pr-1", "team-pr-1/weather"));
        Copy(new("pr-1"), new() { Name = "daily" }, "key").StorageKey.ShouldBe("key-pr-1");
        Copy(new("pr-1"), new() { Name = "daily" }).StorageKey.ShouldBeNull();
    }

    private static DeployRequest Request => new() { Assembly = "a.dll", PublishDir = "." };

    private static DeploymentManifest Copy(DeployedEnvironment environment, DeploymentManifest deployment, string? key = null)
    {
        FlowManifest flow = environment.Of(new() { ManifestVersion = 1, Assembly = "A", Flows = [new() { Name = "F", Entrypoint = "A.dll!M", Deployments = [deployment] }] }, key).Flows.ShouldHaveSingleItem();
        flow.Name.ShouldBe("F");
        return flow.Deployments.ShouldHaveSingleItem();
    }
}
