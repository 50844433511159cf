using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>
/// Changes values of a text where they stand. Every character that belongs to no changed value stays: comments, blank lines, order, quotes, line ends.
/// </summary>
internal sealed class YamlEdits
{
    private readonly string _text;
    private readonly YamlMapping _root;
    private readonly string _newLine;
    private readonly List<(int Start, int End, string Text)> _edits = [];

    /// <param name="text">The text.</param>
    /// <param name="root">What was read from it: a mapping in lines, not in brackets.</param>
    public YamlEdits(string text, YamlMapping root)
    {
        (_text, _root) = (text, root);
        int at = text.IndexOf('\n', StringComparison.Ordinal);
        _newLine = at > 0 && text[at - 1] == '\r' ? "\r\n" : "\n";
    }

    /// <summary>Gives a key a value; one that has it stays as it is written.</summary>
    /// <param name="key">A key of the root.</param>
    /// <param name="value">The value.</param>
    /// <param name="after">Behind which keys it comes where it is new: the last of them that is there.</param>
    public void Set(string key, JsonNode? value, IReadOnlyList<string> after)
    {
        if (_root[key] is { } old)
        {
            Replace(KeyOf(_root, key), old, value, 0);
            return;
        }
        YamlNode? before = _root.Entries.LastOrDefault(entry => after.Contains(entry.Key.Text)).Value;
        if (before is not null)
            Append(before, YamlWriter.Entry(key, value));
        else
            Add(_root.Start, _root.Start, Lines(YamlWriter.Entry(key, value)));
    }

    /// <summary>Takes a key of the root out, with its lines.</summary>
    public void Remove(string key)
    {
        if (_root[key] is { } value)
            RemoveLines(KeyOf(_root, key).Start, value.End);
    }

    /// <summary>The changed text.</summary>
    public string Apply()
    {
        string text = _text;
        // Of insertions at one place the first one added comes first.
        foreach ((int start, int end, string replacement) in _edits.Select((edit, i) => (edit, i)).OrderByDescending(pair => pair.edit.Start).ThenByDescending(pair => pair.i).Select(pair => pair.edit))
            text = string.Concat(text.AsSpan(0, start), replacement, text.AsSpan(end));
        return text;
    }

    private static YamlScalar KeyOf(YamlMapping map, string key) => map.Entries.First(entry => entry.Key.Text == key).Key;

    private void Replace(YamlScalar key, YamlNode old, JsonNode? value, int indent)
    {
        if (Same(old, value))
            return;
        switch (old, value)
        {
            case (YamlMapping { IsFlow: false } map, JsonObject { Count: > 0 } members):
                Merge(map, members);
                break;
            case (YamlSequence { IsFlow: false } list, JsonArray { Count: > 0 } items) when Kept(list, items) is { } kept:
                Merge(list, items, kept);
                break;
            case (YamlScalar one, _) when YamlWriter.IsInline(value) && one.End > one.Start && _text[one.Start] is not ('|' or '>'):
                Add(one.Start, one.End, YamlWriter.Inline(value));
                break;
            default:
                int colon = _text.IndexOf(':', key.End);
                string entry = YamlWriter.Entry("k", value, indent);
                Add(colon + 1, Math.Max(old.End, colon + 1), Lines(entry[(entry.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('\n')));
                break;
        }
    }

    private void Merge(YamlMapping map, JsonObject members)
    {
        int indent = map.Entries[0].Key.Column - 1;
        foreach ((YamlScalar key, YamlNode old) in map.Entries)
        {
            if (members.TryGetPropertyValue(key.Text, out JsonNode? value))
                Replace(key, old, value, indent);
            else
                RemoveLines(key.Start, old.End);
        }
        foreach ((string key, JsonNode? value) in members.Where(pair => map[pair.Key] is null))
            Append(map, YamlWriter.Entry(key, value, indent));
    }

    /// <summary>Which items stay, where the new list is the old one without some and with others at its end.</summary>
    private static List<YamlNode>? Kept(YamlSequence list, JsonArray items)
    {
        var kept = new List<YamlNode>();
        foreach (YamlNode item in list.Items)
        {
            if (kept.Count < items.Count && Same(item, items[kept.Count]))
                kept.Add(item);
        }
        return kept.Count == 0 ? null : kept;
    }

    private void Merge(YamlSequence list, JsonArray items, List<YamlNode> kept)
    {
        foreach (YamlNode item in list.Items.Except(kept))
            RemoveLines(item.Start, item.End);
        foreach (JsonNode? item in items.Skip(kept.Count))
            Append(list, YamlWriter.Item(item, list.Column - 1));
    }

    private static bool Same(YamlNode old, JsonNode? value) => JsonNode.DeepEquals(old.ToJson(), value);

    /// <summary>Adds lines below the last line of a node.</summary>
    private void Append(YamlNode node, string lines)
    {
        int at = LineEnd(node.End);
        Add(at, at, _newLine + Lines(lines.TrimEnd('\n')));
    }

    private void RemoveLines(int start, int end)
    {
        int from = start == 0 ? 0 : _text.LastIndexOf('\n', start - 1) + 1;
        int to = LineEnd(end);
        if (to < _text.Length)
            to = _text.IndexOf('\n', to) + 1;
        Add(from, to, "");
    }

    private int LineEnd(int at)
    {
        int end = _text.IndexOf('\n', at);
        return end < 0 ? _text.Length : end > at && _text[end - 1] == '\r' ? end - 1 : end;
    }

    private string Lines(string text) => _newLine == "\n" ? text : text.Replace("\n", _newLine, StringComparison.Ordinal);

    private void Add(int start, int end, string text) => _edits.Add((start, end, text));
}
