using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Migration;
using Sluice.Cli.Output;

namespace Sluice.Cli.Commands;

/// <summary><c>migrate</c>: copies what one server holds to another, with a plan first.</summary>
internal static class MigrateCommand
{
    private const string From = "--from";
    private const string To = "--to";

    public static Command Create(CliContext context)
    {
        Option<string> from = Side(From, "Where it is read. Its credentials: SLUICE_FROM_API_KEY or SLUICE_FROM_API_AUTH_STRING.");
        Option<string> to = Side(To, "Where it is written. Its credentials: SLUICE_TO_API_KEY or SLUICE_TO_API_AUTH_STRING.");
        var only = new Option<string?>("--only") { Description = "Copy these alone: flows, deployments, variables, pools, blocks, limits. Default: all but blocks.", HelpName = "KINDS" };
        var withSecrets = new Option<bool>("--with-secrets") { Description = "With --only blocks: copy the secrets in blocks too." };
        var activate = new Option<bool>("--activate") { Description = "Deployments and schedules become active at the target as they are at the source. Default: they are copied paused, so that nothing runs twice." };
        var plan = new Option<bool>("--plan") { Description = "Say what would be copied, and write nothing." };
        var exitCode = new Option<bool>("--exit-code") { Description = "With --plan: exit with 3 when something would be written." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask on a terminal." };
        return new Verb(context, "migrate", "Copies flows, deployments, schedules, variables, work pools and limits from one server to another, with a plan first.")
        {
            Examples =
            [
                "sluice migrate --from embedded --to https://prefect.example/api --plan",
                "SLUICE_TO_API_KEY=… sluice migrate --from embedded --to https://prefect.example/api",
                "sluice migrate --from http://old:4200/api --to embedded --only deployments,variables --activate",
            ],
        }.With(from, to, only, withSecrets, activate, plan, exitCode, yes).Reads().Checks(call =>
        {
            if (call.ApiUrlOption is not null)
                throw CliException.BadUsage("migrate takes --from and --to in place of --api-url");
            if (call.Get(exitCode) && !call.Get(plan))
                throw CliException.BadUsage("--exit-code belongs to --plan");
            if (call.Get(withSecrets) && !Kinds(call.Get(only)).Contains(MigrationKind.Blocks))
                throw CliException.BadUsage("--with-secrets belongs to --only blocks");
        }).Does(async (call, cancellationToken) =>
        {
            MigrationAddress source = MigrationSide.Read(From, call.Get(from), call.Settings, call.Home);
            MigrationAddress target = MigrationSide.Read(To, call.Get(to), call.Settings, call.Home);
            if (source.IsSame(target))
                throw CliException.BadUsage("--from and --to are the same server");
            var options = new MigrationOptions
            {
                Kinds = Kinds(call.Get(only)),
                IsSelective = call.Get(only) is not null,
                WithSecrets = call.Get(withSecrets),
                Activate = call.Get(activate),
            };
            await using MigrationSide reads = await MigrationSide.OpenAsync(source, mustExist: true, call.Time, cancellationToken);
            await using MigrationSide writes = await MigrationSide.OpenAsync(target, mustExist: false, call.Time, cancellationToken);
            return await RunAsync(call, reads, writes, options, new(call.Get(plan), call.Get(exitCode), call.Get(yes)), cancellationToken);
        });
    }

    private static async Task<int> RunAsync(Invocation call, MigrationSide from, MigrationSide to, MigrationOptions options, Manner manner, CancellationToken cancellationToken)
    {
        var report = new MigrationReport(from, to);
        string doing = "Reading";
        MigrationPlan plan;
        await using (StatusLine.Start(call.Screen, () => $"{Volatile.Read(ref doing)} …", call.Time))
            plan = await MigrationPlan.MakeAsync(from, to, options, text => Volatile.Write(ref doing, text), cancellationToken);
        if (manner.PlanOnly || !plan.HasWrites)
        {
            if (call.Json)
                report.WriteJson(call.Screen.Out, plan.Items, applied: !manner.PlanOnly);
            else
                report.WritePlan(call.Screen, plan.Items);
            Advise(call, plan.Items, options);
            return manner.ExitCode && plan.HasWrites ? ExitCodes.PlanFoundChanges : ExitCodes.Ok;
        }
        if (!call.Json)
            report.WritePlan(call.Screen, plan.Items);
        if (!manner.Yes && !Agrees(call.Screen, to))
        {
            call.Screen.Note("Nothing was written.");
            return ExitCodes.Ok;
        }
        IReadOnlyList<MigrationItem> outcomes;
        await using (StatusLine.Start(call.Screen, () => $"{Volatile.Read(ref doing)} …", call.Time))
            outcomes = await new MigrationRun(new(to.Api, OpenSurroundings.Of(call, to.Api)) { OnlyHome = true }, to.Kind.IsSluice, text => Volatile.Write(ref doing, text)).RunAsync(plan, cancellationToken);
        if (call.Json)
            report.WriteJson(call.Screen.Out, outcomes, applied: true);
        else
            MigrationReport.WriteOutcome(call.Screen, outcomes);
        int failed = outcomes.Count(item => item.Error is not null);
        if (failed > 0)
            throw new CliException($"{Words.Count(failed, "object")} could not be copied, each with its reason above; mend them and run the same command again");
        Advise(call, outcomes, options);
        return ExitCodes.Ok;
    }

    /// <summary>How to switch over, where something waits for it.</summary>
    private static void Advise(Invocation call, IReadOnlyList<MigrationItem> items, MigrationOptions options)
    {
        int waiting = items.Count(item => item.Waits);
        if (waiting > 0)
        {
            call.Screen.Note($"{Words.Count(waiting, "deployment")} with schedules {(waiting == 1 ? "is" : "are")} paused at the target, so that nothing runs twice. "
                + "To switch over, stop the source's server (or its workers), then run the same command with --activate.");
        }
        else if (options.Activate && items.Any(item => item is { Kind: "deployment", IsWrite: true }))
        {
            call.Screen.Note("What is active now runs at the target. If the source's server still runs, pause its deployments there: sluice deployment pause-schedule FLOW/DEPLOYMENT --api-url URL");
        }
    }

    /// <summary>Asks a person; a script has decided by not asking for --plan.</summary>
    private static bool Agrees(Screen screen, MigrationSide to)
    {
        if (Console.IsInputRedirected || !screen.ErrorIsTerminal)
            return true;
        screen.Error.Write($"Write this to {to.Where}? [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static IReadOnlySet<MigrationKind> Kinds(string? only) => only is null ? MigrationKinds.Default : MigrationKinds.Parse(only);

    private static Option<string> Side(string name, string description) => new(name)
    {
        Description = $"{description} An API URL, 'embedded' for the API of SLUICE_HOME, or the folder of another home.",
        HelpName = "URL",
        Required = true,
    };

    private sealed record Manner(bool PlanOnly, bool ExitCode, bool Yes);
}
