using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Runtime.Logs;
using Sluice.Runtime.Orchestrated;

namespace Sluice.Tests;

public sealed class RunEnvironmentTests
{
    private const string Id = "a73614fd-4f12-4877-b452-80b1aa1934bc";

    [Theory]
    [InlineData(Id, true)]
    [InlineData("a73614fd4f124877b45280b1aa1934bc", true)]
    [InlineData("seven", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_run_id_is_a_UUID_with_or_without_dashes(string? text, bool valid)
    {
        RunEnvironment? environment = Read((RunEnvironment.FlowRunIdVariable, text));

        (environment?.FlowRunId).ShouldBe(valid ? Guid.Parse(Id) : null);
    }

    [Fact]
    public void What_is_not_set_has_Prefects_defaults()
    {
        RunEnvironment environment = Read((RunEnvironment.FlowRunIdVariable, Id))!;

        environment.ShouldBe(new RunEnvironment { FlowRunId = Guid.Parse(Id) });
        environment.Heartbeat.ShouldBe(TimeSpan.FromSeconds(180));
        environment.Lease.ShouldBe(TimeSpan.FromSeconds(30));
        environment.LogLevel.ShouldBe(LogLevel.Information);
    }

    [Fact]
    public void What_a_worker_sets_is_read()
    {
        RunEnvironment environment = Read(
            (RunEnvironment.FlowRunIdVariable, Id),
            ("SLUICE_ENTRYPOINT", "A.dll!A.B.C"),
            ("PREFECT__FLOW_NAME", "flow"),
            ("PREFECT__DEPLOYMENT_NAME", "daily"),
            ("SLUICE_LEASE_SECONDS", "30"),
            ("SLUICE_RESULT_URL", "http://127.0.0.1:1/put"),
            ("SLUICE_RESULT_KEY", "s3://bucket/results/a/b.json"),
            ("SLUICE_RESULT_FALLBACK_URL", "http://127.0.0.1:2/put"),
            ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "60"),
            ("PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR", "reschedule"),
            ("PREFECT_LOGGING_LEVEL", "DEBUG"))!;

        environment.ShouldBe(new RunEnvironment
        {
            FlowRunId = Guid.Parse(Id),
            Entrypoint = "A.dll!A.B.C",
            FlowName = "flow",
            DeploymentName = "daily",
            Lease = TimeSpan.FromSeconds(30),
            ResultUrl = new("http://127.0.0.1:1/put"),
            ResultKey = "s3://bucket/results/a/b.json",
            ResultFallbackUrl = new("http://127.0.0.1:2/put"),
            Heartbeat = TimeSpan.FromSeconds(60),
            ReschedulesOnTermination = true,
            LogLevel = LogLevel.Debug,
        });
    }

    [Theory]
    [InlineData("5", 30)]
    [InlineData("nonsense", 180)]
    [InlineData("-1", 180)]
    public void Heartbeats_come_at_most_every_thirty_seconds(string text, int seconds) =>
        Read((RunEnvironment.FlowRunIdVariable, Id), ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", text))!.Heartbeat.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("WARNING", LogLevel.Warning)]
    [InlineData("30", LogLevel.Warning)]
    [InlineData("5", LogLevel.Trace)]
    [InlineData("CRITICAL", LogLevel.Critical)]
    [InlineData("", LogLevel.Information)]
    [InlineData(null, LogLevel.Information)]
    public void Prefects_log_levels_are_understood(string? setting, LogLevel level) => LogLevels.FromSetting(setting).ShouldBe(level);

    [Theory]
    [InlineData(LogLevel.Trace, 5)]
    [InlineData(LogLevel.Debug, 10)]
    [InlineData(LogLevel.Information, 20)]
    [InlineData(LogLevel.Warning, 30)]
    [InlineData(LogLevel.Error, 40)]
    [InlineData(LogLevel.Critical, 50)]
    public void Levels_are_sent_as_Prefects_numbers(LogLevel level, int number) => LogLevels.ToPrefect(level).ShouldBe(number);

    [Fact]
    public void A_heartbeat_is_the_event_that_Prefects_engine_sends()
    {
        DateTimeOffset now = new(2026, 11, 22, 1, 2, 3, TimeSpan.Zero);
        Guid flow = Guid.NewGuid();
        Guid deployment = Guid.NewGuid();
        FlowRun run = new() { Id = Guid.NewGuid(), Name = "armored-sturgeon", FlowId = flow, DeploymentId = deployment };

        EventCreate heartbeat = Heartbeat.EventFor(run, "Weather report", now);

        JsonSerializer.Serialize([heartbeat], OrchestrationJson.Default.IReadOnlyListEventCreate).ShouldBe(
            $$$"""[{"occurred":"2026-11-22T01:02:03.000000Z","event":"prefect.flow-run.heartbeat","resource":{"prefect.resource.id":"prefect.flow-run.{{{run.Id}}}","prefect.resource.name":"armored-sturgeon"},"related":[{"prefect.resource.id":"prefect.flow.{{{flow}}}","prefect.resource.role":"flow","prefect.resource.name":"Weather report"},{"prefect.resource.id":"prefect.deployment.{{{deployment}}}","prefect.resource.role":"deployment"}],"id":"{{{heartbeat.Id}}}"}]""");
    }

    private static RunEnvironment? Read(params (string Name, string? Value)[] variables) =>
        RunEnvironment.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
