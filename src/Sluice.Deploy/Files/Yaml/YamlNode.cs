using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>A piece of YAML and where it stands: offsets into the text, and line and column from 1.</summary>
internal abstract class YamlNode
{
    public required int Start { get; init; }

    /// <summary>Behind its last character: no blank lines, and no comments behind it.</summary>
    public required int End { get; init; }

    public required int Line { get; init; }

    public required int Column { get; init; }

    /// <summary>The value as JSON: scalars as <see cref="PlainScalar"/> reads them.</summary>
    /// <exception cref="FileFaultException">A plain scalar that YAML's versions read differently.</exception>
    public abstract JsonNode? ToJson();

    /// <summary>The value as an element.</summary>
    public JsonElement ToElement() => ToJson() is { } node ? JsonElement.Parse(node.ToJsonString()) : JsonElement.Parse("null");
}

/// <summary>A text, number, truth value or null.</summary>
internal sealed class YamlScalar : YamlNode
{
    /// <summary>The text, without quotes and escapes.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it has no quotes, so that it may be other than text.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>Whether its characters stand one by one in the text from <see cref="ContentStart"/>.</summary>
    public required bool IsVerbatim { get; init; }

    /// <summary>Where its first character stands.</summary>
    public int ContentStart => IsPlain ? Start : Start + 1;

    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");

    public override JsonNode? ToJson()
    {
        if (!IsPlain)
            return JsonValue.Create(Text);
        if (PlainScalar.TryRead(Text, out JsonNode? value) is { } fault)
            throw new FileFaultException(new(Line, Column, DeployCodes.FileValue, fault));
        return value;
    }
}

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    public required IReadOnlyList<YamlNode> Items { get; init; }

    public required bool IsFlow { get; init; }

    public override JsonNode ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

/// <summary>A mapping, whose keys are texts, each once.</summary>
internal sealed class YamlMapping : YamlNode
{
    public required IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries { get; init; }

    public required bool IsFlow { get; init; }

    public YamlNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;

    public override JsonNode ToJson() => new JsonObject(Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, entry.Value.ToJson())));
}
