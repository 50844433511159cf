using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>flow …</c>.</summary>
internal static class FlowCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
    [
        new Verb(context, "ls", "Lists flows.") { Examples = ["sluice flow ls", "sluice flow ls --output json"] }
            .Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                List<Flow> flows = await Pages.AllAsync(offset => connection.Api.ListFlowsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. flows.Select(flow => (JsonNode)Json.Object(flow))]));
                    return ExitCodes.Ok;
                }
                if (flows.Count == 0)
                    call.Screen.Note("No flows yet: 'dotnet publish' of a project with [Flow] and [Deployment] makes them.");
                var table = new TableView(new Column("Name"), new Column("Tags", Rank: 1, Shorten: true), new Column("Created", Rank: 2), new Column("Id", Rank: 3));
                foreach (Flow flow in flows)
                    table.Add(flow.Name, string.Join(", ", flow.Tags), Words.Relative(flow.Created, call.Now), flow.Id.ToString());
                if (table.Count > 0)
                    table.Write(call.Screen);
                return ExitCodes.Ok;
            }),
    ];
}
