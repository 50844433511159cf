using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Times;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment run</c>: makes a run, and watches it when asked to.</summary>
internal static class DeploymentRunCommand
{
    /// <summary>What passes between a command's begin and here.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    public static Command Create(CliContext context)
    {
        var name = new DeploymentName();
        var param = new Option<string[]>("--param", "-p") { Description = "A parameter; may be repeated. Text for text parameters, JSON for others.", HelpName = "NAME=VALUE" };
        var parameters = new Option<string?>("--params") { Description = "Parameters as a JSON object; '-' reads it from standard input. --param wins.", HelpName = "JSON|-" };
        var start = new StartOptions();
        var tags = new Option<string[]>("--tag", "-t") { Description = "A tag of the run; may be repeated.", HelpName = "TAG" };
        var runName = new Option<string?>("--flow-run-name") { Description = "The run's name; made up when absent.", HelpName = "NAME" };
        var variables = new Option<string[]>("--job-variable", "-jv") { Description = "A job variable of this run; may be repeated. JSON, or else a text; env.NAME sets one variable of the environment.", HelpName = "NAME=VALUE" };
        var queue = new Option<string?>("--work-queue", "-q") { Description = "Another queue of the deployment's pool.", HelpName = "QUEUE" };
        var key = new Option<string?>("--idempotency-key") { Description = "Two runs with the same key are one: the second answers the first.", HelpName = "KEY" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Show logs and states until the run has ended. Runs it here where no worker lives." };
        var timeout = new Option<string?>("--timeout", "--watch-timeout") { Description = "With --watch: stop watching after this time, with exit code 1. A run that lives in this process is cancelled.", HelpName = "DURATION" };
        return new Verb(context, "run", "Runs a deployment.")
        {
            Examples =
            [
                "sluice deployment run \"Weather report/daily\" --param city=Seattle --watch",
                "sluice deployment run \"Weather report/daily\" --params '{\"city\": \"New York\", \"year\": 2014}' --start-in \"10 minutes\"",
                "sluice deployment run \"Weather report/daily\" --start-at \"next monday 9:30\" --timezone Europe/Paris -jv env.LEVEL=debug",
            ],
        }.With([.. name.All, param, parameters, .. start.All, tags, runName, variables, queue, key, watch, timeout]).Reads().Does(async (call, cancellationToken) =>
        {
            string named = name.Read(call);
            if (call.Get(timeout) is not null && !call.Get(watch))
                throw CliException.BadUsage("--timeout belongs to --watch");
            // A script's variable that holds nothing: an empty key would make one run of all.
            foreach ((Option option, string? written) in ((Option, string?)[])[(runName, call.Get(runName)), (queue, call.Get(queue)), (key, call.Get(key)), .. (call.Get(tags) ?? []).Select(tag => ((Option)tags, tag))])
            {
                if (written is not null && string.IsNullOrWhiteSpace(written))
                    throw CliException.BadUsage($"{option.Name} is empty: write a text, or leave it out");
            }
            PhraseTime? due = start.Read(call);
            TimeSpan? bound = call.Get(timeout) is { } text ? StartOptions.Duration("--timeout", text, call) : null;
            Dictionary<string, JsonElement>? jobVariables = JobVariableTexts.Read(call.Get(variables) ?? []);

            JsonElement? given = await ReadObjectAsync(call.Get(parameters), cancellationToken);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            (Deployment deployment, string fullName) = await Finder.NamedDeploymentAsync(connection.Api, named, cancellationToken);
            FlowRun run = await connection.Api.CreateDeploymentRunAsync(
                deployment.Id,
                new()
                {
                    Name = call.Get(runName),
                    Parameters = ParameterTable.Of(deployment).Read(given, call.Get(param) ?? [], fullName),
                    Tags = call.Get(tags) is { Length: > 0 } set ? set : null,
                    JobVariables = jobVariables,
                    WorkQueueName = call.Get(queue),
                    IdempotencyKey = call.Get(key),
                    State = due is { } time ? new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = time.Time } } : null,
                },
                cancellationToken);
            if (due is { } told && told.Note is { } note)
                call.Screen.Note(note);
            if (due is { } past && past.Time < call.Now - Moment)
                call.Screen.Note($"{Words.LocalAndUtc(past.Time)} is over ({Words.Relative(past.Time, call.Now)}): the run is due at once.");
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

    private static async Task<JsonElement?> ReadObjectAsync(string? json, CancellationToken cancellationToken)
    {
        if (json is null)
            return null;
        string text = json == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : json;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (JsonProblem.Twice(document.RootElement) is { } twice)
                throw CliException.BadUsage($"--params has {twice} twice: keep one");
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new CliException($"--params {JsonProblem.Of(text, exception)}. Write an object, e.g. '{{\"city\": \"Seattle\"}}'", ExitCodes.BadUsage, exception);
        }
        throw CliException.BadUsage("--params is not a JSON object; write e.g. '{\"city\": \"Seattle\"}'");
    }
}
