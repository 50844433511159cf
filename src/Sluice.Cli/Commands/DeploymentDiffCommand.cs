using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Versions;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Schemas.Comparison;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment diff</c>: what is different between two versions of a deployment.</summary>
internal static class DeploymentDiffCommand
{
    private const int LongestValue = 120;

    public static Command Create(CliContext context)
    {
        Argument<string> name = DeploymentCommands.Name();
        var first = new Argument<int>("V1") { Description = "The number of a version." };
        var second = new Argument<int?>("V2") { Description = "The number of another one. Default: the present one.", Arity = ArgumentArity.ZeroOrOne };
        return new Verb(context, "diff", "Shows what is different between two versions of a deployment: what the code declared, its parameters, the files of its package.")
        {
            Examples = ["sluice deployment diff \"Weather report/daily\" 3", "sluice deployment diff \"Weather report/daily\" 3 5 --output json"],
        }.With(name, first, second).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
        {
            (Deployment live, string fullName) = await VersionFinder.DeploymentAsync(connection.Api, call.Get(name), cancellationToken);
            List<VersionEntry> entries = await VersionFinder.ReadAsync(connection, live, fullName, int.MaxValue, cancellationToken);
            int from = call.Get(first), to = call.Get(second) ?? VersionPointer.Of(live.JobVariables)?.Number ?? from;
            VersionComparison difference = await VersionComparison.OfAsync(
                VersionFinder.Version(entries, from, fullName), VersionFinder.Version(entries, to, fullName), ServerSources.Of(connection.Api),
                VersionRecords.Stores(Environment.GetEnvironmentVariable(VersionRecords.StoresVariable)), cancellationToken);
            if (call.Json)
                Json.Write(call.Screen.Out, ToJson(fullName, from, to, difference));
            else
                Write(call.Screen, fullName, from, to, difference);
            return ExitCodes.Ok;
        });
    }

    private static void Write(Screen screen, string fullName, int from, int to, VersionComparison difference)
    {
        screen.Line(Failures.OneLine(string.Create(CultureInfo.InvariantCulture, $"{fullName}: version {from} → {to}{(difference.IsEmpty ? ": nothing is different" : "")}")));
        foreach (ComparedField field in difference.Fields)
            screen.Line($"  {(field.Before is null ? '+' : field.After is null ? '-' : '~')} {Failures.OneLine(field.Path)}: {Value(field)}");
        foreach (SchemaChange change in difference.Schema)
            screen.Line("  " + Failures.OneLine($"{(change.IsBreaking ? '!' : '~')} parameter {change.Path} {change.Message}{(change.IsBreaking ? " (breaking)" : "")}"));
        foreach (ComparedFile file in difference.Files ?? [])
            screen.Line($"  {(file.Before is null ? '+' : file.After is null ? '-' : '~')} file {Failures.OneLine(file.Path)} ({Size(file)})");
        if (difference.FilesUnknown is { } unknown)
            screen.Line("  " + Failures.OneLine($"The files cannot be compared: {unknown}."));
    }

    private static string Value(ComparedField field) =>
        field.Before is null ? Short(field.After) : field.After is null ? Short(field.Before) : $"{Short(field.Before)} → {Short(field.After)}";

    private static string Short(JsonElement? value)
    {
        string text = Failures.OneLine(JsonNode.Parse(value!.Value.GetRawText())?.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null");
        return text.Length <= LongestValue ? text : $"{text[..(LongestValue - 1)]}…";
    }

    private static string Size(ComparedFile file) => (file.Before, file.After) switch
    {
        (null, { } added) => Words.Size(added.Size),
        ({ } removed, null) => Words.Size(removed.Size),
        ({ } before, { } after) when before.Sha256 == after.Sha256 => $"mode {before.Mode} → {after.Mode}",
        ({ } before, { } after) => before.Size == after.Size ? $"{Words.Size(after.Size)}, other content" : $"{Words.Size(before.Size)} → {Words.Size(after.Size)}",
        _ => "",
    };

    private static JsonObject ToJson(string fullName, int from, int to, VersionComparison difference) => new()
    {
        ["full_name"] = fullName,
        ["from"] = from,
        ["to"] = to,
        ["fields"] = new JsonArray([.. difference.Fields.Select(field => (JsonNode)new JsonObject
        {
            ["path"] = field.Path, ["before"] = Node(field.Before), ["after"] = Node(field.After),
        })]),
        ["schema"] = new JsonArray([.. difference.Schema.Select(change => (JsonNode)new JsonObject { ["path"] = change.Path, ["breaking"] = change.IsBreaking, ["message"] = change.Message })]),
        ["files"] = difference.Files is null ? null : new JsonArray([.. difference.Files.Select(file => (JsonNode)new JsonObject
        {
            ["path"] = file.Path,
            ["change"] = file.Before is null ? "added" : file.After is null ? "removed" : "changed",
            ["before_sha256"] = file.Before?.Sha256,
            ["after_sha256"] = file.After?.Sha256,
            ["before_size"] = file.Before?.Size,
            ["after_size"] = file.After?.Size,
        })]),
        ["files_unknown"] = difference.FilesUnknown,
    };

    private static JsonNode? Node(JsonElement? value) => value is { } element ? JsonNode.Parse(element.GetRawText()) : null;
}
