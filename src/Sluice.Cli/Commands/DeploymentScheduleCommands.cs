using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Scheduling;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary>
/// <c>deployment pause-schedule</c>, <c>resume-schedule</c>, <c>set-schedule</c> and <c>deployment schedule …</c>. Each changes one schedule (or the pause of the
/// whole deployment) by a request for it alone, so that what somebody else changes at the same time stays; said twice, the second says "already".
/// </summary>
internal static class DeploymentScheduleCommands
{
    /// <summary>How often a command looks again where somebody else changed the schedules meanwhile.</summary>
    private const int Looks = 5;

    public static Command Create(CliContext context)
    {
        var noun = new Command("schedule", "The schedules of a deployment; it may have several.");
        foreach (Command verb in new Command[] { List(context), Add(context), Delete(context), Clear(context), PauseOne(context, true), PauseOne(context, false) })
            noun.Subcommands.Add(verb);
        return noun;
    }

    public static Verb PauseDeployment(CliContext context, bool pause)
    {
        var name = new DeploymentName();
        var choice = new Option<string?>("--schedule", "--slug") { Description = "Only this schedule of the deployment.", HelpName = "SLUG|ID" };
        string verb = pause ? "pause-schedule" : "resume-schedule";
        return new Verb(context, verb, pause
            ? "Pauses a deployment: its schedules make no runs, and runs made ahead are removed."
            : "Resumes a deployment that was paused.")
        {
            Examples = [$"sluice deployment {verb} \"Weather report/daily\"", $"sluice deployment {verb} \"Weather report/daily\" --schedule weekends"],
        }.With([.. name.All, choice]).Checks(call => name.Read(call)).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            NamedDeployment deployment = await Finder.NamedDeploymentAsync(connection.Api, name.Read(call), cancellationToken);
            if (call.Get(choice) is { } chosen)
                return await PauseOneAsync(call, connection, deployment, ScheduleChoice.Find(deployment, chosen), pause, cancellationToken);
            bool already = deployment.Deployment.Paused == pause;
            // Said again as well: somebody may have changed it since it was read.
            await connection.Api.SetDeploymentPausedAsync(deployment.Deployment.Id, pause, cancellationToken);
            call.Screen.Line((pause, already) switch
            {
                (true, true) => $"'{deployment.FullName}' is paused already.",
                (true, false) => $"Paused '{deployment.FullName}'. It can still be run by hand; resume it with: sluice deployment resume-schedule {Shell.Quote(deployment.FullName)}",
                (false, true) => $"'{deployment.FullName}' is not paused already.",
                (false, false) => $"Resumed '{deployment.FullName}'.",
            });
            if (!pause && deployment.Deployment.Schedules.Where(schedule => !schedule.Active).Select(ScheduleChoice.Name).ToArray() is { Length: > 0 } paused)
                call.Screen.Note($"Paused by themselves are still: {string.Join(", ", paused)}. Resume one with: sluice deployment schedule resume {Shell.Quote(deployment.FullName)} {Shell.Quote(paused[0])}");
            return ExitCodes.Ok;
        });
    }

    public static Verb Set(CliContext context)
    {
        var name = new DeploymentName();
        var options = new ScheduleOptions();
        var misfires = new MisfireOptions();
        var slug = new Option<string?>("--slug", "--schedule") { Description = "Which schedule to change or add. Needed where the deployment has several.", HelpName = "SLUG|ID" };
        return new Verb(context, "set-schedule", "Sets a deployment's schedule: replaces when it fires, keeps its pause and parameters. Other schedules of it stay.")
        {
            Examples =
            [
                "sluice deployment set-schedule \"Weather report/daily\" --cron \"30 7 * * *\" --timezone Europe/Paris",
                "sluice deployment set-schedule \"Weather report/daily\" --interval PT6H --slug extra --misfire run-once",
            ],
        }.With([.. name.All, .. options.All, .. misfires.All, slug]).Does(async (call, cancellationToken) =>
        {
            string named = name.Read(call);
            WantedSchedule wanted = WantedSchedule.Read(call, options, misfires);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            await wanted.CheckAsync(connection, cancellationToken);
            return await AgainAsync(connection.Api, named, cancellationToken, async deployment =>
            {
                DeploymentSchedule? live = call.Get(slug) is { } chosen
                    ? Guid.TryParse(chosen, out _) ? ScheduleChoice.Find(deployment, chosen) : ScheduleChoice.TryFind(deployment.Deployment, chosen)
                    : deployment.Deployment.Schedules switch
                    {
                        [] => null,
                        [var single] => single,
                        _ => throw CliException.BadUsage($"'{deployment.FullName}' has several schedules: name one with --slug {ScheduleChoice.List(deployment.Deployment, " or ")}"),
                    };
                if (live is null)
                    await connection.Api.CreateSchedulesAsync(deployment.Deployment.Id, [wanted.ToCreate(call.Get(slug) ?? ScheduleChoice.FreeSlug(deployment.Deployment), active: true)], cancellationToken);
                else if (!wanted.Is(live))
                    await connection.Api.UpdateScheduleAsync(deployment.Deployment.Id, live.Id, wanted.ToUpdate(), cancellationToken);
                wanted.Tell(call, $"'{deployment.FullName}' runs{(live is not null && wanted.Is(live) ? " already" : "")}", live, deployment, live?.Active ?? true);
            });
        });
    }

    private static Verb List(CliContext context)
    {
        var name = new DeploymentName();
        return new Verb(context, "ls", "Lists the schedules of a deployment.") { Examples = ["sluice deployment schedule ls \"Weather report/daily\""] }
            .With([.. name.All]).Reads().Checks(call => name.Read(call)).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                NamedDeployment deployment = await Finder.NamedDeploymentAsync(connection.Api, name.Read(call), cancellationToken);
                IReadOnlyList<DeploymentSchedule> schedules = Secrets.Hide(deployment.Deployment).Schedules;
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. schedules.Select(schedule => (JsonNode)Json.Object(schedule))]));
                    return ExitCodes.Ok;
                }
                if (schedules.Count == 0)
                {
                    call.Screen.Note($"'{deployment.FullName}' has no schedule. 'sluice deployment schedule create {Shell.Quote(deployment.FullName)} --cron …' makes one.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(
                    new Column("Slug"), new Column("Schedule", Shorten: true), new Column("Status"), new Column("Next"), new Column("Parameters", Rank: 2, Shorten: true), new Column("Id", Rank: 1));
                foreach (DeploymentSchedule schedule in schedules)
                {
                    DateTimeOffset? next = ScheduleWords.Next(deployment.Deployment with { Schedules = [schedule] }, call.Now, 1) is [var first] ? first : null;
                    table.Add(
                        schedule.Slug ?? "", ScheduleWords.Of(schedule), schedule.Active ? deployment.Deployment.Paused ? "paused by its deployment" : "active" : "paused",
                        next is { } due ? $"{Words.Relative(due, call.Now)}, {Words.LocalAndUtc(due)}" : "", string.Join(", ", schedule.Parameters.Select(pair => $"{pair.Key} = {pair.Value.GetRawText()}")), schedule.Id.ToString());
                }
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Add(CliContext context)
    {
        var name = new DeploymentName();
        var options = new ScheduleOptions();
        var misfires = new MisfireOptions();
        var slug = new Option<string?>("--slug") { Description = "Its name within the deployment; made up when absent.", HelpName = "SLUG" };
        var replace = new Option<bool>("--replace") { Description = "Remove the deployment's other schedules." };
        var inactive = new Option<bool>("--no-active") { Description = "Make it paused." };
        var active = new Option<bool>("--active") { Description = "Make it active: the default." };
        return new Verb(context, "create", "Adds a schedule to a deployment.")
        {
            Examples =
            [
                "sluice deployment schedule create \"Weather report/daily\" --cron \"0 18 * * 5\" --slug weekends",
                "sluice deployment schedule create \"Weather report/daily\" --interval PT6H --replace",
            ],
        }.With([.. name.All, .. options.All, .. misfires.All, slug, replace, inactive, active]).Reads().Does(async (call, cancellationToken) =>
        {
            string named = name.Read(call);
            if (call.Get(inactive) && call.Get(active))
                throw CliException.BadUsage("write --active or --no-active, not both");
            WantedSchedule wanted = WantedSchedule.Read(call, options, misfires);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            await wanted.CheckAsync(connection, cancellationToken);
            return await AgainAsync(connection.Api, named, cancellationToken, deployment => call.Get(replace)
                ? ReplaceAsync(call, connection.Api, deployment, wanted, call.Get(slug), !call.Get(inactive), cancellationToken)
                : AddAsync(call, connection.Api, deployment, wanted, call.Get(slug), !call.Get(inactive), cancellationToken));
        });
    }

    private static async Task AddAsync(Invocation call, IOrchestrationApi api, NamedDeployment deployment, WantedSchedule wanted, string? slug, bool active, CancellationToken cancellationToken)
    {
        DeploymentSchedule? live = slug is null ? deployment.Deployment.Schedules.FirstOrDefault(wanted.Is) : ScheduleChoice.TryFind(deployment.Deployment, slug);
        if (live is not null && !wanted.Is(live))
        {
            throw new CliException($"'{deployment.FullName}' has a schedule '{slug}' already, which fires otherwise: change it by 'sluice deployment set-schedule {Shell.Quote(deployment.FullName)} --slug {Shell.Quote(slug!)}', or write another --slug");
        }
        DeploymentSchedule made = live ?? (await api.CreateSchedulesAsync(deployment.Deployment.Id, [wanted.ToCreate(slug ?? ScheduleChoice.FreeSlug(deployment.Deployment), active)], cancellationToken))[0];
        Tell(call, deployment, wanted, made, live is not null);
    }

    /// <summary>The one that stays is changed before the others go, so that the deployment is never without.</summary>
    private static async Task ReplaceAsync(Invocation call, IOrchestrationApi api, NamedDeployment deployment, WantedSchedule wanted, string? slug, bool active, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeploymentSchedule> lives = deployment.Deployment.Schedules;
        DeploymentSchedule? kept = slug is null ? lives.FirstOrDefault(wanted.Is) ?? lives.OrderBy(schedule => schedule.Created).ThenBy(ScheduleChoice.Name, StringComparer.Ordinal).FirstOrDefault() : lives.FirstOrDefault(schedule => schedule.Slug == slug);
        // Prefect 2 has one schedule, without a slug.
        if (kept is null && lives is [{ Slug: null } single] && single.Id == deployment.Deployment.Id)
            kept = single;
        bool already = kept is not null && wanted.Is(kept) && kept.Active == active;
        DeploymentSchedule made;
        if (kept is null)
        {
            made = (await api.CreateSchedulesAsync(deployment.Deployment.Id, [wanted.ToCreate(slug ?? ScheduleChoice.FreeSlug(deployment.Deployment), active)], cancellationToken))[0];
        }
        else
        {
            if (!already)
                await api.UpdateScheduleAsync(deployment.Deployment.Id, kept.Id, wanted.ToUpdate() with { Active = active }, cancellationToken);
            made = await ReadAsync(api, deployment, kept.Id, cancellationToken);
        }
        foreach (DeploymentSchedule other in lives.Where(other => other.Id != made.Id))
        {
            if (await api.DeleteScheduleAsync(deployment.Deployment.Id, other.Id, cancellationToken))
                call.Screen.Note($"Removed schedule '{ScheduleChoice.Name(other)}'.");
        }
        Tell(call, deployment, wanted, made, already);
    }

    private static void Tell(Invocation call, NamedDeployment deployment, WantedSchedule wanted, DeploymentSchedule made, bool already)
    {
        if (call.Json)
            Json.Write(call.Screen.Out, Json.Object(made));
        else
            wanted.Tell(call, $"Schedule '{ScheduleChoice.Name(made)}' of '{deployment.FullName}' runs{(already ? " already" : "")}", made, deployment, made.Active);
    }

    private static Verb Delete(CliContext context)
    {
        var name = NameArgument();
        var choice = ChoiceArgument();
        var ifExists = new Option<bool>("--if-exists") { Description = "One that is not there is no error." };
        var confirmation = new Confirmation();
        return new Verb(context, "delete", "Deletes a schedule of a deployment, with the runs that it made ahead.") { Examples = ["sluice deployment schedule delete \"Weather report/daily\" weekends --yes"] }
            .With(name, choice, ifExists, confirmation.Yes).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                NamedDeployment deployment = await Finder.NamedDeploymentAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Get(ifExists) && ScheduleChoice.TryFind(deployment.Deployment, call.Get(choice)) is null)
                {
                    call.Screen.Line($"'{deployment.FullName}' has no schedule '{call.Get(choice)}': it is deleted already.");
                    return ExitCodes.Ok;
                }
                DeploymentSchedule schedule = ScheduleChoice.Find(deployment, call.Get(choice));
                confirmation.Ask(call, $"Delete schedule '{ScheduleChoice.Name(schedule)}' of '{deployment.FullName}'?");
                await DeleteAsync(call, connection.Api, deployment, schedule, cancellationToken);
                return ExitCodes.Ok;
            });
    }

    private static Verb Clear(CliContext context)
    {
        var name = new DeploymentName();
        var confirmation = new Confirmation();
        return new Verb(context, "clear", "Deletes all schedules of a deployment.") { Examples = ["sluice deployment schedule clear \"Weather report/daily\" --yes"] }
            .With([.. name.All, confirmation.Yes]).Checks(call => name.Read(call)).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                NamedDeployment deployment = await Finder.NamedDeploymentAsync(connection.Api, name.Read(call), cancellationToken);
                IReadOnlyList<DeploymentSchedule> schedules = deployment.Deployment.Schedules;
                if (schedules.Count == 0)
                {
                    call.Screen.Line($"'{deployment.FullName}' has no schedules already.");
                    return ExitCodes.Ok;
                }
                confirmation.Ask(call, $"Delete {Words.Count(schedules.Count, "schedule")} of '{deployment.FullName}' ({ScheduleChoice.List(deployment.Deployment)})?");
                foreach (DeploymentSchedule schedule in schedules)
                    await DeleteAsync(call, connection.Api, deployment, schedule, cancellationToken);
                return ExitCodes.Ok;
            });
    }

    private static async Task DeleteAsync(Invocation call, IOrchestrationApi api, NamedDeployment deployment, DeploymentSchedule schedule, CancellationToken cancellationToken)
    {
        string what = $"schedule '{ScheduleChoice.Name(schedule)}' of '{deployment.FullName}'";
        call.Screen.Line(await api.DeleteScheduleAsync(deployment.Deployment.Id, schedule.Id, cancellationToken) ? $"Deleted {what}." : $"The {what} is deleted already.");
    }

    private static Verb PauseOne(CliContext context, bool pause)
    {
        var name = NameArgument();
        var choice = new Argument<string?>("SCHEDULE") { Description = "The schedule's slug or id; needed where the deployment has several.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All schedules of the deployment." };
        string verb = pause ? "pause" : "resume";
        return new Verb(context, verb, pause ? "Pauses one schedule: it makes no runs, and runs that it made ahead are removed." : "Resumes a schedule that was paused.")
        {
            Examples = [$"sluice deployment schedule {verb} \"Weather report/daily\" weekends"],
        }.With(name, choice, all).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            NamedDeployment deployment = await Finder.NamedDeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            IReadOnlyList<DeploymentSchedule> schedules = deployment.Deployment.Schedules;
            DeploymentSchedule[] chosen = (call.Get(choice), call.Get(all)) switch
            {
                ({ }, true) => throw CliException.BadUsage("name one schedule, or write --all"),
                ({ } one, _) => [ScheduleChoice.Find(deployment, one)],
                (null, true) => [.. schedules],
                (null, false) when schedules is [var single] => [single],
                _ => throw CliException.BadUsage($"name one schedule of '{deployment.FullName}', or write --all. It has: {ScheduleChoice.List(deployment.Deployment)}"),
            };
            foreach (DeploymentSchedule schedule in chosen)
                await PauseOneAsync(call, connection, deployment, schedule, pause, cancellationToken);
            if (!pause && deployment.Deployment.Paused)
                call.Screen.Note($"The deployment itself is paused: sluice deployment resume-schedule {Shell.Quote(deployment.FullName)} lets it run.");
            return ExitCodes.Ok;
        });
    }

    private static async Task<int> PauseOneAsync(Invocation call, ApiConnection connection, NamedDeployment deployment, DeploymentSchedule schedule, bool pause, CancellationToken cancellationToken)
    {
        string what = $"schedule '{ScheduleChoice.Name(schedule)}' of '{deployment.FullName}'";
        await connection.Api.UpdateScheduleAsync(deployment.Deployment.Id, schedule.Id, new() { Active = !pause }, cancellationToken);
        call.Screen.Line(schedule.Active == pause ? $"{(pause ? "Paused" : "Resumed")} {what}." : $"The {what} is {(pause ? "paused" : "active")} already.");
        return ExitCodes.Ok;
    }

    /// <summary>Does it with the deployment as it is now, and again where somebody else took the slug or deleted the schedule meanwhile.</summary>
    private static async Task<int> AgainAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken, Func<NamedDeployment, Task> action)
    {
        for (int look = 1; ; look++)
        {
            NamedDeployment deployment = await Finder.NamedDeploymentAsync(api, name, cancellationToken);
            try
            {
                await action(deployment);
                return ExitCodes.Ok;
            }
            catch (OrchestrationException exception) when (exception.Kind is OrchestrationErrorKind.Conflict or OrchestrationErrorKind.NotFound && look < Looks)
            {
                // Looked at again: what is there now decides.
            }
        }
    }

    private static async Task<DeploymentSchedule> ReadAsync(IOrchestrationApi api, NamedDeployment deployment, Guid scheduleId, CancellationToken cancellationToken) =>
        (await api.ReadDeploymentAsync(deployment.Deployment.Id, cancellationToken))?.Schedules.FirstOrDefault(schedule => schedule.Id == scheduleId)
        ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"The schedule {scheduleId} of '{deployment.FullName}' was deleted meanwhile.");

    private static Argument<string> NameArgument() => new("FLOW/DEPLOYMENT") { Description = "The deployment as flow/deployment, or its id." };

    private static Argument<string> ChoiceArgument() => new("SCHEDULE") { Description = "The schedule's slug or id: 'schedule ls' shows them." };
}
