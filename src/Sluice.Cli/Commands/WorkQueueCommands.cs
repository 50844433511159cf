using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>work-queue …</c>: queues of a pool, the built-in one by default.</summary>
internal static class WorkQueueCommands
{
    public static IEnumerable<Command> Create(CliContext context)
    {
        Option<string> pool = CommonOptions.Pool();
        return
        [
            List(context, pool), Create(context, Name(), pool), Inspect(context, Name(), pool), Update(context, Name(), pool), ClearLimit(context, Name(), pool),
            Pause(context, Name(), pool, true), Pause(context, Name(), pool, false), Delete(context, Name(), pool),
        ];
    }

    private static Argument<string> Name() => new("QUEUE") { Description = "The queue's name." };

    private static Option<int?> Priority() => new("--priority") { Description = "1 is served first; unique in the pool.", HelpName = "N" };

    private static Verb List(CliContext context, Option<string> pool) =>
        new Verb(context, "ls", "Lists the queues of a pool by priority.") { Examples = ["sluice work-queue ls", "sluice work-queue ls --pool etl"] }
            .With(pool).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool owner = await Finder.WorkPoolAsync(connection.Api, call.Get(pool), cancellationToken);
                IReadOnlyList<WorkQueue> queues = await connection.Api.ListWorkQueuesAsync(owner.Name, cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. queues.Select(queue => (JsonNode)Json.Object(queue))]));
                    return ExitCodes.Ok;
                }
                var table = new TableView(
                    new Column("Name"), new Column("Priority", Right: true), new Column("Status"), new Column("Limit", Right: true),
                    new Column("Last asked", Rank: 1), new Column("Description", Rank: 2, Shorten: true), new Column("Id", Rank: 3));
                foreach (WorkQueue queue in queues)
                {
                    table.Add(
                        queue.Name, queue.Priority.ToString(), WorkPoolCommands.Status(queue.Status, queue.IsPaused), queue.ConcurrencyLimit?.ToString() ?? "none",
                        queue.LastPolled is { } asked ? Words.Relative(asked, call.Now) : "never", queue.Description, queue.Id.ToString());
                }
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Create(CliContext context, Argument<string> name, Option<string> pool)
    {
        Option<int?> priority = Priority();
        Option<int?> limit = WorkPoolCommands.Limit();
        Option<string?> description = WorkPoolCommands.Description();
        return new Verb(context, "create", "Creates a queue in a pool.") { Examples = ["sluice work-queue create urgent --priority 1"] }
            .With(name, pool, priority, limit, description).Reads().Checks(call =>
            {
                Numbers.AtLeast(1, priority.Name, call.Get(priority));
                Numbers.AtLeast(0, limit.Name, call.Get(limit));
            }).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool owner = await Finder.WorkPoolAsync(connection.Api, call.Get(pool), cancellationToken);
                WorkQueue queue = await connection.Api.CreateWorkQueueAsync(
                    owner.Name,
                    new()
                    {
                        Name = call.Get(name),
                        Priority = call.Get(priority),
                        ConcurrencyLimit = call.Get(limit),
                        Description = call.Get(description),
                    },
                    cancellationToken);
                if (call.Json)
                    Json.Write(call.Screen.Out, Json.Object(queue));
                else
                    call.Screen.Line($"Created queue '{queue.Name}' with priority {queue.Priority} in pool '{owner.Name}'.");
                return ExitCodes.Ok;
            });
    }

    private static Verb Inspect(CliContext context, Argument<string> name, Option<string> pool) =>
        new Verb(context, "inspect", "Shows a queue.")
            .With(name, pool).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkQueue queue = await Finder.WorkQueueAsync(connection.Api, call.Get(pool), call.Get(name), cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, Json.Object(queue));
                    return ExitCodes.Ok;
                }
                new Details($"Queue {queue.Name}")
                    .Add("Id", queue.Id.ToString())
                    .Add("Pool", queue.WorkPoolName ?? call.Get(pool))
                    .Add("Priority", queue.Priority.ToString())
                    .Add("Status", WorkPoolCommands.Status(queue.Status, queue.IsPaused).Text)
                    .Add("Limit", queue.ConcurrencyLimit is { } limit ? Words.Count(limit, "run") : "none")
                    .Add("Description", queue.Description)
                    .Add("Last asked", queue.LastPolled is { } asked ? $"{Words.Relative(asked, call.Now)}, {Words.LocalAndUtc(asked)}" : "never")
                    .Add("Created", Words.LocalAndUtc(queue.Created))
                    .Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Update(CliContext context, Argument<string> name, Option<string> pool)
    {
        Option<int?> priority = Priority();
        Option<string?> limit = WorkPoolCommands.NewLimit();
        Option<string?> description = WorkPoolCommands.Description();
        return new Verb(context, "update", "Changes a queue.") { Examples = ["sluice work-queue update etl --limit 2 --priority 1", "sluice work-queue update etl --limit none"] }
            .With(name, pool, priority, limit, description).Checks(call =>
            {
                Numbers.AtLeast(1, priority.Name, call.Get(priority));
                Numbers.Limit(limit.Name, call.Get(limit));
                if (call.Get(priority) is null && call.Get(limit) is null && call.Get(description) is null)
                    throw CliException.BadUsage("nothing to change: write --limit, --priority or --description");
            }).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkQueue queue = await Finder.WorkQueueAsync(connection.Api, call.Get(pool), call.Get(name), cancellationToken);
                (int? most, bool clear) = Numbers.Limit(limit.Name, call.Get(limit));
                var update = new WorkQueueUpdate
                {
                    Priority = call.Get(priority),
                    ConcurrencyLimit = most,
                    ClearConcurrencyLimit = clear,
                    Description = call.Get(description),
                };
                await connection.Api.UpdateWorkQueueAsync(call.Get(pool), queue.Name, update, cancellationToken);
                call.Screen.Line($"Changed queue '{queue.Name}' of pool '{call.Get(pool)}'.");
                return ExitCodes.Ok;
            });
    }

    private static Verb Pause(CliContext context, Argument<string> name, Option<string> pool, bool pause) =>
        new Verb(context, pause ? "pause" : "resume", pause ? "Holds back the runs of a queue." : "Lets the runs of a queue go on.")
            .With(name, pool).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkQueue queue = await Finder.WorkQueueAsync(connection.Api, call.Get(pool), call.Get(name), cancellationToken);
                await connection.Api.UpdateWorkQueueAsync(call.Get(pool), queue.Name, new() { IsPaused = pause }, cancellationToken);
                call.Screen.Line($"{(pause ? "Paused" : "Resumed")} queue '{queue.Name}' of pool '{call.Get(pool)}'.");
                return ExitCodes.Ok;
            });

    private static Verb ClearLimit(CliContext context, Argument<string> name, Option<string> pool) =>
        new Verb(context, "clear-concurrency-limit", "Takes the limit of a queue away, as 'update --limit none' does.")
            .With(name, pool).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkQueue queue = await Finder.WorkQueueAsync(connection.Api, call.Get(pool), call.Get(name), cancellationToken);
                await connection.Api.UpdateWorkQueueAsync(call.Get(pool), queue.Name, new() { ClearConcurrencyLimit = true }, cancellationToken);
                call.Screen.Line(queue.ConcurrencyLimit is { } limit ? $"Queue '{queue.Name}' of pool '{call.Get(pool)}' has no limit any more (it was {limit})." : $"Queue '{queue.Name}' of pool '{call.Get(pool)}' has no limit already.");
                return ExitCodes.Ok;
            });

    private static Verb Delete(CliContext context, Argument<string> name, Option<string> pool) =>
        new Verb(context, "delete", "Deletes a queue.")
            .With(name, pool).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkQueue queue = await Finder.WorkQueueAsync(connection.Api, call.Get(pool), call.Get(name), cancellationToken);
                await connection.Api.DeleteWorkQueueAsync(call.Get(pool), queue.Name, cancellationToken);
                call.Screen.Line($"Deleted queue '{queue.Name}' of pool '{call.Get(pool)}'.");
                return ExitCodes.Ok;
            });
}
