using System.Globalization;
using System.Text;

namespace Sluice.Schemas.Jinja;

internal enum TokenKind
{
    Data,
    BeginPrint,
    EndPrint,
    BeginBlock,
    EndBlock,
    Name,
    Text,
    Integer,
    Real,
    Operator,
    End,
}

internal readonly record struct Token(TokenKind Kind, string Text, int Line);

/// <summary>Cuts a template into text and the tokens between its marks.</summary>
internal sealed class JinjaLexer(string template)
{
    private static readonly string[] _operators = ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|"];

    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    public List<Token> Tokens()
    {
        // As Jinja, with newlines of one kind and without the one at the end.
        string source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n'))
            source = source[..^1];
        bool strip = false;
        while (_at < source.Length)
        {
            int mark = NextMark(source);
            string data = source[_at..mark];
            bool stripsBefore = mark + 2 < source.Length && source[mark + 2] == '-';
            Data(data, strip, stripsBefore);
            _at = mark;
            if (mark == source.Length)
                break;
            strip = Tag(source, source[mark + 1]);
        }
        _tokens.Add(new(TokenKind.End, "", _line));
        return _tokens;
    }

    private int NextMark(string source)
    {
        for (int i = _at; i + 1 < source.Length; i++)
        {
            if (source[i] == '{' && source[i + 1] is ('{' or '%' or '#'))
                return i;
        }
        return source.Length;
    }

    private void Data(string data, bool stripStart, bool stripEnd)
    {
        int line = _line;
        _line += data.Count(c => c == '\n');
        if (stripStart)
            data = data.TrimStart();
        if (stripEnd)
            data = data.TrimEnd();
        if (data.Length > 0)
            _tokens.Add(new(TokenKind.Data, data, line));
    }

    /// <summary>Reads a tag and answers whether it strips what comes after.</summary>
    private bool Tag(string source, char mark)
    {
        int start = _line;
        _at += 2;
        if (_at < source.Length && source[_at] is ('-' or '+'))
            _at++;
        if (mark == '#')
            return Comment(source, start);
        string close = mark == '{' ? "}}" : "%}";
        int begun = _tokens.Count;
        _tokens.Add(new(mark == '{' ? TokenKind.BeginPrint : TokenKind.BeginBlock, "", _line));
        int depth = 0;
        while (true)
        {
            Space(source);
            if (_at >= source.Length)
                throw new JinjaException(start, $"'{(mark == '{' ? "{{" : "{%")}' is not closed by '{close}'");
            bool strips = source[_at] is '-' or '+' && string.CompareOrdinal(source, _at + 1, close, 0, 2) == 0;
            if (strips || depth == 0 && string.CompareOrdinal(source, _at, close, 0, 2) == 0)
            {
                bool strip = strips && source[_at] == '-';
                _at += strips ? 3 : 2;
                _tokens.Add(new(mark == '{' ? TokenKind.EndPrint : TokenKind.EndBlock, "", _line));
                return mark == '%' && _tokens.Count == begun + 3 && _tokens[begun + 1] is { Kind: TokenKind.Name, Text: "raw" } ? Raw(source, begun, strip) : strip;
            }
            Token token = Next(source);
            depth += token is { Kind: TokenKind.Operator, Text: "{" or "[" or "(" } ? 1 : token is { Kind: TokenKind.Operator, Text: "}" or "]" or ")" } ? -1 : 0;
            _tokens.Add(token);
        }
    }

    private bool Comment(string source, int start)
    {
        int end = source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
            throw new JinjaException(start, "'{#' is not closed by '#}'");
        _line += source.AsSpan(_at, end - _at).Count('\n');
        bool strip = end > 0 && source[end - 1] == '-' && end - 1 >= _at;
        _at = end + 2;
        return strip;
    }

    /// <summary>What stands up to <c>endraw</c> is text.</summary>
    private bool Raw(string source, int begun, bool strip)
    {
        for (int i = _at; (i = source.IndexOf("{%", i, StringComparison.Ordinal)) >= 0; i += 2)
        {
            int end = source.IndexOf("%}", i + 2, StringComparison.Ordinal);
            if (end < 0)
                break;
            if (source.AsSpan(i + 2, end - i - 2).Trim("-+ \t\r\n") is not "endraw")
                continue;
            _tokens.RemoveRange(begun, _tokens.Count - begun);
            Data(source[_at..i], strip, source[i + 2] == '-');
            _at = end + 2;
            return source[end - 1] == '-';
        }
        throw new JinjaException(_line, "'raw' is not closed by 'endraw'");
    }

    private void Space(string source)
    {
        for (; _at < source.Length && char.IsWhiteSpace(source[_at]); _at++)
            _line += source[_at] == '\n' ? 1 : 0;
    }

    private Token Next(string source)
    {
        char c = source[_at];
        if (char.IsLetter(c) || c == '_')
        {
            int start = _at;
            while (_at < source.Length && (char.IsLetterOrDigit(source[_at]) || source[_at] == '_'))
                _at++;
            return new(TokenKind.Name, source[start.._at], _line);
        }
        if (char.IsAsciiDigit(c))
            return Number(source);
        if (c is '"' or '\'')
            return Quoted(source, c);
        foreach (string op in _operators)
        {
            if (string.CompareOrdinal(source, _at, op, 0, op.Length) == 0)
            {
                _at += op.Length;
                return new(TokenKind.Operator, op, _line);
            }
        }
        throw new JinjaException(_line, $"unexpected char '{c}'");
    }

    private Token Number(string source)
    {
        int start = _at;
        bool real = false;
        void Digits()
        {
            while (_at < source.Length && (char.IsAsciiDigit(source[_at]) || source[_at] == '_' && _at + 1 < source.Length && char.IsAsciiDigit(source[_at + 1])))
                _at++;
        }
        Digits();
        if (_at + 1 < source.Length && source[_at] == '.' && char.IsAsciiDigit(source[_at + 1]))
        {
            real = true;
            _at++;
            Digits();
        }
        if (_at < source.Length && source[_at] is 'e' or 'E' && _at + 1 < source.Length)
        {
            int sign = source[_at + 1] is '+' or '-' ? 2 : 1;
            if (_at + sign < source.Length && char.IsAsciiDigit(source[_at + sign]))
            {
                real = true;
                _at += sign;
                Digits();
            }
        }
        return new(real ? TokenKind.Real : TokenKind.Integer, source[start.._at].Replace("_", "", StringComparison.Ordinal), _line);
    }

    private Token Quoted(string source, char quote)
    {
        int start = _line;
        var text = new StringBuilder();
        for (_at++; _at < source.Length; _at++)
        {
            char c = source[_at];
            if (c == quote)
            {
                _at++;
                return new(TokenKind.Text, text.ToString(), start);
            }
            _line += c == '\n' ? 1 : 0;
            if (c != '\\' || _at + 1 >= source.Length)
            {
                text.Append(c);
                continue;
            }
            Escape(source, text);
        }
        throw new JinjaException(start, "a text is not closed");
    }

    private void Escape(string source, StringBuilder text)
    {
        char c = source[++_at];
        int digits = c switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0)
        {
            if (_at + digits >= source.Length || !ushort.TryParse(source.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
                throw new JinjaException(_line, $"'\\{c}' needs {digits} hexadecimal digits");
            text.Append((char)code);
            _at += digits;
            return;
        }
        int known = "ntrabfv0\\'\"".IndexOf(c, StringComparison.Ordinal);
        if (known >= 0)
            text.Append("\n\t\r\a\b\f\v\0\\'\""[known]);
        else if (c != '\n')
            text.Append('\\').Append(c);
    }
}
