using System.Globalization;
using System.Text;
using Sluice.Generators.Json;

namespace Sluice.CodeFixes;

/// <summary>Changes JSON text, and leaves its layout as it is.</summary>
internal static class JsonEdit
{
    /// <summary>A text as a JSON string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c < ' ')
                quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    public static string Replace(string json, int offset, int length, string text) => json.Remove(offset, length).Insert(offset, text);

    /// <summary>Adds members after the others, spaced as those are.</summary>
    public static string Add(string json, JsonNode target, IEnumerable<(string Name, string Value)> members)
    {
        var added = new StringBuilder();
        int count = target.Members.Count;
        int at = count == 0 ? target.Offset + 1 : End(target.Members[count - 1].Value);
        string gap = count > 1 ? Gap(json, End(target.Members[count - 2].Value), target.Members[count - 1].Offset)
            : count == 1 && Gap(json, target.Offset, target.Members[0].Offset) is { Length: > 1 } own ? own
            : " ";
        string colon = count == 0 ? ": " : json.Substring(target.Members[0].Offset + target.Members[0].Length, target.Members[0].Value.Offset - target.Members[0].Offset - target.Members[0].Length);
        foreach ((string name, string value) in members)
        {
            if (count + added.Length > 0)
                added.Append(',').Append(gap);
            added.Append(Quote(name)).Append(colon).Append(value);
        }
        // Between empty braces nothing but the members is left.
        return count == 0 ? Replace(json, at, target.Length - 2, added.ToString()) : json.Insert(at, added.ToString());
    }

    /// <summary>Removes a member with its comma.</summary>
    public static string Remove(string json, JsonNode target, JsonMember member)
    {
        int at = target.Members.Select((other, index) => (other, index)).First(pair => ReferenceEquals(pair.other, member)).index;
        return target.Members.Count == 1 ? Replace(json, target.Offset + 1, target.Length - 2, "")
            : at == 0 ? json.Remove(member.Offset, target.Members[1].Offset - member.Offset)
            : json.Remove(End(target.Members[at - 1].Value), End(member.Value) - End(target.Members[at - 1].Value));
    }

    /// <summary>Removes an item of an array with its comma.</summary>
    public static string Remove(string json, JsonNode array, int at) =>
        array.Items.Count == 1 ? Replace(json, array.Offset + 1, array.Length - 2, "")
            : at == 0 ? json.Remove(array.Items[0].Offset, array.Items[1].Offset - array.Items[0].Offset)
            : json.Remove(End(array.Items[at - 1]), End(array.Items[at]) - End(array.Items[at - 1]));

    /// <summary>The array that has an item at a place, with the item's index; null when there is none.</summary>
    public static (JsonNode Array, int Index)? ItemAt(JsonNode root, int offset, int length)
    {
        for (int i = 0; i < root.Items.Count; i++)
            if (root.Items[i].Offset == offset && root.Items[i].Length == length)
                return (root, i);
        foreach (JsonNode child in root.Items.Concat(root.Members.Select(member => member.Value)))
            if (ItemAt(child, offset, length) is { } found)
                return found;
        return null;
    }

    /// <summary>The object that has a member at a place, or begins there; null when there is none.</summary>
    public static JsonNode? ObjectAt(JsonNode root, int offset) =>
        root.Kind == JsonKind.Object && (root.Offset == offset || root.Members.Any(member => member.Offset == offset || member.Value.Offset == offset && member.Value.Kind != JsonKind.Object))
            ? root
            : root.Items.Concat(root.Members.Select(member => member.Value)).Select(child => ObjectAt(child, offset)).FirstOrDefault(found => found is not null);

    /// <summary>The value at a place; the outermost one.</summary>
    public static JsonNode? ValueAt(JsonNode root, int offset, int length) =>
        root.Offset == offset && root.Length == length
            ? root
            : root.Items.Concat(root.Members.Select(member => member.Value)).Select(child => ValueAt(child, offset, length)).FirstOrDefault(found => found is not null);

    private static int End(JsonNode node) => node.Offset + node.Length;

    /// <summary>The blanks between a comma or brace and the member after it.</summary>
    private static string Gap(string json, int from, int to)
    {
        int start = to;
        while (start > from && char.IsWhiteSpace(json[start - 1]))
            start--;
        return json.Substring(start, to - start);
    }
}
