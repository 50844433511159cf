using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>artifact …</c>, with the verbs of Prefect's command line.</summary>
internal static class ArtifactCommands
{
    private const int Longest = 80;

    public static IEnumerable<Command> Create(CliContext context) => [List(context), Inspect(context), Delete(context)];

    private static Verb List(CliContext context)
    {
        var run = new Option<string?>("--flow-run", "-r") { Description = "Only those of this run, by name or id.", HelpName = "RUN" };
        var key = new Option<string?>("--key", "-k") { Description = "Only versions of this key.", HelpName = "KEY" };
        var limit = new Option<int>("--limit", "-l") { Description = "At most so many, up to 200.", HelpName = "N", DefaultValueFactory = _ => 50 };
        return new Verb(context, "ls", "Lists what runs show: texts, tables, links, progress. Newest first.") { Examples = ["sluice artifact ls", "sluice artifact ls --flow-run autumn-bat --output json"] }
            .With(run, key, limit).Reads().Checks(call =>
            {
                if (call.Get(limit) is < 1 or > Pages.Size)
                    throw CliException.BadUsage($"{limit.Name} is {call.Get(limit)}; it takes 1 to {Pages.Size}");
            }).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Guid? ofRun = call.Get(run) is { } name ? (await Finder.FlowRunAsync(connection.Api, name, cancellationToken)).Id : null;
                var query = new ArtifactsQuery
                {
                    Sort = "UPDATED_DESC",
                    Artifacts = new()
                    {
                        FlowRunId = ofRun is { } id ? new() { Any = [id] } : null,
                        Key = call.Get(key) is { } wanted ? new() { Any = [wanted] } : null,
                        // Prefect keeps the reference of each result as an artifact, which nobody wants to look at.
                        Type = new() { NotAny = ["result"] },
                    },
                };
                IReadOnlyList<Artifact> artifacts = await connection.Api.ListArtifactsAsync(query with { Limit = call.Get(limit) }, cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. artifacts.Select(artifact => (JsonNode)Json.Object(artifact))]));
                    return ExitCodes.Ok;
                }
                if (artifacts.Count == 0)
                {
                    call.Screen.Note("There are no artifacts. Flows make them by context.Artifacts.");
                    return ExitCodes.Ok;
                }
                var table = new TableView(new Column("Key"), new Column("Type"), new Column("Shows", Shorten: true), new Column("Description", Rank: 2, Shorten: true), new Column("Changed", Rank: 1), new Column("Id"));
                foreach (Artifact artifact in artifacts)
                    table.Add(artifact.Key ?? "", artifact.Type ?? "", FirstLine(artifact), artifact.Description ?? "", Words.Relative(artifact.Updated ?? artifact.Created ?? call.Now, call.Now), artifact.Id.ToString());
                table.Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Inspect(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "inspect", "Shows an artifact: the newest of a key, or one by its id.") { Examples = ["sluice artifact inspect rain-report"] }
            .With(name).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Artifact artifact = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, Json.Object(artifact));
                    return ExitCodes.Ok;
                }
                FlowRun? run = artifact.FlowRunId is { } id ? await connection.Api.ReadFlowRunAsync(id, cancellationToken) : null;
                new Details($"Artifact {artifact.Key ?? artifact.Id.ToString()}")
                    .Add("Id", artifact.Id.ToString()).Add("Type", artifact.Type).Add("Description", artifact.Description).Add("Flow run", run?.Name)
                    .Add("Changed", artifact.Updated is { } changed ? Words.LocalAndUtc(changed) : null)
                    .Add("Shows", Text(artifact)).Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Delete(CliContext context)
    {
        Argument<string> name = Name();
        return new Verb(context, "delete", "Deletes an artifact: the newest of a key, or one by its id.") { Examples = ["sluice artifact delete rain-report"] }
            .With(name).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                Artifact artifact = await FindAsync(connection.Api, call.Get(name), cancellationToken);
                await connection.Api.DeleteArtifactAsync(artifact.Id, cancellationToken);
                call.Screen.Line($"Deleted artifact '{call.Get(name)}'.");
                return ExitCodes.Ok;
            });
    }

    private static Argument<string> Name() => new("KEY") { Description = "A key, or an id." };

    private static async Task<Artifact> FindAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        Artifact? artifact = Guid.TryParse(name, out Guid id) ? await api.ReadArtifactAsync(id, cancellationToken) : await api.FindLatestArtifactAsync(name, cancellationToken);
        if (artifact is not null)
            return artifact;
        IReadOnlyList<Artifact> recent = await api.ListArtifactsAsync(new() { Sort = "UPDATED_DESC" }, cancellationToken);
        throw new CliException($"there is no artifact '{name}'.{DidYouMean.Question(name, recent.Select(known => known.Key).OfType<string>().Distinct())} 'sluice artifact ls' lists them");
    }

    private static string FirstLine(Artifact artifact)
    {
        string text = artifact.Data is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } data ? Json.Short(data) : "";
        string line = text.Split('\n', 2)[0];
        return artifact.Type == "progress" ? line + " %" : line.Length > Longest ? line[..Longest] + "…" : line;
    }

    /// <summary>A table's text is JSON, which people read with its lines.</summary>
    private static string? Text(Artifact artifact)
    {
        if (artifact.Data is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } data)
            return null;
        if (artifact.Type == "table" && data.ValueKind == JsonValueKind.String)
        {
            try
            {
                using JsonDocument table = JsonDocument.Parse(data.GetString()!);
                return Json.Pretty(table.RootElement);
            }
            catch (JsonException)
            {
                // Not written by Prefect's library or ours: shown as it is.
            }
        }
        return artifact.Type == "progress" ? Json.Short(data) + " %" : data.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Json.Pretty(data) : Json.Short(data);
    }
}
