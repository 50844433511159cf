using System.CommandLine;
using System.Globalization;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Versions;
using Sluice.Deploy;
using Sluice.Deploy.Ci;
using Sluice.Deploy.Versions;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment rollback</c>: brings back an earlier version, without a build.</summary>
internal static class DeploymentRollbackCommand
{
    public static Command Create(CliContext context)
    {
        var names = new Argument<string[]>("FLOW/DEPLOYMENT") { Description = "The deployment as flow/deployment, or its id. Several go back together or not at all.", Arity = ArgumentArity.OneOrMore };
        var to = new Option<int?>("--to") { Description = "The version to bring back. Default: the one before the present one.", HelpName = "NUMBER" };
        var plan = new Option<bool>("--plan") { Description = "Say what would change, and do nothing." };
        var exitCode = new Option<bool>("--exit-code") { Description = "With --plan: exit with 3 when something would change." };
        var allowBreaking = new Option<bool>("--allow-breaking-changes") { Description = "Bring back a parameter schema that refuses what the present one accepts." };
        Option<string?> conflicts = new Option<string?>("--conflicts") { Description = "Fields that differ between the versions and that somebody changed on the server too: 'fail' stops and names them, 'keep' takes the server's value, 'code' the version's. Default: fail.", HelpName = "fail|keep|code" }
            .AcceptOnlyFromAmong("fail", "keep", "code");
        PlanOutputs outputs = new();
        return new Verb(context, "rollback", "Brings back an earlier version of a deployment: its package and what its code declared. Needs no build; runs that are going on keep their code.")
        {
            Examples = ["sluice deployment rollback \"Weather report/daily\"", "sluice deployment rollback \"Weather report/daily\" --to 3 --plan", "sluice deployment rollback \"Weather report/daily\" \"Weather report/manual\""],
        }.With([names, to, plan, exitCode, allowBreaking, conflicts, .. outputs.All]).Reads().Checks(call =>
        {
            if (call.Get(exitCode) && !call.Get(plan))
                throw CliException.BadUsage("--exit-code belongs to --plan");
            if (call.Get(to) is not null && call.Get(names).Distinct(StringComparer.Ordinal).Count() > 1)
                throw CliException.BadUsage("--to is the number of one deployment's version: roll them back one by one, or leave it out for the version before of each");
            if (call.Get(to) is < 1)
                throw CliException.BadUsage("--to is at least 1: 'sluice deployment versions' lists the numbers");
        }).Does(async (call, cancellationToken) =>
        {
            var found = new List<string>();
            await using (ApiConnection connection = await call.ConnectAsync(cancellationToken))
            {
                foreach (string name in call.Get(names))
                    found.Add((await VersionFinder.DeploymentAsync(connection.Api, name, cancellationToken)).FullName);
            }
            // The lines come when all is done; until then progress has the terminal for itself.
            using var lines = new StringWriter(CultureInfo.InvariantCulture);
            DeployResult result;
            RollbackRequest request = new() { Deployments = found, To = call.Get(to), PlanOnly = call.Get(plan), AllowBreakingChanges = call.Get(allowBreaking), Conflicts = call.Get(conflicts), PlanFile = outputs.PlanFile(call) };
            await using (ServerSources sources = ServerSources.Opening(async () => (await call.ConnectAsync(CancellationToken.None)).Api))
            await using (StatusLine.Start(call.Screen, () => call.Get(plan) ? "Looking …" : "Rolling back …", call.Time))
            {
                var environment = new DeployEnvironment
                {
                    Home = call.Home,
                    Output = call.Json ? TextWriter.Null : lines,
                    Command = OwnCommand.Text,
                    Time = call.Time,
                    Sources = sources.Sources,
                    OpenApiAsync = async token =>
                    {
                        ApiConnection connection = await call.ConnectAsync(token);
                        return new(connection.Api, connection.Server?.Url ?? $"the embedded API in {call.Home.Root}", IsLocal: connection.Server is null);
                    },
                };
                result = await new RollbackRunner(environment).RunAsync(request, cancellationToken);
            }
            call.Screen.Out.Write(lines);
            var asked = new DeployRequest { Assembly = string.Join(", ", found), PublishDir = "", PlanOnly = request.PlanOnly, SummaryFile = outputs.SummaryFile(call) };
            IReadOnlyList<DeployError> unwritten = MarkdownSummary.Add(asked, result, Environment.GetEnvironmentVariable, new($"rollback of {string.Join(", ", found)}", "version"));
            await CiOutput.WriteAsync(call.Screen.Error, [.. result.Diagnostics, .. unwritten], underMSBuild: false, cancellationToken);
            if (result.Outcome is not { } outcome)
                return ExitCodes.Failed;
            if (call.Json)
                PlanOutputs.Print(call, outcome, applied: !request.PlanOnly);
            else
                Tell(call, outcome);
            if (!result.Succeeded)
                return ExitCodes.Failed;
            return call.Get(exitCode) && outcome.HasChanges ? ExitCodes.PlanFoundChanges : ExitCodes.Ok;
        });
    }

    private static void Tell(Invocation call, DeployOutcome outcome)
    {
        foreach (DeployedDeployment one in outcome.Deployments)
        {
            call.Screen.Line(one switch
            {
                { Outcome: "unchanged" } => string.Create(CultureInfo.InvariantCulture, $"{one.FullName} is what version {one.RolledBackTo} was: nothing to change."),
                _ when outcome.ApiWrites == 0 => string.Create(CultureInfo.InvariantCulture, $"{one.FullName} would become what version {one.RolledBackTo} was."),
                _ => string.Create(CultureInfo.InvariantCulture, $"{one.FullName} is version {one.Number} now, which brings back version {one.RolledBackTo}. Runs that are going on keep their code."),
            });
        }
    }
}
