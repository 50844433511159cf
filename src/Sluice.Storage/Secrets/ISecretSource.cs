namespace Sluice.Storage.Secrets;

/// <summary>Gives the values of secrets by name, when a store or source needs them. Values never reach URIs, arguments, logs or deployments.</summary>
public interface ISecretSource
{
    /// <summary>The secret's value; null where it is unknown.</summary>
    /// <param name="name">A name, as <c>AZURE_STORAGE_CONNECTION_STRING</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken);
}
