using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Cli.Scheduling;
using Sluice.Cli.Versions;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment …</c>, but for <c>run</c>.</summary>
internal static class DeploymentCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
    [
        List(context),
        Inspect(context),
        DeploymentBuildCommand.Create(context),
        DeploymentApplyCommand.Create(context),
        DeploymentRunCommand.Create(context),
        DeployCommand.CreatePlan(context),
        DeploymentVersionsCommand.Create(context),
        DeploymentDiffCommand.Create(context),
        DeploymentRollbackCommand.Create(context),
        DeploymentScheduleCommands.PauseDeployment(context, true),
        DeploymentScheduleCommands.PauseDeployment(context, false),
        DeploymentScheduleCommands.Set(context),
        DeploymentScheduleCommands.Create(context),
        DeploymentDeleteCommand.Create(context),
        DeploymentPruneCommand.Create(context),
    ];

    // What publishing writes for itself.
    private static readonly string[] OwnLabels = ["sluice.app", "sluice.schedules", "sluice.environment", "sluice.created", "sluice.expires", "sluice.paused"];

    public static Argument<string> Name() => new("FLOW/DEPLOYMENT") { Description = "The deployment as flow/deployment, or its id." };

    private static Verb List(CliContext context)
    {
        var filters = new DeploymentFilters();
        var byCreated = new Option<bool>("--by-created") { Description = "The newest first, in place of by name." };
        return new Verb(context, "ls", "Lists deployments.")
        {
            Examples = ["sluice deployment ls", "sluice deployment ls --tag weather --output json", "sluice deployment ls --pool etl --queue fast --paused false"],
        }.With([.. filters.All, byCreated]).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<Deployment> deployments = await filters.FindAsync(call, connection.Api, cancellationToken);
                FlowNames flows = await FlowNames.LoadAsync(connection.Api, deployments.Select(deployment => deployment.FlowId), cancellationToken);
                deployments.Sort((a, b) => call.Get(byCreated) && b.Created.CompareTo(a.Created) is not 0 and var younger ? younger : string.CompareOrdinal(flows.FullName(a), flows.FullName(b)));
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. deployments.Select(deployment => (JsonNode)flows.ToJson(deployment))]));
                    return ExitCodes.Ok;
                }
                if (deployments.Count == 0)
                {
                    call.Screen.Note(!filters.IsAnyGiven(call)
                        ? $"No deployments in {connection.Where} yet: 'dotnet publish' of a project with [Deployment] makes them."
                        : await filters.WhyNoneAsync(call, connection.Api, cancellationToken));
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
                VersionEntry? applied = await VersionFinder.PresentAsync(connection, deployment, flows.FullName(deployment), cancellationToken);
                if (call.Json)
                {
                    JsonObject json = flows.ToJson(deployment);
                    json["applied"] = applied is null ? null : VersionWords.ToJson(applied, isCurrent: true);
                    Json.Write(call.Screen.Out, json);
                    return ExitCodes.Ok;
                }
                ParameterTable parameters = ParameterTable.Of(deployment);
                new Details($"Deployment {flows.FullName(deployment)}")
                    .Add("Id", deployment.Id.ToString())
                    .Add("Status", Status(deployment).Text)
                    .Add("Description", deployment.Description)
                    .Add("App", OwnerMark.Of(deployment) is { } owner ? owner.CreatedAs == flows.FullName(deployment) ? owner.App : $"{owner.App}, which found it here: prune leaves it alone" : null)
                    .Add("Environment", OwnerMark.Of(deployment) is { Environment: { } environment } mark ? mark.Expires is { } end ? $"{environment}, until {Words.LocalAndUtc(end)}, {Words.Relative(end, call.Now)}" : environment : null)
                    .Add("Version", deployment.Version)
                    .Add("Number", applied is null ? null : VersionWords.Line(applied, call.Now))
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

    private static Cell Status(Deployment deployment) => deployment.Paused
        ? new("paused", new Style(Color.Grey))
        : WorkPoolCommands.Status(deployment.Status, paused: false);

    private static string PoolAndQueue(Deployment deployment) => deployment.WorkPoolName is { } pool
        ? $"{pool}/{deployment.WorkQueueName ?? "default"}"
        : deployment.WorkQueueName ?? "";
}
