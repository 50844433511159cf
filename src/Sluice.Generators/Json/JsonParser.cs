using System.Globalization;
using System.Text;

namespace Sluice.Generators.Json;

/// <summary>Where and why a text is no JSON.</summary>
internal sealed record JsonError(int Offset, int Length, string Message);

/// <summary>Parses JSON (RFC 8259) strictly; duplicate names are an error, as at run time.</summary>
internal sealed class JsonParser
{
    private const int MaximumDepth = 64;

    private readonly string _text;
    private int _at;
    private JsonError? _error;

    private JsonParser(string text) => _text = text;

    /// <summary>Parses a text. Either the node or the error is set.</summary>
    public static JsonNode? Parse(string text, out JsonError? error)
    {
        var parser = new JsonParser(text);
        JsonNode? node = parser.Value(0);
        if (node is not null)
        {
            parser.SkipSpace();
            if (parser._at < text.Length)
                node = parser.Fail(parser._at, text.Length - parser._at, "nothing may follow the value");
        }
        error = parser._error;
        return node;
    }

    private JsonNode? Value(int depth)
    {
        SkipSpace();
        if (_at >= _text.Length)
            return Fail(_at, 0, "a value is missing at the end");
        if (depth > MaximumDepth)
            return Fail(_at, 1, $"values nest deeper than {MaximumDepth} levels");
        int start = _at;
        switch (_text[_at])
        {
            case '{':
                return Object(depth);
            case '[':
                return Array(depth);
            case '"':
                return String() is { } text ? Node(JsonKind.String, start, text) : null;
            case '-' or (>= '0' and <= '9'):
                return Number();
            default:
                return Word();
        }
    }

    private JsonNode? Object(int depth)
    {
        int start = _at++;
        var members = new List<JsonMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        SkipSpace();
        if (TrySkip('}'))
            return Node(JsonKind.Object, start, members: members);
        while (true)
        {
            SkipSpace();
            int nameAt = _at;
            if (_at >= _text.Length || _text[_at] != '"')
                return Fail(_at, Math.Min(1, _text.Length - _at), "a name in double quotes is missing");
            if (String() is not { } name)
                return null;
            int nameLength = _at - nameAt;
            if (!names.Add(name))
                return Fail(nameAt, nameLength, $"\"{name}\" stands there twice");
            SkipSpace();
            if (!TrySkip(':'))
                return Fail(_at, Math.Min(1, _text.Length - _at), "a colon is missing");
            if (Value(depth + 1) is not { } value)
                return null;
            members.Add(new(name, nameAt, nameLength, value));
            SkipSpace();
            if (TrySkip('}'))
                return Node(JsonKind.Object, start, members: members);
            if (!TrySkip(','))
                return Fail(_at, Math.Min(1, _text.Length - _at), "a comma or } is missing");
        }
    }

    private JsonNode? Array(int depth)
    {
        int start = _at++;
        var items = new List<JsonNode>();
        SkipSpace();
        if (TrySkip(']'))
            return Node(JsonKind.Array, start, items: items);
        while (true)
        {
            if (Value(depth + 1) is not { } item)
                return null;
            items.Add(item);
            SkipSpace();
            if (TrySkip(']'))
                return Node(JsonKind.Array, start, items: items);
            if (!TrySkip(','))
                return Fail(_at, Math.Min(1, _text.Length - _at), "a comma or ] is missing");
        }
    }

    private string? String()
    {
        int start = _at++;
        var value = new StringBuilder();
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '"')
            {
                _at++;
                return value.ToString();
            }
            if (c < ' ')
                return FailText(_at, 1, "a control character must be escaped");
            if (c != '\\')
            {
                value.Append(c);
                _at++;
                continue;
            }
            if (Escape() is not { } escaped)
                return null;
            value.Append(escaped);
        }
        return FailText(start, _text.Length - start, "the string has no end");
    }

    private char? Escape()
    {
        int start = _at++;
        char? escaped = _at >= _text.Length ? null : _text[_at] switch
        {
            '"' or '\\' or '/' => _text[_at],
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' when _at + 4 < _text.Length
                && ushort.TryParse(_text.Substring(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code) => (char)code,
            _ => null,
        };
        if (escaped is null)
            FailText(start, Math.Min(2, _text.Length - start), "no such escape");
        else
            _at += _text[_at] == 'u' ? 5 : 1;
        return escaped;
    }

    private JsonNode? Number()
    {
        int start = _at;
        if (_text[_at] == '-')
            _at++;
        int integer = _at;
        bool valid = Digits() && (_text[integer] != '0' || _at == integer + 1);
        if (valid && TrySkip('.'))
            valid = Digits();
        if (valid && _at < _text.Length && _text[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < _text.Length && _text[_at] is '+' or '-')
                _at++;
            valid = Digits();
        }
        return valid ? Node(JsonKind.Number, start, _text.Substring(start, _at - start)) : Fail(start, Math.Max(1, _at - start), "no JSON number");
    }

    private bool Digits()
    {
        int start = _at;
        while (_at < _text.Length && _text[_at] is >= '0' and <= '9')
            _at++;
        return _at > start;
    }

    private JsonNode? Word()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        return _text.Substring(start, _at - start) switch
        {
            "null" => Node(JsonKind.Null, start),
            "true" => Node(JsonKind.True, start),
            "false" => Node(JsonKind.False, start),
            "" => Fail(start, 1, "a value is missing"),
            var word => Fail(start, _at - start, $"'{word}' is no JSON value; texts stand in double quotes"),
        };
    }

    private JsonNode Node(JsonKind kind, int start, string text = "", IReadOnlyList<JsonNode>? items = null, IReadOnlyList<JsonMember>? members = null) =>
        new(kind, start, _at - start, text, items ?? [], members ?? []);

    private JsonNode? Fail(int offset, int length, string message)
    {
        _error ??= new(offset, length, message);
        return null;
    }

    private string? FailText(int offset, int length, string message)
    {
        Fail(offset, length, message);
        return null;
    }

    private bool TrySkip(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
            _at++;
    }
}
