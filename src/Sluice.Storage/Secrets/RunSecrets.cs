using Sluice.Storage.Blocks;

namespace Sluice.Storage.Secrets;

/// <summary>
/// The secrets that runs of a deployment need, as <c>[Deployment(Secrets = …)]</c> says. Their names alone are stored with the deployment; whoever starts a run finds
/// the values and hands them to the run's process as environment variables of these names.
/// </summary>
public static class RunSecrets
{
    /// <summary>The variable of a deployment's <c>env</c> that carries the names, with commas between them.</summary>
    public const string Variable = "SLUICE_SECRETS";

    /// <summary>Whether a name can be a secret's and an environment variable's: letters, digits and underscores, no digit first.</summary>
    public static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The text of the variable.</summary>
    public static string Text(IEnumerable<string> names) => string.Join(',', names.Distinct(StringComparer.Ordinal));

    /// <summary>Adds the values to a run's environment. A variable that the deployment itself sets stays.</summary>
    /// <param name="environment">The variables that the run gets; changed.</param>
    /// <param name="names">What <see cref="Variable"/> says; null or empty for none.</param>
    /// <param name="secrets">Gives the values.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="StorageException">Of kind Invalid: a secret that nobody knows. The environment is then as it was.</exception>
    public static async Task AddToAsync(IDictionary<string, string?> environment, string? names, ISecretSource secrets, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (string name in (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (environment.TryGetValue(name, out string? given) && given is not null)
                continue;
            if (await secrets.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } value)
                found[name] = value;
            else
                missing.Add(name);
        }
        if (missing.Count > 0)
        {
            throw new StorageException(StorageErrorKind.Invalid,
                $"its deployment needs {(missing.Count == 1 ? "the secret" : "the secrets")} {string.Join(", ", missing)}, which {(missing.Count == 1 ? "is neither a variable" : "are neither variables")} of the worker's environment "
                + $"nor with the server: {string.Join(", ", missing.Select(name => $"'sluice block create secret/{SecretBlocks.NameOf(name) ?? name}'"))}");
        }
        foreach ((string name, string value) in found)
            environment[name] = value;
    }
}
