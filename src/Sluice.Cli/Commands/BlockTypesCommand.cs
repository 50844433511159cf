using System.CommandLine;
using System.Text.Json.Nodes;
using Sluice.Cli.Blocks;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Storage.Blocks;

namespace Sluice.Cli.Commands;

/// <summary><c>block types</c>: what blocks there can be, and which fields they have.</summary>
internal static class BlockTypesCommand
{
    public static Command Create(CliContext context)
    {
        var type = new Argument<string?>("TYPE") { Description = "Show the fields of this type.", Arity = ArgumentArity.ZeroOrOne };
        return new Verb(context, "types", "Lists the types of blocks, or the fields of one.") { Examples = ["sluice block types", "sluice block types s3"] }
            .With(type).Reads().Does((call, _) =>
            {
                IReadOnlyList<BlockKind> kinds = call.Get(type) is { } slug ? [BlockName.Find(slug)] : BlockKinds.All;
                if (call.Json)
                {
                    JsonNode[] all = [.. kinds.Select(ObjectOf)];
                    Json.Write(call.Screen.Out, call.Get(type) is null ? new JsonArray(all) : all[0]);
                    return Task.FromResult(ExitCodes.Ok);
                }
                if (call.Get(type) is null)
                {
                    var table = new TableView(new Column("Type"), new Column("For"), new Column("What it is", Shorten: true));
                    foreach (BlockKind kind in kinds)
                        table.Add(kind.Slug, UseOf(kind), kind.Meaning);
                    table.Write(call.Screen);
                    return Task.FromResult(ExitCodes.Ok);
                }
                var fields = new TableView(new Column("Field"), new Column(""), new Column("Meaning", Shorten: true));
                foreach (BlockField field in kinds[0].Fields)
                    fields.Add(field.Name, MarkOf(field), field.Meaning + (field.Values is { } values ? $" One of {string.Join(", ", values)}." : ""));
                call.Screen.Line($"{kinds[0].Slug}: {kinds[0].Meaning}");
                fields.Write(call.Screen);
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static string UseOf(BlockKind kind) => kind.Use.ToString().ToLowerInvariant();

    private static string MarkOf(BlockField field) => (field.IsRequired, field.IsSecret) switch
    {
        (true, true) => "required, secret",
        (true, false) => "required",
        (false, true) => "secret",
        _ => "",
    };

    private static JsonNode ObjectOf(BlockKind kind) => new JsonObject
    {
        ["slug"] = kind.Slug,
        ["name"] = kind.Name,
        ["description"] = kind.Meaning,
        ["use"] = UseOf(kind),
        ["fields"] = new JsonArray([.. kind.Fields.Select(field => (JsonNode)new JsonObject
        {
            ["name"] = field.Name,
            ["description"] = field.Meaning,
            ["type"] = field.Type,
            ["required"] = field.IsRequired,
            ["secret"] = field.IsSecret,
            ["values"] = field.Values is { } values ? new JsonArray([.. values.Select(value => (JsonNode)value)]) : null,
        })]),
    };
}
