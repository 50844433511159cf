using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Sluice.Generators.Emitting;

/// <summary>Reads raw XML docs as plain text, in which <c>code</c> keeps its backticks.</summary>
internal sealed class XmlDocs
{
    private readonly XElement? _root;

    public XmlDocs(string? raw)
    {
        if (raw is null)
            return;
        var xml = new StringBuilder("<docs>");
        foreach (string line in raw.Split('\n'))
        {
            string text = line.Trim();
            if (text.StartsWith("///", StringComparison.Ordinal))
                text = text.Substring(3);
            else if (text.StartsWith("/**", StringComparison.Ordinal))
                text = text.Substring(3);
            else if (text.StartsWith("*", StringComparison.Ordinal) && text != "*/")
                text = text.Substring(1);
            if (text.EndsWith("*/", StringComparison.Ordinal))
                text = text.Substring(0, text.Length - 2);
            xml.Append(text).Append('\n');
        }
        try
        {
            _root = XElement.Parse(xml.Append("</docs>").ToString());
        }
        catch (XmlException)
        {
            // Malformed docs say nothing; the compiler warns of them where docs are on.
        }
    }

    public string? Summary => Text(_root?.Element("summary"));

    public string? Parameter(string name) =>
        Text(_root?.Elements("param").FirstOrDefault(param => string.Equals((string?)param.Attribute("name"), name, StringComparison.OrdinalIgnoreCase)));

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = new StringBuilder();
        Append(text, element);
        // Lines are joined, paragraphs stay apart.
        string joined = Regex.Replace(text.ToString().Trim(), @"[ \t\r\n]*\f[ \t\r\n\f]*", "\f");
        joined = Regex.Replace(joined, @"[ \t\r\n]+", " ").Trim('\f', ' ').Replace("\f", "\n\n");
        return joined.Length == 0 ? null : joined;
    }

    /// <summary>The name alone: <c>Map&lt;String, Int32&gt;</c> of <c>T:N.Map{System.String, System.Int32}</c>, <c>Run</c> of <c>M:N.T.Run(System.Int32)</c>.</summary>
    private static string Short(string reference)
    {
        int end = reference.IndexOfAny(['{', '(']);
        string name = end < 0 ? reference : reference.Substring(0, end);
        name = name.Substring(name.LastIndexOfAny(['.', ':']) + 1);
        int close = reference.LastIndexOf('}');
        return end >= 0 && reference[end] == '{' && close > end
            ? $"{name}<{string.Join(", ", reference.Substring(end + 1, close - end - 1).Split(',').Select(argument => Short(argument.Trim())))}>"
            : name;
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (XNode node in element.Nodes())
        {
            if (node is XText words)
            {
                text.Append(words.Value);
            }
            else if (node is XElement child)
            {
                string? reference = (string?)child.Attribute("cref") ?? (string?)child.Attribute("langword") ?? (string?)child.Attribute("name");
                bool isCode = child.Name.LocalName is "c" or "code";
                bool isBlock = child.Name.LocalName is "para" or "br" or "list" or "item";
                text.Append(isBlock ? "\f" : isCode ? "`" : "");
                if (child.IsEmpty && reference is not null)
                    text.Append(Short(reference));
                else
                    Append(text, child);
                text.Append(isBlock ? "\f" : isCode ? "`" : "");
            }
        }
    }
}
