using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Secrets;
using Sluice.Worker.Launch;
using Sluice.Worker.Runs;

namespace Sluice.Worker.Templates;

/// <summary>
/// Puts what the server keeps into a job configuration: variables, blocks and, for an <c>env</c> value that is one <c>${NAME}</c>, secrets (the worker's environment
/// first). The values reach the run's process and nothing else.
/// </summary>
/// <param name="api">The API.</param>
/// <param name="calls">How to call it.</param>
/// <param name="sources">Gives secrets.</param>
/// <param name="time">The clock.</param>
/// <param name="tellAsync">Takes a warning for the run's log.</param>
internal sealed class ServerValues(IOrchestrationApi api, ApiCalls calls, StorageSources sources, TimeProvider time, Func<string, CancellationToken, Task> tellAsync)
{
    /// <summary>The configuration with all values in place.</summary>
    /// <exception cref="LaunchException">A block or secret that it names does not exist; the message names it.</exception>
    public async Task<JsonObject> ResolveAsync(JsonObject configuration, CancellationToken cancellationToken)
    {
        var resolved = (JsonObject)(await FillAsync(configuration, cancellationToken))!;
        if (resolved["env"] is JsonObject env)
        {
            foreach ((string name, JsonNode? value) in env.ToList())
            {
                if (value is JsonValue scalar && scalar.TryGetValue(out string? text) && SecretTemplate.IsReference(text))
                    env[name] = await SecretAsync(name, text, cancellationToken);
            }
        }
        return resolved;
    }

    private async Task<string> SecretAsync(string variable, string template, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreCalls.CallAsync(
                () => SecretTemplate.ResolveAsync(template, $"the job variable env.{variable}", sources.Secrets, cancellationToken).AsTask(), time, cancellationToken);
        }
        catch (StorageException e)
        {
            throw new LaunchException(e.Message, e);
        }
    }

    private async Task<JsonNode?> FillAsync(JsonNode? template, CancellationToken cancellationToken)
    {
        switch (template)
        {
            case JsonObject members when BlockIdOf(members) is { } id:
                BlockDocument? document = await calls.CallAsync(token => api.ReadBlockDocumentAsync(id, includeSecrets: true, token), cancellationToken);
                return document is null ? throw new LaunchException($"its job variables refer to the block {id}, which does not exist: correct them") : DataOf(document);
            case JsonObject members:
                var filled = new JsonObject();
                foreach ((string name, JsonNode? member) in members)
                    filled[name] = await FillAsync(member, cancellationToken);
                return filled;
            case JsonArray items:
                var list = new JsonArray();
                foreach (JsonNode? item in items)
                    list.Add(await FillAsync(item, cancellationToken));
                return list;
            case JsonValue value when value.TryGetValue(out string? text):
                return await FillTextAsync(text, cancellationToken);
            default:
                return template?.DeepClone();
        }
    }

    private async Task<JsonNode?> FillTextAsync(string text, CancellationToken cancellationToken)
    {
        IReadOnlyList<Placeholder> placeholders = Placeholder.In(text);
        if (placeholders.Any(placeholder => placeholder.Kind == PlaceholderKind.Block))
        {
            return placeholders is [var block] && block.Text == text
                ? await BlockAsync(block.Target, cancellationToken)
                : throw new LaunchException($"its job configuration has '{text}': a block stands alone in its text, with nothing around it");
        }
        foreach (Placeholder variable in placeholders.Where(placeholder => placeholder.Kind == PlaceholderKind.Variable))
        {
            JsonNode? value = await VariableAsync(variable.Target, cancellationToken);
            if (variable.Text == text)
                return value ?? "";
            text = text.Replace(variable.Text, JobTemplate.Text(value), StringComparison.Ordinal);
        }
        return JsonValue.Create(text);
    }

    /// <summary>One that does not exist is an empty text, as with Prefect, and the run's log says so.</summary>
    private async Task<JsonNode?> VariableAsync(string name, CancellationToken cancellationToken)
    {
        if (await calls.CallAsync(token => api.FindVariableAsync(name, token), cancellationToken) is { } variable)
            return JobVariableLevels.NodeOf(variable.Value);
        await tellAsync($"The job variables refer to the variable '{name}', which does not exist: it is taken for an empty text. 'sluice variable set {name} VALUE' makes it.", cancellationToken);
        return null;
    }

    private async Task<JsonNode?> BlockAsync(string target, CancellationToken cancellationToken)
    {
        string[] parts = target.Split('.', 3);
        if (parts.Length < 2)
            throw new LaunchException($"its job configuration refers to 'prefect.blocks.{target}', which is no block: write {{{{ prefect.blocks.TYPE.NAME }}}}");
        BlockDocument document = await calls.CallAsync(token => api.FindBlockDocumentAsync(parts[0], parts[1], includeSecrets: true, token), cancellationToken)
            ?? throw new LaunchException($"its job configuration refers to the block {parts[0]}/{parts[1]}, which does not exist: 'sluice block create {parts[0]}/{parts[1]}' makes it");
        JsonNode? data = DataOf(document);
        // Blocks that are one value, as secrets, are that value.
        if (data is JsonObject { Count: 1 } single && single.ContainsKey("value") && !(parts.Length == 3 && (parts[2] == "value" || parts[2].StartsWith("value.", StringComparison.Ordinal))))
            data = single["value"];
        return parts.Length < 3 ? data?.DeepClone()
            : JobTemplate.Find(data, parts[2])?.DeepClone() ?? throw new LaunchException($"its job configuration refers to '{parts[2]}' of the block {parts[0]}/{parts[1]}, which has no such field");
    }

    private static JsonObject DataOf(BlockDocument document) =>
        new(document.Data.Select(field => KeyValuePair.Create(field.Key, JobVariableLevels.NodeOf(field.Value))));

    private static Guid? BlockIdOf(JsonObject members) =>
        members is { Count: 1 } && members["$ref"] is JsonObject reference && reference["block_document_id"] is JsonValue value && value.TryGetValue(out string? text) && Guid.TryParse(text, out Guid id) ? id : null;
}
