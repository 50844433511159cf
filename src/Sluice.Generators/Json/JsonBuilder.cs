using System.Globalization;
using System.Text;

namespace Sluice.Generators.Json;

/// <summary>Writes compact JSON.</summary>
/// <param name="capacity">Characters that are expected.</param>
/// <param name="literal">Gives a text as a literal of C#; then what is written is what stands between the quotes of one. Manifests are long and full of quotes, and most of what they say
/// need not be looked at twice.</param>
internal sealed class JsonBuilder(int capacity = 64, Func<string, string>? literal = null)
{
    private readonly StringBuilder _text = new(capacity);
    private readonly string _quote = literal is not null ? "\\\"" : "\"";
    private bool _needsComma;

    public JsonBuilder Open(char bracket)
    {
        Separate();
        _text.Append(bracket);
        _needsComma = false;
        return this;
    }

    public JsonBuilder Close(char bracket)
    {
        _text.Append(bracket);
        _needsComma = true;
        return this;
    }

    public JsonBuilder Name(string name)
    {
        Separate();
        Quote(name);
        _text.Append(':');
        _needsComma = false;
        return this;
    }

    /// <summary>Writes a string or null.</summary>
    public JsonBuilder Value(string? value)
    {
        if (value is null)
            return Raw("null");
        Separate();
        Quote(value);
        _needsComma = true;
        return this;
    }

    /// <summary>Writes JSON as it is.</summary>
    public JsonBuilder Raw(string json)
    {
        Separate();
        if (literal is not null && !IsPlain(json))
            Append(literal(json));
        else
            _text.Append(json);
        _needsComma = true;
        return this;
    }

    public JsonBuilder Value(bool? value) => Raw(value switch { null => "null", true => "true", false => "false" });

    public JsonBuilder Value(int? value) => Raw(value?.ToString(CultureInfo.InvariantCulture) ?? "null");

    public JsonBuilder Number(double value) => Raw(value.ToString("R", CultureInfo.InvariantCulture));

    public JsonBuilder Value(IEnumerable<string> values)
    {
        Open('[');
        foreach (string value in values)
            Value(value);
        return Close(']');
    }

    /// <summary>Writes a parsed value, compactly; numbers keep their text.</summary>
    public JsonBuilder Value(JsonNode node)
    {
        switch (node.Kind)
        {
            case JsonKind.String:
                return Value(node.Text);
            case JsonKind.Number:
                return Raw(node.Text);
            case JsonKind.Array:
                Open('[');
                foreach (JsonNode item in node.Items)
                    Value(item);
                return Close(']');
            case JsonKind.Object:
                Open('{');
                foreach (JsonMember member in node.Members)
                    Name(member.Name).Value(member.Value);
                return Close('}');
            case JsonKind.True or JsonKind.False:
                return Value(node.Kind == JsonKind.True);
            default:
                return Raw("null");
        }
    }

    public override string ToString() => _text.ToString();

    private void Separate()
    {
        if (_needsComma)
            _text.Append(',');
    }

    private void Quote(string value)
    {
        _text.Append(_quote);
        if (IsPlain(value))
            _text.Append(value);
        else if (literal is not null)
            Append(literal(Escape(new StringBuilder(), value).ToString()));
        else
            Escape(_text, value);
        _text.Append(_quote);
    }

    // Without its quotes.
    private void Append(string quoted) => _text.Append(quoted, 1, quoted.Length - 2);

    // Neither JSON nor C# escapes any of it.
    private static bool IsPlain(string value)
    {
        foreach (char c in value)
            if (c is < ' ' or > '~' or '"' or '\\')
                return false;
        return true;
    }

    private static StringBuilder Escape(StringBuilder text, string value)
    {
        int run = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c is >= ' ' and <= '~' and not '"' and not '\\')
                continue;
            text.Append(value, run, i - run);
            run = i + 1;
            bool pair = char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c == '\n')
                text.Append("\\n");
            else if (pair)
                run = i++;
            else if (c < ' ' || c is '\x7f' or '\u2028' or '\u2029' || char.IsSurrogate(c))
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                run = i;
        }
        return text.Append(value, run, value.Length - run);
    }
}
