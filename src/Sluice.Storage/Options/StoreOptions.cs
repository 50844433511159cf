using Sluice.Storage.Secrets;

namespace Sluice.Storage.Options;

/// <summary>The options that a storage URI's query gives. Unknown ones, wrong values and secrets in plain text are refused when the URI is read.</summary>
internal sealed class StoreOptions
{
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly string _shown;
    private readonly ISecretSource _secrets;

    private StoreOptions(Uri location, ISecretSource secrets)
    {
        _shown = Shown(location);
        _secrets = secrets;
    }

    /// <summary>Reads the query of a URI.</summary>
    /// <exception cref="StorageException">Of kind Invalid.</exception>
    public static StoreOptions Read(Uri location, IReadOnlyList<StoreOption> known, ISecretSource secrets)
    {
        var options = new StoreOptions(location, secrets);
        foreach (string pair in location.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            string value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            StoreOption option = known.FirstOrDefault(o => o.Covers(name))
                ?? throw Invalid($"The storage {options._shown} has the option '{name}', which {location.Scheme} does not know. It knows {string.Join(", ", known.Select(o => o.Name))}.");
            if (value.Length == 0)
                throw Invalid($"The option {name} of the storage {options._shown} has no value.");
            bool refers = SecretTemplate.NamesIn(value).Count > 0;
            if (option.IsSecret && !refers)
                throw Invalid($"The option {name} of the storage {options._shown} is a secret, and a URI is no place for one: write {name}=${{NAME}} and set NAME where it runs.");
            if (option.Values is { } values && !refers && !values.Contains(value, StringComparer.Ordinal))
                throw Invalid($"The option {name} of the storage {options._shown} is '{value}', and it can be {string.Join(", ", values)}.");
            if (!options._given.TryAdd(name, value))
                throw Invalid($"The storage {options._shown} has the option {name} twice.");
        }
        return options;
    }

    /// <summary>A URI as messages show it: without its query and its user, who may come with a password, and with the braces of templates.</summary>
    public static string Shown(Uri location)
    {
        // As ada:password@host, which is a URI of the scheme 'ada'.
        if (location.Host.Length == 0 && !location.IsFile)
            return StorageLocation.Shown(location.OriginalString);
        string text = location.GetLeftPart(UriPartial.Path);
        if (location.UserInfo.Length > 0)
        {
            int user = text.IndexOf("://", StringComparison.Ordinal) + 3, path = text.IndexOf('/', user);
            text = text.Remove(user, text.LastIndexOf('@', (path < 0 ? text.Length : path) - 1) + 1 - user);
        }
        return text.Replace("%7B", "{", StringComparison.OrdinalIgnoreCase).Replace("%7D", "}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The names of the options that the URI gives, in ordinal order.</summary>
    public IEnumerable<string> Names => _given.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether the URI gives the option.</summary>
    public bool Has(string name) => _given.ContainsKey(name);

    /// <summary>The option's text as the URI gives it, without looking up secrets; null where it does not.</summary>
    public string? Text(string name) => _given.GetValueOrDefault(name);

    /// <summary>The option's value with its secrets in place; null where the URI does not give it.</summary>
    public async ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken) => _given.TryGetValue(name, out string? text)
        ? await SecretTemplate.ResolveAsync(text, $"the option {name} of the storage {_shown}", _secrets, cancellationToken).ConfigureAwait(false)
        : null;

    private static StorageException Invalid(string message) => new(StorageErrorKind.Invalid, message);
}
