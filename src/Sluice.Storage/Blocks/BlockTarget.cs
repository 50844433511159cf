using System.Text.Json;
using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Blocks;

/// <summary>
/// The URI that a block stands for, while it is put together. Values of secrets do not go into the URI but stay aside, under names that only this target's
/// own secret source knows.
/// </summary>
internal sealed class BlockTarget(StorageBlock block)
{
    private const string Own = "SLUICE_BLOCK_FIELD_";

    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly List<string> _query = [];
    private string _place = "";

    /// <summary>The block's name for messages.</summary>
    public string Shown => block.ToString();

    /// <summary>The URI, and sources that know the block's secrets besides the others.</summary>
    public (Uri Location, StorageSources Sources) Build(StorageSources sources) =>
        (new Uri(_place + (_query.Count == 0 ? "" : "?" + string.Join('&', _query))), sources with { Secrets = new FieldSecrets(_secrets, sources.Secrets) });

    /// <summary>Sets what comes before the options.</summary>
    public void Place(string scheme, string authorityAndPath, string? subPath)
    {
        string path = authorityAndPath.Trim('/') + (subPath is { Length: > 0 } ? "/" + string.Join('/', subPath.Split('/').Select(Uri.EscapeDataString)) : "");
        _place = $"{scheme}://{path}";
        if (!Uri.TryCreate(_place, UriKind.Absolute, out _))
            throw Wrong($"is no address: {_place}");
    }

    /// <summary>A local folder.</summary>
    public void Place(Uri location) => _place = location.AbsoluteUri;

    /// <summary>A field as text; null where the block does not have it.</summary>
    public string? Text(string field) => block.Fields.TryGetValue(field, out JsonElement value) ? Text(value) : null;

    /// <summary>A member of a field that is an object; one within another has a dot before its name.</summary>
    public string? Text(string field, string member)
    {
        if (!block.Fields.TryGetValue(field, out JsonElement value))
            return null;
        foreach (string step in member.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
                return null;
        }
        return Text(value);
    }

    /// <summary>A field that there must be.</summary>
    public string Need(string field) => Text(field) ?? throw Wrong($"has no {field}: set it with 'sluice block update {Shown} {field}=…'");

    /// <summary>Adds every option that the block has a field for.</summary>
    public void Options(IReadOnlyList<StoreOption> known)
    {
        foreach (StoreOption option in known)
            Option(option, Text(option.Name));
    }

    /// <summary>Adds an option; null adds none.</summary>
    public void Option(StoreOption option, string? value)
    {
        if (value is null)
            return;
        string text;
        // In any other text a dollar sign is one, as in a password.
        if (SecretTemplate.IsReference(value))
        {
            text = value;
        }
        else if (option.IsSecret)
        {
            _secrets[Own + option.Name] = value;
            text = $"${{{Own}{option.Name}}}";
        }
        else if (option.Values is { } values && !values.Contains(value, StringComparer.Ordinal))
        {
            throw Wrong($"has {option.Name} '{value}', which can be {string.Join(", ", values)}");
        }
        else
        {
            text = value.Replace("$", "$$", StringComparison.Ordinal);
        }
        _query.RemoveAll(pair => pair.StartsWith(option.Name + "=", StringComparison.Ordinal));
        _query.Add($"{option.Name}={Uri.EscapeDataString(text)}");
    }

    /// <summary>The failure that says what is wrong with the block.</summary>
    public StorageException Wrong(string what) => new(StorageErrorKind.Invalid, $"The block {Shown} {what}.");

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        _ => value.GetRawText(),
    };

    private sealed class FieldSecrets(Dictionary<string, string> fields, ISecretSource others) : ISecretSource
    {
        public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) =>
            name.StartsWith(Own, StringComparison.Ordinal) ? new(fields.GetValueOrDefault(name)) : others.FindAsync(name, cancellationToken);
    }
}
