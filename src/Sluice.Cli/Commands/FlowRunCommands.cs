using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>flow-run …</c>. Runs are named by id or by their name.</summary>
internal static class FlowRunCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
        [List(context), Inspect(context), Logs(context), Cancel(context), Delete(context), FlowRunExecuteCommand.Create(context)];

    private static Argument<string> Name() => new("RUN") { Description = "The run's id or name." };

    private static Verb List(CliContext context)
    {
        var flow = new Option<string?>("--flow") { Description = "Only runs of this flow.", HelpName = "FLOW" };
        var deployment = new Option<string?>("--deployment") { Description = "Only runs of this deployment.", HelpName = "FLOW/DEPLOYMENT" };
        var states = new Option<string[]>("--state") { Description = "Only runs in this state, by type or name (Completed, Late, …); may be repeated.", HelpName = "STATE" };
        var limit = new Option<int>("--limit") { Description = "At most so many.", HelpName = "N", DefaultValueFactory = _ => 50 };
        return new Verb(context, "ls", "Lists flow runs, the newest first: those that are to come, and those that have begun.")
        {
            Examples = ["sluice flow-run ls", "sluice flow-run ls --deployment \"Weather report/daily\" --state Failed --state Crashed --output json"],
        }.With(flow, deployment, states, limit).Reads().Checks(call => Numbers.AtLeast(1, limit.Name, call.Get(limit))).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            Deployment? owner = call.Get(deployment) is { } name ? await Finder.DeploymentAsync(connection.Api, name, cancellationToken) : null;
            var query = new FlowRunsQuery
            {
                Flows = call.Get(flow) is { } flowName ? new() { Name = new() { Any = [flowName] } } : null,
                Deployments = owner is null ? null : new() { Id = new() { Any = [owner.Id] } },
            };
            IReadOnlyList<FlowRun> runs = await FlowRunList.ReadAsync(connection.Api, query, call.Get(states), call.Get(limit), cancellationToken);
            RunNames names = await RunNames.LoadAsync(connection.Api, runs, cancellationToken);
            if (call.Json)
            {
                Json.Write(call.Screen.Out, new JsonArray([.. runs.Select(run => (JsonNode)names.ToJson(run))]));
                return ExitCodes.Ok;
            }
            if (runs.Count == 0)
            {
                call.Screen.Note("No flow runs.");
                return ExitCodes.Ok;
            }
            var table = new TableView(
                new Column("Name"), new Column("Deployment", Rank: 1), new Column("State"), new Column("When"), new Column("Took", Rank: 2, Right: true), new Column("Id", Rank: 3));
            foreach (FlowRun run in runs)
            {
                table.Add(
                    run.Name, names.FullName(run), StateLooks.Cell(run), When(run, call.Now),
                    run.StartTime is null ? "" : Words.Duration(TimeSpan.FromSeconds(run.EstimatedRunTime)), run.Id.ToString());
            }
            table.Write(call.Screen);
            return ExitCodes.Ok;
        });
    }

    private static string When(FlowRun run, DateTimeOffset now)
    {
        if (run.StateType == StateType.Scheduled && (run.NextScheduledStartTime ?? run.ExpectedStartTime) is { } due)
            return due < now ? $"due {Words.Relative(due, now)}" : Words.Relative(due, now);
        return (run.EndTime ?? run.StartTime ?? run.ExpectedStartTime) is { } time ? Words.Relative(time, now) : "";
    }

    private static Verb Inspect(CliContext context)
    {
        Argument<string> name = Name();
        var result = new Option<bool>("--result") { Description = "Only its result, from wherever it is kept; with --output json as it is kept, of any size." };
        return new Verb(context, "inspect", "Shows a flow run: its states, parameters and result, and why it waits.")
        {
            Examples = ["sluice flow-run inspect brave-otter", "sluice flow-run inspect brave-otter --result", "sluice flow-run inspect brave-otter --output json"],
        }.With(name, result).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                FlowRun run = await Finder.FlowRunAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Get(result))
                {
                    await RunResult.WriteAsync(call, connection, run, cancellationToken);
                    return ExitCodes.Ok;
                }
                RunNames names = await RunNames.LoadAsync(connection.Api, [run], cancellationToken);
                IReadOnlyList<RunWait> waits = await RunWait.ExplainAsync(connection, run, call.Now, cancellationToken);
                if (call.Json)
                {
                    JsonObject json = names.ToJson(run);
                    json["waits_for"] = RunWait.ToJson(waits);
                    Json.Write(call.Screen.Out, json);
                    return ExitCodes.Ok;
                }
                IReadOnlyList<State> states = await connection.Api.ListFlowRunStatesAsync(run.Id, cancellationToken);
                new Details($"Flow run {run.Name}")
                    .Add("Id", run.Id.ToString())
                    .Add("Of", names.FullName(run))
                    .Add("State", run.State is { Message: { Length: > 0 } message } ? $"{run.StateName}: {message}" : run.StateName)
                    .Add("Due", run.ExpectedStartTime is { } due ? $"{Words.LocalAndUtc(due)}, {Words.Relative(due, call.Now)}" : null)
                    .Add("Waits", waits.Select(wait => wait.Message))
                    .Add("Stands for", Missed(run))
                    .Add("Started", run.StartTime is { } start ? Words.LocalAndUtc(start) : null)
                    .Add("Ended", run.EndTime is { } end ? Words.LocalAndUtc(end) : null)
                    .Add("Took", run.StartTime is null ? null : Words.Duration(TimeSpan.FromSeconds(run.EstimatedRunTime)))
                    .Add("Tries", run.RunCount > 1 ? run.RunCount.ToString() : null)
                    .Add("Parameters", names.Parameters(run).Select(pair => $"{pair.Key} = {pair.Value.GetRawText()}"))
                    .Add("Tags", string.Join(", ", run.Tags))
                    .Add("Pool/Queue", run.WorkPoolName is { } pool ? $"{pool}/{run.WorkQueueName}" : run.WorkQueueName)
                    .Add("Version", run.DeploymentVersion)
                    .Add("Made by", run.CreatedBy?.DisplayValue)
                    .Add("Runs at", run.InfrastructurePid)
                    .Add("States", states.Select(state => $"{Words.Utc(state.Timestamp)}  {state.Name}"))
                    .Add("Result", RunResult.Text(run))
                    .Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    /// <summary>What the scheduler wrote into the context of a run that makes up for several due times. A context is anybody's to write.</summary>
    private static string? Missed(FlowRun run) =>
        run.Context is { ValueKind: JsonValueKind.Object } context
            && context.TryGetProperty("missed", out JsonElement missed) && missed.ValueKind == JsonValueKind.Number && missed.TryGetInt32(out int count) && count > 1
            && context.TryGetProperty("missed_since", out JsonElement since) && since.ValueKind == JsonValueKind.String && since.TryGetDateTimeOffset(out DateTimeOffset time)
            ? $"{Words.Count(count, "due time")} missed since {Words.LocalAndUtc(time)}" : null;

    private static Verb Logs(CliContext context)
    {
        Argument<string> name = Name();
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on until the run has ended." };
        var level = new Option<string?>("--level", "-l") { Description = "Only records of this level and above: DEBUG, INFO, WARNING, ERROR, CRITICAL.", HelpName = "LEVEL" };
        return new Verb(context, "logs", "Shows the log of a flow run.") { Examples = ["sluice flow-run logs brave-otter", "sluice flow-run logs brave-otter --follow --level WARNING"] }
            .With(name, follow, level).Reads().Does(async (call, cancellationToken) =>
            {
                int? atLeast = call.Get(level) is { } text
                    ? StateLooks.ParseLevel(text) ?? throw CliException.BadUsage($"--level '{text}' is not a level; there are DEBUG, INFO, WARNING, ERROR, CRITICAL")
                    : null;
                await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
                FlowRun run = await Finder.FlowRunAsync(connection.Api, call.Get(name), cancellationToken);
                var tail = new LogTail(connection.Api, run.Id, atLeast);
                if (call.Json)
                {
                    var logs = new JsonArray();
                    foreach (Log log in await tail.ReadAsync(cancellationToken))
                        logs.Add((JsonNode)Json.Object(log));
                    Json.Write(call.Screen.Out, logs);
                    return ExitCodes.Ok;
                }
                long change = call.Get(follow) ? (await connection.Api.GetInfoAsync(cancellationToken)).Change : 0;
                while (true)
                {
                    // The state first: what was written before the run ended is then read below.
                    bool ended = !call.Get(follow) || await connection.Api.ReadFlowRunAsync(run.Id, cancellationToken) is not { } now || now.StateType?.IsFinal() == true;
                    foreach (Log log in await tail.ReadAsync(cancellationToken))
                        LogLines.Write(call.Screen, log);
                    if (ended)
                        return ExitCodes.Ok;
                    change = await connection.Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), cancellationToken);
                }
            });
    }

    private static Verb Cancel(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "cancel", "Cancels a flow run. One that runs gets SIGTERM from its worker, and 30 s to end.") { Examples = ["sluice flow-run cancel brave-otter"] }
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                FlowRun run = await Finder.FlowRunAsync(connection.Api, call.Get(name), cancellationToken);
                State? state = await RunCancellation.RequestAsync(connection.Api, run, cancellationToken);
                call.Screen.Line(state?.Type == StateType.Cancelled
                    ? $"Cancelled flow run '{run.Name}'."
                    : $"Flow run '{run.Name}' is being cancelled. Watch it with: sluice flow-run logs {Shell.Quote(run.Name)} --follow");
                return ExitCodes.Ok;
            });
    }

    private static Verb Delete(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "delete", "Deletes a flow run with its states and logs.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                FlowRun run = await Finder.FlowRunAsync(connection.Api, call.Get(name), cancellationToken);
                if (run.StateType is StateType.Pending or StateType.Running or StateType.Cancelling)
                    throw new CliException($"flow run '{run.Name}' is {run.StateName}; cancel it first: sluice flow-run cancel {Shell.Quote(run.Name)}");
                await connection.Api.DeleteFlowRunAsync(run.Id, cancellationToken);
                call.Screen.Line($"Deleted flow run '{run.Name}'.");
                return ExitCodes.Ok;
            });
    }
}
