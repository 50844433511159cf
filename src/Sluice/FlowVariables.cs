using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// Variables of the server: values under a name that flows and people share (<c>sluice variable ls</c>). They are no place for secrets. Each call asks the server. A local
/// run asks the server that <c>PREFECT_API_URL</c> or a running server of the home names; without one no variable exists, and none can be set.
/// </summary>
public sealed class FlowVariables
{
    private readonly FlowContext _context;

    internal FlowVariables(FlowContext context) => _context = context;

    /// <summary>Reads a variable.</summary>
    /// <param name="name">Its name: lower-case letters, digits, underscores and, but for Prefect 2, dashes.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its value; null where there is no such variable.</returns>
    /// <exception cref="OrchestrationException">The server refuses, or cannot answer for two minutes.</exception>
    public async Task<JsonElement?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        FlowServices services = _context.Services;
        if (await services.FindApiAsync().ConfigureAwait(false) is not { } api)
            return null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        return (await services.AskAsync(token => api.FindVariableAsync(name, token), either.Token).ConfigureAwait(false))?.Value;
    }

    /// <summary>Reads a variable that is one value: a text, a number, a boolean, a date, a Guid, whatever parses itself.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">What is answered where there is no such variable, or it is null.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="FormatException">Its value is none of that type.</exception>
    /// <exception cref="OrchestrationException">The server refuses, or cannot answer for two minutes.</exception>
    public async Task<T> GetAsync<T>(string name, T otherwise, CancellationToken cancellationToken = default)
        where T : IParsable<T>
    {
        if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { ValueKind: not JsonValueKind.Null } value)
            return otherwise;
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return T.TryParse(text, CultureInfo.InvariantCulture, out T? parsed)
            ? parsed
            : throw new FormatException($"The variable '{name}' is {value.GetRawText()}, which is no {typeof(T).Name}: set it to one, or read it as it is.");
    }

    /// <summary>Reads a variable of any shape.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="type">How JSON becomes a value, from a source-generated context.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its value; the type's default where there is no such variable.</returns>
    /// <exception cref="JsonException">Its value is none of that type.</exception>
    /// <exception cref="OrchestrationException">The server refuses, or cannot answer for two minutes.</exception>
    public async Task<T?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { } value)
            return default;
        // Prefect 2 keeps texts only: there, other values are the text of their JSON.
        try
        {
            return value.Deserialize(type);
        }
        catch (JsonException) when (value.ValueKind == JsonValueKind.String)
        {
            return JsonSerializer.Deserialize(value.GetString()!, type);
        }
    }

    /// <summary>Sets a variable to a text, creating it when missing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The text, at most 5,000 characters as JSON.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="OrchestrationException">The server refuses or cannot answer for two minutes, or a local run has none.</exception>
    public Task SetAsync(string name, string value, CancellationToken cancellationToken = default) =>
        SetAsync(name, Parse($"\"{JsonEncodedText.Encode(value)}\""), cancellationToken);

    /// <summary>Sets a variable to a value of any shape, creating it when missing.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value, at most 5,000 characters as JSON. A Prefect 2 server keeps the text of its JSON.</param>
    /// <param name="type">How it becomes JSON, from a source-generated context.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="OrchestrationException">The server refuses or cannot answer for two minutes, or a local run has none.</exception>
    public Task SetAsync<T>(string name, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default) =>
        SetAsync(name, JsonSerializer.SerializeToElement(value, type), cancellationToken);

    /// <summary>Sets a variable to JSON, creating it when missing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value, at most 5,000 characters. A Prefect 2 server keeps the text of its JSON.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="OrchestrationException">The server refuses or cannot answer for two minutes, or a local run has none.</exception>
    public async Task SetAsync(string name, JsonElement value, CancellationToken cancellationToken = default)
    {
        FlowServices services = _context.Services;
        IOrchestrationApi api = await services.ApiAsync("Setting a variable").ConfigureAwait(false);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        await services.AskAsync(SetOnceAsync, either.Token).ConfigureAwait(false);

        async Task SetOnceAsync(CancellationToken token)
        {
            Variable? known = await api.FindVariableAsync(name, token).ConfigureAwait(false);
            if (known is null)
            {
                try
                {
                    await api.CreateVariableAsync(new() { Name = name, Value = value }, token).ConfigureAwait(false);
                    return;
                }
                catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Conflict)
                {
                    // Another run was faster: the last one wins.
                    known = await api.FindVariableAsync(name, token).ConfigureAwait(false);
                    if (known is null)
                        throw;
                }
            }
            await api.UpdateVariableAsync(known.Id, new() { Value = value }, token).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes a variable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>False where there was none.</returns>
    /// <exception cref="OrchestrationException">The server refuses or cannot answer for two minutes, or a local run has none.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        FlowServices services = _context.Services;
        IOrchestrationApi api = await services.ApiAsync("Deleting a variable").ConfigureAwait(false);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        Variable? known = await services.AskAsync(token => api.FindVariableAsync(name, token), either.Token).ConfigureAwait(false);
        return known is not null && await services.AskAsync(token => api.DeleteVariableAsync(known.Id, token), either.Token).ConfigureAwait(false);
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
