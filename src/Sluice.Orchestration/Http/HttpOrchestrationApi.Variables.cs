using System.Text.Json;
using Sluice.Orchestration.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public async Task<Variable> CreateVariableAsync(VariableCreate variable, CancellationToken cancellationToken)
    {
        variable = variable with { Value = await VariableValueAsync(variable.Value, cancellationToken).ConfigureAwait(false) };
        return await _transport.SendAsync(PostOnce("/variables/", variable, Json.VariableCreate), Json.Variable, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Variable?> ReadVariableAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/variables/{id}"), Json.Variable, cancellationToken);

    /// <inheritdoc/>
    public Task<Variable?> FindVariableAsync(string name, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get("/variables/name/" + Segment(name)), Json.Variable, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Variable>> ListVariablesAsync(VariablesQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/variables/filter", query, Json.VariablesQuery), Json.IReadOnlyListVariable, cancellationToken);

    /// <inheritdoc/>
    public async Task UpdateVariableAsync(Guid id, VariableUpdate update, CancellationToken cancellationToken)
    {
        if (update.Value is { } value)
        {
            update = update with { Value = await VariableValueAsync(value, cancellationToken).ConfigureAwait(false) };
        }

        await _transport.SendAsync(Patch($"/variables/{id}", update, Json.VariableUpdate), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteVariableAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/variables/{id}"), cancellationToken);

    /// <summary>Prefect 2's variables are texts, and it refuses any other value.</summary>
    private async ValueTask<JsonElement> VariableValueAsync(JsonElement value, CancellationToken cancellationToken)
    {
        if (value.ValueKind == JsonValueKind.String || !await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return value;
        }

        return JsonText.Parse($"\"{JsonEncodedText.Encode(value.GetRawText())}\"");
    }
}
