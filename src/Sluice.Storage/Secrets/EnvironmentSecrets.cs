namespace Sluice.Storage.Secrets;

/// <summary>Secrets from the environment, and what it does not have from another source: the order that Prefect asks in.</summary>
/// <param name="then">Asked for what the environment lacks; null where there is no other source.</param>
public sealed class EnvironmentSecrets(ISecretSource? then = null) : ISecretSource
{
    /// <summary>The environment alone.</summary>
    public static EnvironmentSecrets Only { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            return value;
        return then is null ? null : await then.FindAsync(name, cancellationToken).ConfigureAwait(false);
    }
}
