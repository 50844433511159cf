using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment run</c>: makes a run, and watches it when asked to.</summary>
internal static class DeploymentRunCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> name = DeploymentCommands.Name();
        var param = new Option<string[]>("--param") { Description = "A parameter; may be repeated. Text for text parameters, JSON for others.", HelpName = "NAME=VALUE" };
        var parameters = new Option<string?>("--params") { Description = "Parameters as a JSON object; '-' reads it from standard input. --param wins.", HelpName = "JSON|-" };
        var startIn = new Option<string?>("--start-in") { Description = "Start after this time: seconds, 00:15:00 or PT15M.", HelpName = "DURATION" };
        var startAt = new Option<string?>("--start-at") { Description = "Start at this ISO 8601 time; without an offset, this machine's time.", HelpName = "TIME" };
        var tags = new Option<string[]>("--tag") { Description = "A tag of the run; may be repeated.", HelpName = "TAG" };
        var runName = new Option<string?>("--flow-run-name") { Description = "The run's name; made up when absent.", HelpName = "NAME" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Show logs and states until the run has ended. Runs it here where no worker lives." };
        var timeout = new Option<string?>("--timeout") { Description = "With --watch: stop watching after this time, with exit code 1.", HelpName = "DURATION" };
        return new Verb(context, "run", "Runs a deployment.")
        {
            Examples =
            [
                "sluice deployment run \"Weather report/daily\" --param city=Seattle --watch",
                "sluice deployment run \"Weather report/daily\" --params '{\"city\": \"New York\", \"year\": 2014}' --start-in PT10M",
            ],
        }.With(name, param, parameters, startIn, startAt, tags, runName, watch, timeout).Reads().Does(async (call, cancellationToken) =>
        {
            if (call.Get(startIn) is not null && call.Get(startAt) is not null)
                throw CliException.BadUsage("write one of --start-in and --start-at, not both");
            if (call.Get(timeout) is not null && !call.Get(watch))
                throw CliException.BadUsage("--timeout belongs to --watch");
            DateTimeOffset? due = Due(call.Get(startIn), call.Get(startAt), call.Now);
            TimeSpan? bound = call.Get(timeout) is { } text ? Duration("--timeout", text) : null;

            JsonElement? given = await ReadObjectAsync(call.Get(parameters), cancellationToken);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            Deployment deployment = await Finder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            string fullName = (await FlowNames.LoadAsync(connection.Api, [deployment.FlowId], cancellationToken)).FullName(deployment);
            FlowRun run = await connection.Api.CreateDeploymentRunAsync(
                deployment.Id,
                new()
                {
                    Name = call.Get(runName),
                    Parameters = ParameterTable.Of(deployment).Read(given, call.Get(param) ?? [], fullName),
                    Tags = call.Get(tags) is { Length: > 0 } set ? set : null,
                    State = due is { } time ? new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = time } } : null,
                },
                cancellationToken);
            return call.Get(watch)
                ? await RunWatcher.WatchAsync(call, connection, deployment, fullName, run, bound)
                : await DescribeAsync(call, connection, fullName, run, cancellationToken);
        });
    }

    private static async Task<int> DescribeAsync(Invocation call, ApiConnection connection, string fullName, FlowRun run, CancellationToken cancellationToken)
    {
        RunNames names = await RunNames.LoadAsync(connection.Api, [run], cancellationToken);
        if (call.Json)
        {
            Json.Write(call.Screen.Out, names.ToJson(run));
            return ExitCodes.Ok;
        }
        DateTimeOffset due = run.NextScheduledStartTime ?? run.ExpectedStartTime ?? call.Now;
        new Details($"Flow run {run.Name} of {fullName}")
            .Add("Id", run.Id.ToString())
            .Add("Parameters", names.Parameters(run).Select(pair => $"{pair.Key} = {pair.Value.GetRawText()}"))
            .Add("Due", due <= call.Now ? "now" : $"{Words.LocalAndUtc(due)}, {Words.Relative(due, call.Now)}")
            .Add("Queue", run.WorkPoolName is null ? null : $"{run.WorkPoolName}/{run.WorkQueueName}")
            .Add("Watch", $"sluice flow-run logs {Shell.Quote(run.Name)} --follow")
            .Write(call.Screen);
        if (run.WorkPoolName is { } pool && !await WorkerPresence.IsServedAsync(connection.Api, run, call.Now, cancellationToken))
            call.Screen.Note($"No worker serves {pool}/{run.WorkQueueName} now: start one with 'sluice worker start --pool {Shell.Quote(pool)}', or run with --watch.");
        return ExitCodes.Ok;
    }

    private static DateTimeOffset? Due(string? startIn, string? startAt, DateTimeOffset now)
    {
        if (startIn is not null)
            return now + Duration("--start-in", startIn);
        if (startAt is null)
            return null;
        return DateTimeOffset.TryParse(startAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
            ? time.ToUniversalTime()
            : throw CliException.BadUsage($"--start-at '{startAt}' is not an ISO 8601 time; write e.g. 2026-01-31T06:00:00+01:00");
    }

    private static TimeSpan Duration(string option, string text)
    {
        if (!Durations.TryParse(text, out TimeSpan duration, out ScheduleError? error))
            throw CliException.BadUsage($"{option} '{text}' is not a duration: {error!.Message}; write e.g. 90, 00:01:30 or PT1M30S");
        return duration >= TimeSpan.Zero ? duration : throw CliException.BadUsage($"{option} is {text}; it takes 0 or more");
    }

    private static async Task<JsonElement?> ReadObjectAsync(string? json, CancellationToken cancellationToken)
    {
        if (json is null)
            return null;
        string text = json == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : json;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new CliException($"--params is not JSON: {exception.Message} Write an object, e.g. '{{\"city\": \"Seattle\"}}'", ExitCodes.BadUsage, exception);
        }
        throw CliException.BadUsage("--params is not a JSON object; write e.g. '{\"city\": \"Seattle\"}'");
    }
}
