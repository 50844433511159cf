using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// Secrets by name: the environment variable of that name, else the server's secret block (<c>sluice block create secret/my-token</c> holds <c>MY_TOKEN</c>), in the order
/// of <c>${NAME}</c> everywhere else. Where the names are known beforehand, <c>[Deployment(Secrets = …)]</c> has the worker find them, and a run without them does not
/// start. A local run asks the server that <c>PREFECT_API_URL</c> or a running server of the home names, if there is one.
/// </summary>
public sealed class FlowSecrets
{
    private const string Type = "secret";
    private readonly FlowContext _context;

    internal FlowSecrets(FlowContext context) => _context = context;

    /// <summary>A secret's value.</summary>
    /// <param name="name">Its name, as <c>MY_TOKEN</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="InvalidOperationException">Nobody knows it; the message says where it can be put.</exception>
    /// <exception cref="OrchestrationException">The server refuses, or cannot answer for two minutes.</exception>
    public async Task<string> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"The secret {name} is neither an environment variable nor with the server: set it where the flow runs, or store it with 'sluice block create secret/{BlockOf(name) ?? name}'.");

    /// <summary>A secret's value; null where nobody knows it.</summary>
    /// <param name="name">Its name, as <c>MY_TOKEN</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="OrchestrationException">The server refuses, or cannot answer for two minutes.</exception>
    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            return value;
        FlowServices services = _context.Services;
        if (BlockOf(name) is not { } block || await services.FindApiAsync().ConfigureAwait(false) is not { } api)
            return null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        BlockDocument? document = await services.AskAsync(token => api.FindBlockDocumentAsync(Type, block, includeSecrets: true, token), either.Token).ConfigureAwait(false);
        return document is null || !document.Data.TryGetValue("value", out JsonElement secret) || secret.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null
            : secret.ValueKind == JsonValueKind.String ? secret.GetString()
            : secret.GetRawText();
    }

    // Prefect's names of blocks have lower-case letters, digits and dashes only.
    private static string? BlockOf(string secret)
    {
        string name = secret.ToLowerInvariant().Replace('_', '-');
        return name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? name : null;
    }
}
