using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.Blocks;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Blocks;

namespace Sluice.Cli.Commands;

/// <summary><c>block …</c>: named options of storage systems, and secrets, kept by the server.</summary>
internal static class BlockCommands
{
    public static IEnumerable<Command> Create(CliContext context) =>
        [List(context), Create(context, Name()), Inspect(context, Name()), Update(context, Name()), Delete(context, Name()), BlockTypesCommand.Create(context)];

    private static Argument<string> Name() => new("TYPE/NAME") { Description = "The block, as s3/dev-bucket." };

    private static Argument<string[]> Fields(ArgumentArity arity) => new("FIELD=VALUE") { Description = $"{FieldValues.Forms}.", Arity = arity };

    private static Verb List(CliContext context)
    {
        var type = new Option<string?>("--type", "-t") { Description = "Only blocks of this type.", HelpName = "TYPE" };
        return new Verb(context, "ls", "Lists named blocks.") { Examples = ["sluice block ls", "sluice block ls --type s3"] }
            .With(type).Reads().DoesWithApi(async (call, connection, cancellationToken) =>
            {
                var query = new BlockDocumentsQuery { Limit = Pages.Size, BlockTypes = call.Get(type) is { } slug ? new() { Slug = new() { Any = [slug] } } : null };
                List<BlockDocument> blocks = await Pages.AllAsync(offset => connection.Api.ListBlockDocumentsAsync(query with { Offset = offset }, cancellationToken));
                BlockDocument[] sorted = [.. blocks.OrderBy(BlockName.Of, StringComparer.Ordinal)];
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, new JsonArray([.. sorted.Select(block => (JsonNode)ObjectOf(block))]));
                    return ExitCodes.Ok;
                }
                if (sorted.Length == 0)
                    call.Screen.Note("There are no blocks. 'sluice block create s3/NAME bucket_path=…' makes one; 'sluice block types' lists what there can be.");
                var table = new TableView(new Column("Block"), new Column("Stands for", Shorten: true), new Column("Changed", Rank: 1), new Column("Id", Rank: 2));
                foreach (BlockDocument block in sorted)
                    table.Add(BlockName.Of(block), Summary(block), Words.Relative(block.Updated, call.Now), block.Id.ToString());
                if (table.Count > 0)
                    table.Write(call.Screen);
                return ExitCodes.Ok;
            });
    }

    private static Verb Create(CliContext context, Argument<string> name)
    {
        Argument<string[]> fields = Fields(ArgumentArity.ZeroOrMore);
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a block of that name with all its fields." };
        return new Verb(context, "create", "Creates a named block. Without a value, a secret is read from standard input.")
        {
            Examples =
            [
                "sluice block create s3/dev-bucket bucket_path=my-bucket/flows region=eu-central-1",
                "sluice block create s3/dev-bucket bucket_path=my-bucket aws_access_key_id=@env:KEY aws_secret_access_key=- --overwrite",
                "sluice block create gcs/prod bucket_path=my-bucket service_account_info=@file:key.json",
                "sluice block create secret/my-token",
            ],
        }.With(name, fields, overwrite).Reads().Checks(call => BlockName.Parse(call.Get(name)).Kind()).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            BlockName block = BlockName.Parse(call.Get(name));
            BlockKind kind = block.Kind();
            BlockDocument? existing = await connection.Api.FindBlockDocumentAsync(block.Type, block.Name, includeSecrets: false, cancellationToken);
            if (existing is not null && !call.Get(overwrite))
                throw new CliException($"there is a block '{block}' already: write --overwrite to replace it, or change fields of it with 'sluice block update {block} FIELD=VALUE'");
            string[] given = call.Get(fields) ?? [];
            if (kind.Use == BlockUse.Secret && given.Length == 0)
                given = ["value=-"];
            Dictionary<string, JsonElement> data = Given(await FieldValues.ReadAsync(kind, new Dictionary<string, JsonElement>(), given, call.Screen, cancellationToken));
            Check(kind, block, data);
            BlockSchema schema = await BlockSchemaChoice.ForAsync(connection.Api, kind, data.Keys, cancellationToken);
            BlockDocument saved = existing is null
                ? await connection.Api.CreateBlockDocumentAsync(new() { Name = block.Name, BlockTypeId = schema.BlockTypeId!.Value, BlockSchemaId = schema.Id, Data = data }, cancellationToken)
                : await ReplaceAsync(connection.Api, existing, schema, data, merge: false, cancellationToken);
            return Saved(call, saved, $"{(existing is null ? "Created" : "Replaced")} block '{block}'.{Use(kind, block)}");
        });
    }

    private static Verb Update(CliContext context, Argument<string> name)
    {
        Argument<string[]> fields = Fields(ArgumentArity.OneOrMore);
        return new Verb(context, "update", "Changes fields of a named block; FIELD= removes one.")
        {
            Examples = ["sluice block update s3/dev-bucket aws_secret_access_key=@env:NEW_SECRET", "sluice block update s3/dev-bucket endpoint_url="],
        }.With(name, fields).Reads().Checks(call => BlockName.Parse(call.Get(name)).Kind()).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            BlockName block = BlockName.Parse(call.Get(name));
            BlockKind kind = block.Kind();
            BlockDocument existing = await block.FindAsync(connection.Api, cancellationToken);
            Dictionary<string, JsonElement?> changes = await FieldValues.ReadAsync(kind, existing.Data, call.Get(fields), call.Screen, cancellationToken);
            var data = new Dictionary<string, JsonElement>(existing.Data.Where(field => !changes.ContainsKey(field.Key)));
            foreach ((string field, JsonElement value) in Given(changes))
                data[field] = value;
            Check(kind, block, data);
            BlockSchema schema = await BlockSchemaChoice.ForAsync(connection.Api, kind, data.Keys, cancellationToken);
            // Merged by the server, which alone has the secrets that are not changed and puts them where it is sent its own masks; a field that is removed becomes null.
            Dictionary<string, JsonElement> sent = changes.ToDictionary(change => change.Key, change => change.Value ?? JsonElement.Parse("null"));
            return Saved(call, await ReplaceAsync(connection.Api, existing, schema, sent, merge: true, cancellationToken), $"Changed block '{block}'. It holds from the next publish, pull or run on.");
        });
    }

    private static Verb Inspect(CliContext context, Argument<string> name) =>
        new Verb(context, "inspect", "Shows a named block; secrets are masked.") { Examples = ["sluice block inspect s3/dev-bucket"] }
            .With(name).Reads().Checks(call => BlockName.Parse(call.Get(name))).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                BlockDocument block = await BlockName.Parse(call.Get(name)).FindAsync(connection.Api, cancellationToken);
                if (call.Json)
                {
                    Json.Write(call.Screen.Out, ObjectOf(block));
                    return ExitCodes.Ok;
                }
                var details = new Details(BlockName.Of(block));
                details.Add("Type", block.BlockType?.Name).Add("Id", block.Id.ToString());
                foreach ((string field, JsonElement value) in block.Data.Where(field => field.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)))
                    details.Add(field, Json.Short(value));
                details.Add("Created", Words.LocalAndUtc(block.Created)).Add("Changed", Words.LocalAndUtc(block.Updated)).Write(call.Screen);
                return ExitCodes.Ok;
            });

    private static Verb Delete(CliContext context, Argument<string> name) =>
        new Verb(context, "delete", "Deletes a named block. What still names it fails from then on.") { Examples = ["sluice block delete s3/dev-bucket"] }
            .With(name).Checks(call => BlockName.Parse(call.Get(name))).DoesWithApi(async (call, connection, cancellationToken) =>
            {
                BlockDocument block = await BlockName.Parse(call.Get(name)).FindAsync(connection.Api, cancellationToken);
                await connection.Api.DeleteBlockDocumentAsync(block.Id, cancellationToken);
                call.Screen.Line($"Deleted block '{BlockName.Of(block)}'.");
                return ExitCodes.Ok;
            });

    private static async Task<BlockDocument> ReplaceAsync(
        IOrchestrationApi api, BlockDocument existing, BlockSchema schema, IReadOnlyDictionary<string, JsonElement> data, bool merge, CancellationToken cancellationToken)
    {
        await api.UpdateBlockDocumentAsync(existing.Id, new() { BlockSchemaId = schema.Id, Data = data, MergeExistingData = merge }, cancellationToken);
        return await api.ReadBlockDocumentAsync(existing.Id, includeSecrets: false, cancellationToken)
            ?? throw new CliException($"the block '{BlockName.Of(existing)}' was deleted meanwhile");
    }

    private static Dictionary<string, JsonElement> Given(Dictionary<string, JsonElement?> values) =>
        values.Where(value => value.Value is not null).ToDictionary(value => value.Key, value => value.Value!.Value);

    private static void Check(BlockKind kind, BlockName name, Dictionary<string, JsonElement> data)
    {
        string[] missing = [.. kind.Fields.Where(field => field.IsRequired && !data.ContainsKey(field.Name)).Select(field => field.Name)];
        if (missing.Length > 0)
            throw CliException.BadUsage($"{name} needs {string.Join(" and ", missing)}: write {string.Join(' ', missing.Select(field => field + "=…"))}; 'sluice block types {kind.Slug}' explains the fields");
        try
        {
            kind.Check(new StorageBlock(name.Type, name.Name, data));
        }
        catch (StorageException e)
        {
            throw new CliException(e.Message, ExitCodes.BadUsage, e);
        }
    }

    private static int Saved(Invocation call, BlockDocument block, string line)
    {
        if (call.Json)
            Json.Write(call.Screen.Out, ObjectOf(block));
        else
            call.Screen.Line(line);
        return ExitCodes.Ok;
    }

    private static string Use(BlockKind kind, BlockName name) => kind.Use switch
    {
        BlockUse.Secret => $" Refer to it as ${{{name.Name.Replace('-', '_').ToUpperInvariant()}}}.",
        BlockUse.Packages => $" Publish there with: dotnet publish -p:SluiceStorage={name}",
        _ => $" Deploy from there with: dotnet publish -p:SluiceStorage={name}",
    };

    private static string? Summary(BlockDocument block)
    {
        foreach (string field in new[] { "bucket_path", "basepath", "repository", "share_path" })
        {
            if (block.Data.TryGetValue(field, out JsonElement value) && value.ValueKind == JsonValueKind.String)
                return field == "share_path" && block.Data.TryGetValue("smb_host", out JsonElement host) ? $"{Json.Short(host)}/{value.GetString()!.Trim('/')}" : value.GetString();
        }
        return null;
    }

    private static JsonObject ObjectOf(BlockDocument block)
    {
        JsonObject json = Json.Object(block);
        json["full_name"] = BlockName.Of(block);
        return json;
    }
}
