using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>
/// Reads one document of plain YAML. Anchors, aliases, tags and several documents are refused: no deployment needs them, and a file of a few lines could
/// mean gigabytes by them.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Longer files are refused, in characters: schemas are the longest part of a deployment, of some kilobytes.</summary>
    public const int MaxLength = 4_000_000;

    // With the parts of a dotted name and what a request wraps around it, less than the 64 to which JSON is read.
    private const int MaxDepth = 40;

    private readonly Parser _parser;
    private readonly string _text;

    private YamlReader(string text)
    {
        _text = text;
        _parser = new(new Scanner(new StringReader(text)));
    }

    /// <summary>Reads a text without byte order mark. Null where it holds nothing but comments.</summary>
    /// <exception cref="FileFaultException">It is not what this reads; the first fault.</exception>
    public static YamlNode? Read(string text)
    {
        if (text.Length > MaxLength)
            throw Fault(1, 1, string.Create(CultureInfo.InvariantCulture, $"The file has {text.Length:N0} characters; a deployment has at most {MaxLength:N0}."));
        var reader = new YamlReader(text);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            // A tab is the most frequent cause, and the parser names the place of what it stands in.
            throw TabFault(text, (int)e.Start.Line) ?? Fault((int)e.Start.Line, (int)e.Start.Column, $"This is not YAML: {Words(e)}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // The parser has states that its own checks do not know: what it read last is near.
            throw Fault((int)(reader._parser.Current?.End.Line ?? 1), (int)(reader._parser.Current?.End.Column ?? 1), "This is not YAML: something is missing here, or there is too much of it.");
        }
    }

    private static FileFaultException Fault(int line, int column, string message) => new(new(Math.Max(line, 1), Math.Max(column, 1), DeployCodes.FileUnreadable, message));

    private static FileFaultException Fault(in Mark mark, string message) => Fault((int)mark.Line, (int)mark.Column, message);

    private static FileFaultException? TabFault(string text, int from)
    {
        string[] lines = text.Split('\n');
        for (int i = Math.Max(from - 1, 0); i < lines.Length; i++)
        {
            int tab = lines[i].IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && string.IsNullOrWhiteSpace(lines[i][..tab]) && !string.IsNullOrWhiteSpace(lines[i]))
                return Fault(i + 1, tab + 1, "YAML is indented by spaces, and here is a tab: write spaces.");
        }
        return null;
    }

    private static string Words(YamlException e)
    {
        string message = e.Message.ReplaceLineEndings(" ");
        int at = message.IndexOf("Line: ", StringComparison.Ordinal);
        return (at > 0 ? message[..at] : message).Trim();
    }

    private YamlNode? Document()
    {
        Next<StreamStart>();
        if (_parser.Current is StreamEnd)
            return null;
        Next<DocumentStart>();
        YamlNode node = Node(0);
        Next<DocumentEnd>();
        if (_parser.Current is DocumentStart second)
            throw Fault(second.Start, "A second document begins here: a file holds one deployment.");
        return node is YamlScalar { IsNull: true } ? null : node;
    }

    private void Next<TEvent>()
        where TEvent : ParsingEvent
    {
        if (_parser.Current is null)
            _parser.MoveNext();
        if (_parser.Current is not TEvent)
            throw Fault(_parser.Current?.Start ?? Mark.Empty, "This is not a document of YAML.");
        _parser.MoveNext();
    }

    private YamlNode Node(int depth)
    {
        ParsingEvent current = _parser.Current!;
        if (depth > MaxDepth)
            throw Fault(current.Start, string.Create(CultureInfo.InvariantCulture, $"This is nested more than {MaxDepth} deep."));
        if (current is AnchorAlias alias)
            throw Fault(alias.Start, $"*{alias.Value} repeats what stands elsewhere: write it out here.");
        if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
            throw Fault(anchored.Start, $"&{anchored.Anchor.Value} names this to repeat it elsewhere: leave the name out, and write it out where it is used.");
        if (current is NodeEvent { Tag.IsEmpty: false } tagged)
            throw Fault(tagged.Start, $"The tag {tagged.Tag.Value} is not read: leave it out.");
        return current switch
        {
            Scalar scalar => Read(scalar),
            SequenceStart start => Read(start, depth),
            MappingStart start => Read(start, depth),
            _ => throw Fault(current.Start, "This is not YAML."),
        };
    }

    private YamlScalar Read(Scalar scalar)
    {
        _parser.MoveNext();
        int start = (int)scalar.Start.Index, end = (int)scalar.End.Index;
        bool plain = scalar.Style == ScalarStyle.Plain, block = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded;
        if (block || plain)
            end = TrimEnd(start, end);
        int content = plain ? start : start + 1;
        return new()
        {
            Start = start,
            End = end,
            Line = (int)scalar.Start.Line,
            Column = (int)scalar.Start.Column,
            Text = scalar.Value,
            IsPlain = plain,
            IsVerbatim = !block && string.CompareOrdinal(_text, content, scalar.Value, 0, scalar.Value.Length) == 0,
        };
    }

    private int TrimEnd(int start, int end)
    {
        while (end > start && char.IsWhiteSpace(_text[end - 1]))
            end--;
        return end;
    }

    private YamlSequence Read(SequenceStart start, int depth)
    {
        _parser.MoveNext();
        var items = new List<YamlNode>();
        while (_parser.Current is not SequenceEnd)
            items.Add(Node(depth + 1));
        int end = Close((int)start.Start.Index, start.Style == SequenceStyle.Flow, items.Count > 0 ? items[^1] : null);
        return new() { Start = (int)start.Start.Index, End = end, Line = (int)start.Start.Line, Column = (int)start.Start.Column, Items = items, IsFlow = start.Style == SequenceStyle.Flow };
    }

    private YamlMapping Read(MappingStart start, int depth)
    {
        _parser.MoveNext();
        var entries = new List<(YamlScalar Key, YamlNode Value)>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (_parser.Current is not MappingEnd)
        {
            if (Node(depth + 1) is not YamlScalar key)
                throw Fault(_parser.Current!.Start, "A key is a text, and this is a list or a mapping.");
            if (!seen.TryAdd(key.Text, key.Line))
                throw new FileFaultException(new(key.Line, key.Column, DeployCodes.FileKey, string.Create(CultureInfo.InvariantCulture, $"'{key.Text}' stands here and in line {seen[key.Text]}: keep one.")));
            entries.Add((key, Node(depth + 1)));
        }
        int end = Close((int)start.Start.Index, start.Style == MappingStyle.Flow, entries.Count > 0 ? entries[^1].Value : null);
        return new() { Start = (int)start.Start.Index, End = end, Line = (int)start.Start.Line, Column = (int)start.Start.Column, Entries = entries, IsFlow = start.Style == MappingStyle.Flow };
    }

    /// <summary>Where a collection ends: behind its bracket, or with its last member, since the parser's mark is where the next thing begins.</summary>
    private int Close(int start, bool flow, YamlNode? last)
    {
        int mark = (int)_parser.Current!.End.Index;
        _parser.MoveNext();
        if (!flow)
            return last?.End ?? start;
        return mark < _text.Length && _text[mark] is ']' or '}' ? mark + 1 : mark;
    }
}
