using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy.Ownership;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment prune</c>: what publishes created and nothing needs any more.</summary>
internal static class DeploymentPruneCommand
{
    public static Command Create(CliContext context)
    {
        var app = new Option<string?>("--app") { Description = "Only those of this app: an assembly's name, or its SluiceApp.", HelpName = "NAME" };
        var environment = new Option<string?>("--environment") { Description = "Those of this environment, whether its time is over or not. With --assembly: which of its environments is meant.", HelpName = "NAME" };
        var assembly = new Option<string?>("--assembly") { Description = "Those that the code of this assembly no longer has.", HelpName = "DLL" };
        var all = new Option<bool>("--all") { Description = "With --app: all that it published, outside of environments." };
        var delete = new Option<bool>("--delete") { Description = "Delete them, with the runs that wait. Other runs stay as history." };
        var pause = new Option<bool>("--pause") { Description = "Pause them." };
        var plan = new Option<bool>("--plan") { Description = "With --delete or --pause: say what would be done, and do nothing." };
        var confirmation = new Confirmation();
        return new Verb(context, "prune", "Removes deployments that publishes created and nothing needs any more: of environments whose time is over, or as the options say. What somebody else made is never touched.")
        {
            Examples =
            [
                "sluice deployment prune",
                "sluice deployment prune --delete --yes",
                "sluice deployment prune --app Weather --environment pr-123 --delete --yes",
                "sluice deployment prune --assembly bin/Release/net10.0/publish/Weather.dll --pause",
                "sluice deployment prune --app Weather --all --delete --plan",
            ],
        }.With(app, environment, assembly, all, delete, pause, plan, confirmation.Yes).Reads().Checks(call =>
        {
            if (call.Get(delete) && call.Get(pause))
                throw CliException.BadUsage("write --delete or --pause, not both");
            if (call.Get(plan) && !call.Get(delete) && !call.Get(pause))
                throw CliException.BadUsage("--plan belongs to --delete or --pause; without them nothing is done anyway");
            if (call.Get(all) && (string.IsNullOrWhiteSpace(call.Get(app)) || call.IsGiven(environment) || call.IsGiven(assembly)))
                throw CliException.BadUsage("--all belongs to --app NAME, and goes without --environment and --assembly");
            if (call.Get(environment) is { } text && !EnvironmentName.TryParse(text, out _, out string? error))
                throw CliException.BadUsage(error.TrimEnd('.'));
        }).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            string? name = null;
            if (call.Get(environment) is { } text)
                EnvironmentName.TryParse(text, out name, out _);
            PruneRule rule = call.Get(delete) ? PruneRule.Delete : call.Get(pause) ? PruneRule.Pause : PruneRule.Report;
            var pruner = new DeploymentPruner(connection.Api, OpenSurroundings.Of(call, connection.Api));
            IReadOnlyList<Orphan> found = await pruner.FindAsync(
                new() { App = call.Get(app), Environment = name, Assembly = call.Get(assembly) is { } file ? Path.GetFullPath(file) : null, All = call.Get(all) }, rule, cancellationToken);
            Orphan[] changed = [.. found.Where(orphan => orphan.Outcome != "orphaned")];
            if (changed.Length > 0 && !call.Get(plan))
            {
                // Two repositories count their pull requests alike.
                if (name is not null && changed.Select(orphan => orphan.App).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray() is { Length: > 1 } apps)
                    throw CliException.BadUsage($"several apps have an environment {name}: {string.Join(", ", apps.Select(one => Screen.Safe(one)))}. Say whose is meant by --app NAME; nothing was done");
                // On standard error, as the question is: standard output has what was done.
                if (!call.Get(confirmation.Yes))
                    Write(call.Screen.OfErrors(), changed, isPlan: true);
                confirmation.Ask(call, $"{(rule == PruneRule.Delete ? "Delete" : "Pause")} {Words.Count(changed.Length, "deployment")} of {connection.Where}?");
                await pruner.ApplyAsync(found, cancellationToken);
            }
            if (call.Json)
            {
                Json.Write(call.Screen.Out, new JsonObject { ["planned"] = call.Get(plan), ["deployments"] = new JsonArray([.. found.Select(orphan => (JsonNode)ToJson(orphan))]) });
                return ExitCodes.Ok;
            }
            Write(call.Screen, found, call.Get(plan));
            if (found.Count == 0)
                call.Screen.Note($"Nothing to prune in {connection.Where}{Nothing(call.Get(assembly), name, call.Get(app), call.Get(all))}.");
            else if (rule == PruneRule.Report)
                call.Screen.Note("They stay as they are: --delete removes them, --pause pauses them.");
            return ExitCodes.Ok;
        });
    }

    private static string Nothing(string? assembly, string? environment, string? app, bool all) =>
        assembly is not null ? $": the code has all that its publishes created{(environment is null ? "" : $" in environment {environment}")}"
        : environment is not null ? $": no publish{(app is null ? "" : $" of the app '{app}'")} created anything in environment {environment}"
        : all ? $": no publish of the app '{app}' created anything"
        : ": no environment's time is over";

    private static void Write(Screen screen, IReadOnlyList<Orphan> orphans, bool isPlan)
    {
        foreach (Orphan orphan in orphans)
            screen.Line(Screen.Safe($"{orphan.FullName}: {(isPlan && orphan.Outcome != "orphaned" ? "would be " : "")}{orphan.Outcome} ({orphan.Reason})"));
    }

    private static JsonObject ToJson(Orphan orphan) => new()
    {
        ["id"] = orphan.Id.ToString(),
        ["full_name"] = orphan.FullName,
        ["app"] = orphan.App,
        ["environment"] = orphan.Environment,
        ["expires"] = orphan.Expires is { } expires ? Words.Utc(expires) : null,
        ["reason"] = orphan.Reason,
        ["outcome"] = orphan.Outcome,
    };
}
