using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Commands;

/// <summary><c>work-pool …</c>.</summary>
internal static class WorkPoolCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
        [List(context), Create(context, Name()), Inspect(context, Name()), Update(context, Name()), ClearLimit(context, Name()), Pause(context, Name(), true), Pause(context, Name(), false), Delete(context, Name())];

    private static Argument<string> Name() => new("POOL") { Description = "The pool's name." };

    private static Verb List(CliContext context) =>
        new Verb(context, "ls", "Lists work pools.") { Examples = ["sluice work-pool ls"] }
            .Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<WorkPool> pools = await Pages.AllAsync(offset => connection.Api.ListWorkPoolsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. pools.Select(pool => (JsonNode)Json.Object(pool))]));
                    return ExitCodes.Ok;
                }
                var table = new TableView(
                    new Column("Name"), new Column("Type"), new Column("Status"), new Column("Limit", Right: true),
                    new Column("Description", Rank: 1, Shorten: true), new Column("Id", Rank: 2));
                foreach (WorkPool pool in pools)
                    table.Add(pool.Name, pool.Type, Status(pool.Status, pool.IsPaused), pool.ConcurrencyLimit?.ToString() ?? "none", pool.Description, pool.Id.ToString());
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Create(CliContext context, Argument<string> name)
    {
        var type = new Option<string>("--type", "-t")
        {
            Description = "What runs its flows: 'dotnet' for sluice workers, 'process' for those and Prefect's process workers, or another type of Prefect's.",
            HelpName = "TYPE",
            DefaultValueFactory = _ => "process",
        };
        Option<string?> description = Description();
        Option<int?> limit = Limit();
        var paused = new Option<bool>("--paused") { Description = "Its runs are held back from the start." };
        Option<string?> template = Template("Default: sluice's own for 'dotnet'; none for other types, which then take job variables as they are.");
        return new Verb(context, "create", "Creates a work pool with its queue 'default'.") { Examples = ["sluice work-pool create etl --limit 4", "sluice work-pool create etl --type dotnet", "sluice work-pool create etl --base-job-template template.json"] }
            .With(name, type, description, limit, paused, template).Reads().Checks(call => Numbers.AtLeast(0, limit.Name, call.Get(limit))).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                JsonElement? given = await BaseJobTemplate.ReadAsync(call.Get(template), cancellationToken);
                WorkPool pool = await connection.Api.CreateWorkPoolAsync(
                    new()
                    {
                        Name = call.Get(name),
                        Type = call.Get(type),
                        Description = call.Get(description),
                        ConcurrencyLimit = call.Get(limit),
                        IsPaused = call.Get(paused) ? true : null,
                        BaseJobTemplate = given ?? (call.Get(type) == DotnetPool.Type ? DotnetPool.BaseJobTemplate : null),
                    },
                    cancellationToken);
                if (call.Json)
                    Json.Write(call.Screen.Out, Json.Object(pool));
                else
                    call.Screen.Line($"Created work pool '{pool.Name}'. Serve it with: sluice worker start --pool {Shell.Quote(pool.Name)}");
                return ExitCodes.Ok;
            });
    }

    private static Verb Inspect(CliContext context, Argument<string> name) =>
        new Verb(context, "inspect", "Shows a work pool, its queues and workers.") { Examples = [$"sluice work-pool inspect {CommonOptions.DefaultPool}"] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool pool = await Finder.WorkPoolAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Json)
                {
                    JsonObject json = Json.Object(pool);
                    json["workers"] = new JsonArray([.. (await connection.Api.ListWorkersAsync(pool.Name, cancellationToken)).Select(worker => (JsonNode)Json.Object(worker))]);
                    Json.Write(call.Screen.Out, json);
                    return ExitCodes.Ok;
                }
                IReadOnlyList<WorkQueue> queues = await connection.Api.ListWorkQueuesAsync(pool.Name, cancellationToken);
                IReadOnlyList<WorkerInfo> workers = await connection.Api.ListWorkersAsync(pool.Name, cancellationToken);
                new Details($"Work pool {pool.Name}")
                    .Add("Id", pool.Id.ToString())
                    .Add("Type", pool.Type)
                    .Add("Status", Status(pool.Status, pool.IsPaused).Text)
                    .Add("Limit", pool.ConcurrencyLimit is { } limit ? Words.Count(limit, "run") : "none")
                    .Add("Description", pool.Description)
                    .Add("Queues", queues.Select(queue => $"{queue.Name} (priority {queue.Priority}{(queue.IsPaused ? ", paused" : "")})"))
                    .Add("Workers", workers.Count == 0 ? "none" : string.Join('\n', workers.Select(worker =>
                        $"{worker.Name} ({worker.Status.ToLowerInvariant()}{(worker.LastHeartbeatTime is { } seen ? $", seen {Words.Relative(seen, call.Now)}" : "")}){(worker.Labels is { Count: > 0 } labels ? $": {string.Join(", ", labels)}" : "")}")))
                    .Add("Created", Words.LocalAndUtc(pool.Created))
                    .Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Update(CliContext context, Argument<string> name)
    {
        Option<string?> description = Description();
        Option<string?> limit = NewLimit();
        Option<string?> template = Template("Default: it stays.");
        return new Verb(context, "update", "Changes a work pool.") { Examples = ["sluice work-pool update etl --limit 8", "sluice work-pool update etl --limit none", "sluice work-pool update etl --base-job-template template.json"] }
            .With(name, description, limit, template).Checks(call =>
            {
                Numbers.Limit(limit.Name, call.Get(limit));
                if (call.Get(description) is null && call.Get(limit) is null && call.Get(template) is null)
                    throw CliException.BadUsage("nothing to change: write --limit, --description or --base-job-template");
            }).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                JsonElement? changed = await BaseJobTemplate.ReadAsync(call.Get(template), cancellationToken);
                WorkPool pool = await Finder.WorkPoolAsync(connection.Api, call.Get(name), cancellationToken);
                (int? most, bool clear) = Numbers.Limit(limit.Name, call.Get(limit));
                await connection.Api.UpdateWorkPoolAsync(
                    pool.Name, new() { Description = call.Get(description), ConcurrencyLimit = most, ClearConcurrencyLimit = clear, BaseJobTemplate = changed }, cancellationToken);
                call.Screen.Line($"Changed work pool '{pool.Name}'.");
                return ExitCodes.Ok;
            });
    }

    private static Verb Pause(CliContext context, Argument<string> name, bool pause) =>
        new Verb(context, pause ? "pause" : "resume", pause ? "Holds back the runs of a work pool." : "Lets the runs of a work pool go on.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool pool = await Finder.WorkPoolAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.UpdateWorkPoolAsync(pool.Name, new() { IsPaused = pause }, cancellationToken);
                call.Screen.Line($"{(pause ? "Paused" : "Resumed")} work pool '{pool.Name}'.");
                return ExitCodes.Ok;
            });

    private static Verb ClearLimit(CliContext context, Argument<string> name) =>
        new Verb(context, "clear-concurrency-limit", "Takes the limit of a work pool away, as 'update --limit none' does.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool pool = await Finder.WorkPoolAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.UpdateWorkPoolAsync(pool.Name, new() { ClearConcurrencyLimit = true }, cancellationToken);
                call.Screen.Line(pool.ConcurrencyLimit is { } limit ? $"Work pool '{pool.Name}' has no limit any more (it was {limit})." : $"Work pool '{pool.Name}' has no limit already.");
                return ExitCodes.Ok;
            });

    private static Verb Delete(CliContext context, Argument<string> name) =>
        new Verb(context, "delete", "Deletes a work pool with its queues.")
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                WorkPool pool = await Finder.WorkPoolAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.DeleteWorkPoolAsync(pool.Name, cancellationToken);
                call.Screen.Line($"Deleted work pool '{pool.Name}'.");
                return ExitCodes.Ok;
            });

    internal static Option<string?> Description() => new("--description", "-d") { Description = "What it is for.", HelpName = "TEXT" };

    private static Option<string?> Template(string otherwise) => new("--base-job-template")
    {
        Description = $"A file with Prefect's base job template: JSON with job_configuration and variables. {otherwise}",
        HelpName = "FILE",
    };

    internal static Option<int?> Limit() => new("--limit", "-l") { Description = "How many of its runs may be pending or running at once, from 0.", HelpName = "N" };

    internal static Option<string?> NewLimit() => new("--limit", "-l") { Description = "How many of its runs may be pending or running at once, from 0; 'none' takes the limit away.", HelpName = "N|none" };

    internal static Cell Status(string? status, bool paused) => paused
        ? new Cell("paused", new Style(Color.Grey))
        : status switch
        {
            "READY" => new Cell("ready", new Style(Color.Green)),
            "NOT_READY" => new Cell("not ready", new Style(Color.Yellow)),
            null => new Cell(""),
            _ => (Cell)status.ToLowerInvariant().Replace('_', ' '),
        };
}
