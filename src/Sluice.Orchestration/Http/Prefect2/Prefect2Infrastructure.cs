using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>
/// The infrastructure block of a deployment in an agent's pool. Prefect 2's agents start runs by that block, over which they lay the overrides; without one they
/// start Python and read no overrides. Its <c>command</c> is a list of words, in the block and in the overrides.
/// </summary>
/// <remarks>Rule: the conversation recorded with 2.10.21 in which an agent ran a program (an anonymous block for one deployment).</remarks>
internal static class Prefect2Infrastructure
{
    private const string DefaultPool = "default-agent-pool";
    private const string Command = "command";
    private const string Image = "image";

    /// <summary>Whether agents serve the deployment's pool.</summary>
    public static async Task<bool> IsForAgentsAsync(HttpOrchestrationApi api, string? pool, CancellationToken cancellationToken) =>
        pool is null or DefaultPool || await api.FindWorkPoolAsync(pool, cancellationToken).ConfigureAwait(false) is { Type: "prefect-agent" };

    /// <summary>The block that the deployment is to have: the named one, the live one where it fits, or a new one that nobody else uses.</summary>
    /// <param name="api">The API.</param>
    /// <param name="apply">The deployment.</param>
    /// <param name="live">The block that it has.</param>
    /// <param name="name">The name of a new one, by which it is found again; nobody is shown it.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="OrchestrationException">Of kind NotFound: there is no such block, or no such kind of infrastructure.</exception>
    public static async Task<Guid?> EnsureAsync(HttpOrchestrationApi api, DeploymentApply apply, Guid? live, string name, CancellationToken cancellationToken)
    {
        string who = $"{apply.FlowName}/{apply.Deployment.Name}";
        if (apply.Infrastructure?.Split('/', 2) is [var slug, var given])
        {
            return (await api.FindBlockDocumentAsync(slug, given, includeSecrets: false, cancellationToken).ConfigureAwait(false))?.Id
                ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"{who}: there is no block '{slug}/{given}', which its Infrastructure names: create it on the server, or correct the name.");
        }

        string kind = KindOf(apply.Infrastructure);
        BlockDocument? block = live is { } id ? await api.ReadBlockDocumentAsync(id, includeSecrets: false, cancellationToken).ConfigureAwait(false) : null;
        Dictionary<string, JsonElement> data;
        if (apply.InfrastructureData is { } said)
        {
            if (block is not null && Prefect2BlockData.Differences(apply.Infrastructure, said, apply.Deployment.JobVariables, block).Count == 0)
                return live;
            // What the file does not say, or hides, stays as it is.
            BlockDocument? kept = block is { IsAnonymous: true } && block.BlockType?.Slug == kind ? await api.ReadBlockDocumentAsync(block.Id, includeSecrets: true, cancellationToken).ConfigureAwait(false) : null;
            data = Prefect2BlockData.Over(kept?.Data, said);
        }
        else
        {
            data = Data(kind, apply.Deployment.JobVariables);
            // One that a person chose stays, unless the code says otherwise.
            if (block is not null && (apply.Infrastructure is null || (block.BlockType?.Slug == kind && Fits(block.Data, data))))
                return live;
        }

        if (await api.FindBlockTypeAsync(kind, cancellationToken).ConfigureAwait(false) is not { } type)
        {
            // Servers of Prefect have the kinds of infrastructure as block types; one that has none has no agents either.
            return apply.Infrastructure is null ? live
                : throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"{who}: the server has no block type '{kind}' for Infrastructure = \"{apply.Infrastructure}\".");
        }

        IReadOnlyList<BlockSchema> schemas = await api.ListBlockSchemasAsync(new() { BlockSchemas = new() { BlockTypeId = new() { Any = [type.Id] } } }, cancellationToken).ConfigureAwait(false);
        if (schemas.Count == 0)
            return live;
        try
        {
            return (await api.CreateBlockDocumentAsync(new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schemas[0].Id, IsAnonymous = true, Data = data }, cancellationToken).ConfigureAwait(false)).Id;
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Conflict)
        {
            // It was made before this apply was interrupted.
            if ((await api.ListBlockDocumentsAsync(Anonymous([name]), cancellationToken).ConfigureAwait(false)).FirstOrDefault() is { } made)
                return made.Id;
            throw;
        }
    }

    /// <summary>The type of block for a kind of infrastructure.</summary>
    public static string KindOf(string? infrastructure) => infrastructure switch { "docker" => "docker-container", "kubernetes" => "kubernetes-job", { } other => other, null => "process" };

    /// <summary>Asks for anonymous blocks by name.</summary>
    public static BlockDocumentsQuery Anonymous(IReadOnlyList<string> names) => new() { BlockDocuments = new() { IsAnonymous = new() { Eq = true }, Name = new() { Any = names } } };

    /// <summary>The overrides as agents read them.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? ToOverrides(IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables is null || !variables.TryGetValue(Command, out JsonElement command) || command.ValueKind != JsonValueKind.String ? variables
        : new Dictionary<string, JsonElement>(variables, StringComparer.Ordinal) { [Command] = Words(command.GetString()!) };

    /// <summary>The overrides as everybody else reads them: the command is one text.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? FromOverrides(IReadOnlyDictionary<string, JsonElement>? overrides) =>
        overrides is null || !overrides.TryGetValue(Command, out JsonElement command) || command.ValueKind != JsonValueKind.Array || command.EnumerateArray().Any(word => word.ValueKind != JsonValueKind.String) ? overrides
        : new Dictionary<string, JsonElement>(overrides, StringComparer.Ordinal)
        {
            [Command] = Element(writer => writer.WriteStringValue(string.Join(' ', command.EnumerateArray().Select(word => ShellWords.Quote(word.GetString()!))))),
        };

    private static Dictionary<string, JsonElement> Data(string kind, IReadOnlyDictionary<string, JsonElement>? variables)
    {
        Dictionary<string, JsonElement> data = new(StringComparer.Ordinal)
        {
            ["type"] = Element(writer => writer.WriteStringValue(kind)),
            ["env"] = Element(writer =>
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }),
            ["stream_output"] = Element(writer => writer.WriteBooleanValue(true)),
        };
        if (ToOverrides(variables) is { } overrides)
        {
            foreach (string name in (ReadOnlySpan<string>)[Command, Image])
            {
                if (overrides.TryGetValue(name, out JsonElement value) && (name == Command || kind != "process"))
                {
                    data[name] = value;
                }
            }
        }

        return data;
    }

    // The overrides' command and image win over the block's, so that new ones need no new block; a block's own must not show through where there are none.
    private static bool Fits(IReadOnlyDictionary<string, JsonElement> block, Dictionary<string, JsonElement> data) =>
        data.Where(pair => !IsLaidOver(pair.Key)).All(pair => block.TryGetValue(pair.Key, out JsonElement value) && JsonElement.DeepEquals(value, pair.Value))
        && block.All(pair => !IsLaidOver(pair.Key) || pair.Value.ValueKind == JsonValueKind.Null || data.ContainsKey(pair.Key));

    private static bool IsLaidOver(string name) => name is Command or Image;

    private static JsonElement Words(string command)
    {
        IReadOnlyList<string> words;
        try
        {
            words = ShellWords.Split(command);
        }
        catch (FormatException error)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"the command '{command}' cannot be split into words: {error.Message}.", error);
        }

        return Element(writer =>
        {
            writer.WriteStartArray();
            foreach (string word in words)
            {
                writer.WriteStringValue(word);
            }

            writer.WriteEndArray();
        });
    }

    private static JsonElement Element(Action<Utf8JsonWriter> write)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            write(writer);
        }

        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        return document.RootElement.Clone();
    }
}
