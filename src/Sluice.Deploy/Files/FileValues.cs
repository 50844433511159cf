using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Runs;
using Sluice.Deploy.Files.Yaml;

namespace Sluice.Deploy.Files;

/// <summary>Takes typed values out of YAML and collects what is wrong with them.</summary>
internal sealed class FileValues
{
    private readonly List<FileFault> _faults = [];

    /// <summary>What was wrong, in the order it was found.</summary>
    public IReadOnlyList<FileFault> Faults => _faults;

    public static bool IsNull(YamlNode node) => node is YamlScalar { IsNull: true };

    /// <summary>A text of a file within a message: short, on one line.</summary>
    public static string Shown(string text) => (text.Length > 60 ? text[..60] + "…" : text).ReplaceLineEndings(" ");

    public void Add(YamlNode where, string code, string message) => _faults.Add(new(where.Line, where.Column, code, message));

    /// <summary>A fault within a text, at one of its characters.</summary>
    public void AddInside(YamlScalar where, int offset, string code, string message) =>
        _faults.Add(new(where.Line, where.Column + (where.IsVerbatim ? where.ContentStart - where.Start + offset : 0), code, message));

    public T? Wrong<T>(YamlNode where, string path, string expected)
    {
        string found = where switch
        {
            YamlMapping => "a mapping",
            YamlSequence => "a list",
            YamlScalar { IsNull: true } => "null",
            YamlScalar scalar => $"'{Shown(scalar.Text)}'",
            _ => "something else",
        };
        Add(where, DeployCodes.FileValue, $"{path} is {expected}, and this is {found}.");
        return default;
    }

    /// <summary>Refuses keys that are not known, and says which was probably meant.</summary>
    public void CheckKeys(YamlMapping map, string? path, IReadOnlyCollection<string> known)
    {
        foreach ((YamlScalar key, _) in map.Entries)
        {
            if (!known.Contains(key.Text))
                Add(key, DeployCodes.FileKey, $"{(path is null ? "A deployment" : path)} has no key '{Shown(key.Text)}'.{DidYouMean.Question(key.Text, known)}");
        }
    }

    /// <summary>A text; whatever is written there without quotes is one, but for null.</summary>
    public string? Text(YamlMapping map, string key, string? path = null) =>
        map[key] is not { } node || IsNull(node) ? null : node is YamlScalar scalar ? scalar.Text : Wrong<string>(node, Path(path, key), "a text");

    public bool? Flag(YamlMapping map, string key, string? path = null)
    {
        if (map[key] is not { } node || IsNull(node))
            return null;
        return node is YamlScalar && Json(node) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean()
            : node is YamlScalar scalar && PlainScalar.TryRead(scalar.Text, out _) is not null && scalar.IsPlain ? null
            : Wrong<bool?>(node, Path(path, key), "true, false or null");
    }

    public int? Whole(YamlMapping map, string key, string? path = null)
    {
        if (map[key] is not { } node || IsNull(node))
            return null;
        return node is YamlScalar { IsPlain: true } scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : Wrong<int?>(node, Path(path, key), "a whole number");
    }

    public IReadOnlyList<string>? Texts(YamlMapping map, string key)
    {
        if (map[key] is not { } node || IsNull(node))
            return null;
        if (node is not YamlSequence list)
            return Wrong<IReadOnlyList<string>>(node, key, "a list of texts");
        return [.. list.Items.Select((item, i) => item is YamlScalar { IsNull: false } scalar ? scalar.Text : Wrong<string>(item, string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"), "a text")).OfType<string>()];
    }

    /// <param name="map">Where it stands.</param>
    /// <param name="key">Its key.</param>
    /// <param name="path">The map's own path; null for the file.</param>
    /// <param name="isText">Says of a value, by its name or dotted names, whether it can only be a text.</param>
    public IReadOnlyDictionary<string, JsonElement>? Map(YamlMapping map, string key, string? path = null, Predicate<string>? isText = null)
    {
        if (map[key] is not { } node || IsNull(node))
            return null;
        return node is not YamlMapping members ? Wrong<IReadOnlyDictionary<string, JsonElement>>(node, Path(path, key), "a mapping of names and values")
            : members.Entries.Select(entry => (entry.Key.Text, Value: Json(entry.Value, entry.Key.Text, isText))).Where(entry => entry.Value is not null).ToDictionary(entry => entry.Text, entry => entry.Value!.Value, StringComparer.Ordinal);
    }

    public T? Choice<T>(YamlMapping map, string key, string path, params (string Text, T Value)[] choices)
        where T : struct, Enum
    {
        if (Text(map, key, path) is not { } text)
            return null;
        foreach ((string name, T value) in choices)
        {
            if (name == text)
                return value;
        }
        Add(map[key]!, DeployCodes.FileValue, $"{path}.{key} is one of {string.Join(", ", choices.Select(choice => choice.Text))}, and this is '{Shown(text)}'.{DidYouMean.Question(text, choices.Select(choice => choice.Text))}");
        return null;
    }

    /// <summary>The value as JSON; null, with its fault, where a part of it cannot be read.</summary>
    public JsonElement? Json(YamlNode node)
    {
        try
        {
            return node.ToElement();
        }
        catch (FileFaultException e)
        {
            _faults.Add(e.Fault);
            return null;
        }
    }

    private JsonElement? Json(YamlNode node, string name, Predicate<string>? isText)
    {
        if (node is YamlScalar { IsPlain: true } scalar && isText?.Invoke(name) == true && PlainScalar.IsTextToPrefect(scalar.Text))
            return JsonSerializer.SerializeToElement(scalar.Text, DeployJson.Default.String);
        if (node is not YamlMapping map || isText is null)
            return Json(node);
        var members = map.Entries.Select(entry => (entry.Key.Text, Value: Json(entry.Value, $"{name}.{entry.Key.Text}", isText))).ToList();
        return members.Any(member => member.Value is null) ? null
            : JsonSerializer.SerializeToElement(members.ToDictionary(member => member.Text, member => member.Value!.Value, StringComparer.Ordinal), DeployJson.Default.DictionaryStringJsonElement);
    }

    private static string Path(string? path, string key) => path is null ? key : $"{path}.{key}";
}
