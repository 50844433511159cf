using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Versions;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment versions</c>: every apply that changed a deployment, newest first.</summary>
internal static class DeploymentVersionsCommand
{
    private const int Shown = 20;

    public static Command Create(CliContext context)
    {
        Argument<string> name = DeploymentCommands.Name();
        var limit = new Option<int>("--limit") { Description = "How many, from the newest.", HelpName = "N", DefaultValueFactory = _ => Shown };
        return new Verb(context, "versions", "Lists the versions of a deployment: each apply that changed it, with its commit, author and package.")
        {
            Examples = ["sluice deployment versions \"Weather report/daily\"", "sluice deployment versions \"Weather report/daily\" --limit 100 --output json"],
        }.With(name, limit).Reads().Checks(call =>
        {
            if (call.Get(limit) < 1)
                throw CliException.BadUsage("--limit is at least 1");
        }).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            (Deployment live, string fullName) = await VersionFinder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            List<VersionEntry> entries = await VersionFinder.ReadAsync(connection, live, fullName, call.Get(limit), cancellationToken);
            VersionPointer? current = VersionPointer.Of(live.JobVariables);
            if (call.Json)
            {
                Json.Write(call.Screen.Out, new JsonArray([.. entries.Select(entry => (JsonNode)VersionWords.ToJson(entry, entry.Pointer == current))]));
                return ExitCodes.Ok;
            }
            if (entries.Count == 0)
            {
                call.Screen.Note($"'{fullName}' has no versions: it was not published, or before there were any. Its next publish makes the first one.");
                return ExitCodes.Ok;
            }
            var table = new TableView(
                new Column("Number", Right: true), new Column("Applied", Rank: 1), new Column("Commit"), new Column("Branch", Rank: 2, Shorten: true), new Column("Author", Rank: 3, Shorten: true),
                new Column("Package"), new Column("Version", Rank: 4, Shorten: true), new Column("", Shorten: true));
            foreach (VersionEntry entry in entries)
            {
                table.Add(
                    entry.Pointer.Number.ToString(CultureInfo.InvariantCulture), entry.Record is { } record ? Words.Relative(record.Created, call.Now) : "", VersionWords.Commit(entry.Build),
                    entry.Build?.Branch, VersionWords.Author(entry.Build), VersionWords.Program(entry.Version), entry.Version?.Declared.Version, VersionWords.Notes(entry, entry.Pointer == current));
            }
            table.Write(call.Screen);
            VersionEntry last = entries[^1];
            if (last.Unreadable is not null && last.Pointer.Number > 1 && entries.Count < call.Get(limit))
                call.Screen.Note(string.Create(CultureInfo.InvariantCulture, $"What came before version {last.Pointer.Number} cannot be told: its record led there."));
            return ExitCodes.Ok;
        });
    }
}
