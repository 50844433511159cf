using System.Text.Json;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

public sealed class JobVariablesTests
{
    [Theory]
    [InlineData("""{"env":{"A":"1","B":"2"}}""", """{"env":{"B":"3","C":"4"}}""", "A=1 B=3 C=4")]
    [InlineData("""{"env":{"A":"1"}}""", """{"env":{"A":null}}""", "A")]
    [InlineData("""{"env":{"A":null}}""", """{"env":{"A":"1"}}""", "A=1")]
    [InlineData("""{"env":{"A":"1"}}""", """{"env.A":"2","env.B":"3"}""", "A=2 B=3")]
    [InlineData("""{"env.A":"dotted","env":{"A":"nested"}}""", "{}", "A=nested")]
    [InlineData("""{"env":{"A":"nested"},"env.A":"dotted"}""", "{}", "A=nested")]
    [InlineData("""{"env":{"A":"1"}}""", """{"env":null}""", "A=1")]
    [InlineData("""{"env":{"N":1.50,"T":true}}""", "{}", "N=1.50 T=true")]
    [InlineData("""{"image":"x"}""", """{"cpu":[1]}""", "")]
    public void The_runs_environment_is_merged_over_the_deployments(string deployment, string run, string environment) =>
        string.Join(' ', Merge(deployment, run).Env.OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => variable.Value is null ? variable.Key : $"{variable.Key}={variable.Value}")).ShouldBe(environment);

    [Theory]
    [InlineData("""{"command":"a"}""", """{"command":"b"}""", "b")]
    [InlineData("""{"command":"a"}""", "{}", "a")]
    [InlineData("""{"command":"a"}""", """{"command":null}""", null)]
    [InlineData("""{"command":"  "}""", "{}", null)]
    public void The_runs_command_replaces_the_deployments(string deployment, string run, string? command) =>
        Merge(deployment, run).Command.ShouldBe(command);

    [Theory]
    [InlineData("""{"env":[]}""", "the job variable env is not an object but an array: correct the deployment's job variables")]
    [InlineData("""{"env":{"A":{}}}""", "the job variable env.A is not a text but an object: correct the deployment's job variables")]
    [InlineData("""{"env.A":[1]}""", "the job variable env.A is not a text but an array: correct the deployment's job variables")]
    [InlineData("""{"command":1}""", "the job variable command is not a text but a number: correct the deployment's job variables")]
    [InlineData("""{"working_dir":true}""", "the job variable working_dir is not a text but a boolean: correct the deployment's job variables")]
    public void A_variable_of_the_wrong_type_is_named(string deployment, string message) =>
        Should.Throw<LaunchException>(() => Merge(deployment, "{}")).Message.ShouldBe(message);

    private static JobVariables Merge(string deployment, string run) => JobVariables.Merge(Parse(deployment), Parse(run), null);

    private static Dictionary<string, JsonElement> Parse(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
