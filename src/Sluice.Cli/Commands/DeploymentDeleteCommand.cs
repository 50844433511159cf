using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment delete</c>: one, several or all.</summary>
internal static class DeploymentDeleteCommand
{
    public static Command Create(CliContext context)
    {
        var names = new Argument<string[]>("FLOW/DEPLOYMENT") { Description = "The deployments as flow/deployment, or their ids.", Arity = ArgumentArity.ZeroOrMore };
        var ids = new Option<string[]>("--id") { Description = "A deployment's id; may be repeated.", HelpName = "ID" };
        var all = new Option<bool>("--all") { Description = "All deployments of the API. Asks first." };
        var ifExists = new Option<bool>("--if-exists") { Description = "One that is not there is no error." };
        var confirmation = new Confirmation();
        return new Verb(context, "delete", "Deletes deployments and their scheduled runs. Runs that have begun stay, and so do packages.")
        {
            Examples = ["sluice deployment delete \"Weather report/daily\"", "sluice deployment delete \"Weather report/daily\" \"Weather report/weekly\" --if-exists", "sluice deployment delete --all --yes"],
        }.With(names, ids, all, ifExists, confirmation.Yes).Checks(call =>
        {
            bool named = call.Get(names) is { Length: > 0 } || call.Get(ids) is { Length: > 0 };
            if (named == call.Get(all))
                throw CliException.BadUsage(named ? "write names or --all, not both" : "name a deployment as flow/deployment, by --id, or write --all");
            foreach (string id in call.Get(ids) ?? [])
                DeploymentName.Check(id);
        }).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            List<NamedDeployment> chosen = call.Get(all)
                ? await AllAsync(connection.Api, cancellationToken)
                : await FindAsync(call, connection.Api, [.. call.Get(names) ?? [], .. call.Get(ids) ?? []], call.Get(ifExists), cancellationToken);
            if (call.Get(all))
            {
                if (chosen.Count == 0)
                    call.Screen.Note($"No deployments in {connection.Where}.");
                else
                    confirmation.Ask(call, $"Delete all {Words.Count(chosen.Count, "deployment")} of {connection.Where}, {chosen.Sum(one => one.Deployment.Schedules.Count)} schedules with them?");
            }
            // All names are known to exist before the first one goes.
            foreach (NamedDeployment one in chosen.DistinctBy(one => one.Deployment.Id))
            {
                bool there = await connection.Api.DeleteDeploymentAsync(one.Deployment.Id, cancellationToken);
                call.Screen.Line(there ? $"Deleted '{one.FullName}'." : $"'{one.FullName}' is deleted already.");
            }
            return ExitCodes.Ok;
        });
    }

    private static async Task<List<NamedDeployment>> FindAsync(Invocation call, IOrchestrationApi api, IEnumerable<string> names, bool ifExists, CancellationToken cancellationToken)
    {
        var found = new List<NamedDeployment>();
        foreach (string name in names)
        {
            if (!ifExists)
                found.Add(await Finder.NamedDeploymentAsync(api, name, cancellationToken));
            else if (await Finder.TryNamedDeploymentAsync(api, name, cancellationToken) is { } one)
                found.Add(one);
            else
                call.Screen.Line($"There is no deployment '{name}': it is deleted already.");
        }
        return found;
    }

    private static async Task<List<NamedDeployment>> AllAsync(IOrchestrationApi api, CancellationToken cancellationToken)
    {
        List<Deployment> all = await Pages.AllAsync(offset => api.ListDeploymentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
        FlowNames flows = await FlowNames.LoadAsync(api, all.Select(deployment => deployment.FlowId), cancellationToken);
        return [.. all.Select(deployment => new NamedDeployment(deployment, flows.FullName(deployment))).OrderBy(one => one.FullName, StringComparer.Ordinal)];
    }
}
