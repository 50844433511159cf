using System.Globalization;
using System.Text;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Clients;

/// <summary>Pieces of C# made without a compiler at hand: the command line writes clients, too.</summary>
internal static class ClientText
{
    private const int LongestDefault = 80;

    /// <summary>A string literal in ASCII.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                literal.Append('\\').Append(c);
            else if (c is >= ' ' and < '\x7f')
                literal.Append(c);
            else
                literal.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }
        return literal.Append('"').ToString();
    }

    /// <summary>Text inside XML docs, on one line.</summary>
    public static string Xml(string text)
    {
        var xml = new StringBuilder();
        bool spaced = true;
        foreach (char c in text)
        {
            // U+0085, U+2028 and U+2029 end a line of C#, too; what XML does not allow is left out.
            bool space = char.IsWhiteSpace(c);
            if (space ? spaced : char.IsControl(c) || c is '\ufffe' or '\uffff' || char.IsSurrogate(c))
                continue;
            spaced = space;
            xml.Append(space ? " " : c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", _ => c.ToString() });
        }
        return xml.ToString().Trim();
    }

    /// <summary>A value for docs.</summary>
    public static string Value(JsonNode json)
    {
        string text = new JsonBuilder().Value(json).ToString();
        return text.Length <= LongestDefault ? text : text.Substring(0, LongestDefault) + "…";
    }

    /// <summary>The same; null for what may hold a secret somewhere inside.</summary>
    public static string? Shown(JsonNode json) => json.Kind == JsonKind.Object || json.Items.Any(item => item.Kind is JsonKind.Object or JsonKind.Array) ? null : Value(json);

    /// <summary>A parameter's name: <c>my_long_name</c> is <c>myLongName</c>.</summary>
    public static string Parameter(string name) => Names.Camel(Names.Identifier(name));

    /// <summary>The name, or where it is taken, the name with the first free number from 2.</summary>
    public static string Unique(string name, ISet<string> taken)
    {
        string unique = name;
        for (int n = 2; !taken.Add(unique); n++)
            unique = name + n.ToString(CultureInfo.InvariantCulture);
        return unique;
    }

    public static JsonNode? Member(this JsonNode? json, string name)
    {
        if (json is not null)
            foreach (JsonMember member in json.Members)
                if (member.Name == name)
                    return member.Value;
        return null;
    }

    public static string? Text(this JsonNode? json, string name) => json.Member(name) is { Kind: JsonKind.String } text ? text.Text : null;
}
