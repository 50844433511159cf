using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Scheduling;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment …</c>, but for <c>run</c>.</summary>
internal static class DeploymentCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
    [
        List(context), Inspect(context), DeploymentRunCommand.Create(context), Pause(context, true), Pause(context, false), SetSchedule(context), Delete(context),
    ];

    // What publishing writes for itself.
    private static readonly string[] OwnLabels = ["sluice.app", "sluice.schedules"];

    public static Argument<string> Name() => new("FLOW/DEPLOYMENT") { Description = "The deployment as flow/deployment, or its id." };

    private static Verb List(CliContext context)
    {
        var flow = new Option<string?>("--flow") { Description = "Only those of this flow.", HelpName = "FLOW" };
        var tags = new Option<string[]>("--tag") { Description = "Only those with this tag; may be repeated.", HelpName = "TAG" };
        return new Verb(context, "ls", "Lists deployments.") { Examples = ["sluice deployment ls", "sluice deployment ls --tag weather --output json"] }
            .With(flow, tags).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<Deployment> deployments = await Pages.AllAsync(offset => connection.Api.ListDeploymentsAsync(
                    new()
                    {
                        Flows = call.Get(flow) is { } name ? new() { Name = new() { Any = [name] } } : null,
                        Deployments = call.Get(tags) is { Length: > 0 } all ? new() { Tags = new() { All = all } } : null,
                        Limit = Pages.Size,
                        Offset = offset,
                    },
                    cancellationToken));
                FlowNames flows = await FlowNames.LoadAsync(connection.Api, deployments.Select(deployment => deployment.FlowId), cancellationToken);
                deployments.Sort((a, b) => string.CompareOrdinal(flows.FullName(a), flows.FullName(b)));
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. deployments.Select(deployment => (JsonNode)flows.ToJson(deployment))]));
                    return ExitCodes.Ok;
                }
                if (deployments.Count == 0)
                {
                    call.Screen.Note(call.Get(flow) is null && call.Get(tags) is not { Length: > 0 }
                        ? $"No deployments in {connection.Where} yet: 'dotnet publish' of a project with [Deployment] makes them."
                        : "No deployment fits.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(
                    new Column("Name"), new Column("Schedule", Rank: 1, Shorten: true), new Column("Status"),
                    new Column("Next"), new Column("At", Rank: 4), new Column("Pool/Queue", Rank: 2), new Column("Id", Rank: 3));
                foreach (Deployment deployment in deployments)
                {
                    DateTimeOffset? next = ScheduleWords.Next(deployment, call.Now, 1) is [var first] ? first : null;
                    table.Add(
                        flows.FullName(deployment), ScheduleWords.Of(deployment), Status(deployment),
                        next is { } due ? Words.Relative(due, call.Now) : "", next is { } at ? Words.LocalAndUtc(at) : "",
                        PoolAndQueue(deployment), deployment.Id.ToString());
                }
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Inspect(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "inspect", "Shows a deployment: schedules, parameters, package.") { Examples = ["sluice deployment inspect \"Weather report/daily\""] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Deployment deployment = await Finder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
                FlowNames flows = await FlowNames.LoadAsync(connection.Api, [deployment.FlowId], cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, flows.ToJson(deployment));
                    return ExitCodes.Ok;
                }
                ParameterTable parameters = ParameterTable.Of(deployment);
                new Details($"Deployment {flows.FullName(deployment)}")
                    .Add("Id", deployment.Id.ToString())
                    .Add("Status", Status(deployment).Text)
                    .Add("Description", deployment.Description)
                    .Add("Version", deployment.Version)
                    .Add("Tags", string.Join(", ", deployment.Tags))
                    .Add("Labels", deployment.Labels.Where(label => !OwnLabels.Contains(label.Key) && !label.Key.StartsWith("prefect.", StringComparison.Ordinal)).Select(label => $"{label.Key} = {Json.Short(label.Value)}"))
                    .Add("Pool/Queue", PoolAndQueue(deployment))
                    .Add("Limit", deployment.ConcurrencyLimit is { } limit ? Words.Count(limit, "run") + " at once" : null)
                    .Add("Schedules", deployment.Schedules.Count == 0 ? ["none"] : deployment.Schedules.Select(ScheduleWords.WithSlug))
                    .Add("Next", ScheduleWords.Next(deployment, call.Now, 3).Select(next => $"{Words.LocalAndUtc(next)}, {Words.Relative(next, call.Now)}"))
                    .Add("Parameters", parameters.Lines())
                    .Add("Entrypoint", deployment.Entrypoint)
                    .Add("Path", deployment.Path)
                    .Add("Job variables", deployment.JobVariables.Count == 0 ? null : deployment.JobVariables.Select(pair => $"{pair.Key}: {Json.Short(pair.Value)}").Aggregate((a, b) => $"{a}\n{b}"))
                    .Add("Created", Words.LocalAndUtc(deployment.Created))
                    .Add("Updated", Words.LocalAndUtc(deployment.Updated))
                    .Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Pause(CliContext context, bool pause)
    {
        Argument<string> name = Name();
        var slug = new Option<string?>("--slug") { Description = "Only this schedule of the deployment.", HelpName = "SLUG" };
        string verb = pause ? "pause-schedule" : "resume-schedule";
        return new Verb(context, verb, pause
            ? "Pauses a deployment: its schedules make no runs, and runs made ahead are removed."
            : "Resumes a deployment that was paused.")
        {
            Examples = [$"sluice deployment {verb} \"Weather report/daily\""],
        }.With(name, slug).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            Deployment deployment = await Finder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            string fullName = (await FlowNames.LoadAsync(connection.Api, [deployment.FlowId], cancellationToken)).FullName(deployment);
            if (call.Get(slug) is { } chosen)
            {
                DeploymentSchedule schedule = BySlug(deployment, chosen);
                // Prefect wipes a schedule's parameters when they are not sent along.
                await connection.Api.UpdateScheduleAsync(deployment.Id, schedule.Id, new() { Active = !pause, Parameters = schedule.Parameters }, cancellationToken);
                call.Screen.Line($"{(pause ? "Paused" : "Resumed")} schedule '{chosen}' of '{fullName}'.");
                return ExitCodes.Ok;
            }
            await connection.Api.SetDeploymentPausedAsync(deployment.Id, pause, cancellationToken);
            call.Screen.Line(pause
                ? $"Paused '{fullName}'. It can still be run by hand; resume it with: sluice deployment resume-schedule {Shell.Quote(fullName)}"
                : $"Resumed '{fullName}'.");
            return ExitCodes.Ok;
        });
    }

    private static Verb SetSchedule(CliContext context)
    {
        Argument<string> name = Name();
        var options = new ScheduleOptions();
        var misfires = new MisfireOptions();
        var slug = new Option<string?>("--slug") { Description = "Which schedule to change or add. Needed where the deployment has several.", HelpName = "SLUG" };
        return new Verb(context, "set-schedule", "Sets a deployment's schedule. Other schedules of it stay; the next publish sets what the code says again.")
        {
            Examples =
            [
                "sluice deployment set-schedule \"Weather report/daily\" --cron \"30 7 * * *\" --timezone Europe/Paris",
                "sluice deployment set-schedule \"Weather report/daily\" --interval PT6H --slug extra --misfire run-once",
            ],
        }.With([name, .. options.All, .. misfires.All, slug]).Does(async (call, cancellationToken) =>
        {
            ScheduleText text = options.Read(call);
            (ScheduleMisfire? misfire, int? most) = misfires.Read(call);
            if (!text.TryParse(out Schedules.Occurrences? occurrences, out Schedules.ScheduleError? error))
                throw CliException.BadUsage(text.Explain(error!));
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            if ((misfire ?? ScheduleMisfire.Skip) != ScheduleMisfire.Skip || text.Dst == ScheduleDst.VixieLike)
            {
                if (!(await connection.Api.GetInfoAsync(cancellationToken)).IsSluice)
                    throw CliException.BadUsage($"--misfire and --dst are of Sluice's server: {connection.Where} is a Prefect server, which does not know them");
            }
            Deployment deployment = await Finder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            string fullName = (await FlowNames.LoadAsync(connection.Api, [deployment.FlowId], cancellationToken)).FullName(deployment);
            DeploymentSchedule? existing = call.Get(slug) is { } chosen
                ? deployment.Schedules.FirstOrDefault(schedule => schedule.Slug == chosen)
                : deployment.Schedules switch
                {
                    [] => null,
                    [var single] => single,
                    _ => throw CliException.BadUsage($"'{fullName}' has several schedules: name one with --slug {string.Join(" or ", deployment.Schedules.Select(schedule => schedule.Slug))}"),
                };
            if (existing is null)
            {
                await connection.Api.CreateSchedulesAsync(
                    deployment.Id, [new() { Schedule = text.ToWire(), Active = true, Slug = call.Get(slug) ?? "schedule-1", Misfire = misfire, MaxMisfires = most, Dst = text.Dst }], cancellationToken);
            }
            else
            {
                await connection.Api.UpdateScheduleAsync(
                    deployment.Id, existing.Id,
                    new() { Schedule = text.ToWire(), Active = existing.Active, Parameters = existing.Parameters, Misfire = misfire, MaxMisfires = most, Dst = text.Dst }, cancellationToken);
                (text with { Dst = text.Dst ?? existing.Dst }).TryParse(out occurrences, out _);
            }
            call.Screen.Line($"'{fullName}' runs {occurrences!.Explain()}{ScheduleOptionWords.Of(misfire ?? existing?.Misfire, most ?? existing?.MaxMisfires, text.Dst ?? existing?.Dst)}.");
            foreach (DateTime next in occurrences.Take(call.Now.UtcDateTime, 3))
                call.Screen.Line($"  {Words.LocalAndUtc(new DateTimeOffset(next, TimeSpan.Zero))}");
            if (deployment.Paused || existing is { Active: false })
                call.Screen.Note($"It is paused: sluice deployment resume-schedule {Shell.Quote(fullName)} lets it run.");
            return ExitCodes.Ok;
        });
    }

    private static Verb Delete(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "delete", "Deletes a deployment and its scheduled runs.") { Examples = ["sluice deployment delete \"Weather report/daily\""] }
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Deployment deployment = await Finder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
                string fullName = (await FlowNames.LoadAsync(connection.Api, [deployment.FlowId], cancellationToken)).FullName(deployment);
                await connection.Api.DeleteDeploymentAsync(deployment.Id, cancellationToken);
                call.Screen.Line($"Deleted '{fullName}'.");
                return ExitCodes.Ok;
            });
    }

    private static DeploymentSchedule BySlug(Deployment deployment, string slug) =>
        deployment.Schedules.FirstOrDefault(schedule => schedule.Slug == slug)
        ?? throw new CliException($"'{deployment.Name}' has no schedule '{slug}'. It has: {(deployment.Schedules.Count == 0 ? "none" : string.Join(", ", deployment.Schedules.Select(schedule => schedule.Slug)))}");

    private static Cell Status(Deployment deployment) => deployment.Paused
        ? new("paused", new Style(Color.Grey))
        : WorkPoolCommands.Status(deployment.Status, paused: false);

    private static string PoolAndQueue(Deployment deployment) => deployment.WorkPoolName is { } pool
        ? $"{pool}/{deployment.WorkQueueName ?? "default"}"
        : deployment.WorkQueueName ?? "";
}
