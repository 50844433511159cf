using System.Globalization;
using System.Text;

namespace Sluice.Schemas;

/// <summary>
/// A regular expression of the subset that .NET, ECMA 262 (which JSON Schema asks for) and Python (in which Prefect is written) can all be made to
/// read alike, rewritten for a schema and for .NET. Compiled into the generator as well.
/// </summary>
/// <remarks>
/// <para>Read: literals, <c>.</c>, classes, groups, alternatives, quantifiers, <c>^</c>, <c>$</c>, lookaheads, and the escapes
/// <c>\d \w \s \D \W \S \t \n \r \f \v \a \e \xHH \uHHHH \A \z \Z</c>. Groups are never captured. Classes are ASCII's, as ECMA 262 has them, and a
/// character is a code point. <c>.</c> is all but a line feed, as in .NET and Python; <c>$</c> is the end of the text, as in ECMA 262.</para>
/// <para>Refused, each with its place: what one of the dialects lacks or reads otherwise: back references, lookbehinds, <c>\b</c>, <c>\p{…}</c>,
/// options, conditions, atomic groups, class subtraction.</para>
/// </remarks>
internal sealed class PortablePattern
{
    /// <summary>The end of the text in all dialects: Python's and .NET's <c>$</c> also stands before a last line feed.</summary>
    private const string End = @"(?!\n)$";

    // A code point above U+FFFF is two characters to .NET.
    private const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";
    private const int MaximumDepth = 100;
    private const int MaximumCount = 10_000;

    private readonly string _pattern;
    private readonly StringBuilder _schema = new();
    private readonly StringBuilder _net = new();
    private int _at;
    private int _depth;
    private bool _hasAlternatives;

    private PortablePattern(string pattern) => _pattern = pattern;

    /// <summary>The pattern for a schema, which finds it anywhere in the text.</summary>
    public string Schema => _schema.ToString();

    /// <summary>The pattern for .NET, which finds it anywhere in the text.</summary>
    public string Net => _net.ToString();

    /// <summary>Whether it looks ahead, which .NET can do only by backtracking.</summary>
    public bool LooksAhead { get; private set; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="whole">Whether the whole text must match, as [RegularExpression] demands.</param>
    /// <param name="problem">What is not portable, and where; null when all is well.</param>
    public static PortablePattern? Read(string pattern, bool whole, out PatternProblem? problem)
    {
        var read = new PortablePattern(pattern);
        try
        {
            read.Alternatives();
            if (read._at < pattern.Length)
                throw read.Refuse(1, "a group ends that never began; write \\) for the character");
        }
        catch (PatternException refused)
        {
            problem = refused.Problem;
            return null;
        }
        problem = null;
        if (whole)
            read.Anchor();
        return read;
    }

    private void Anchor()
    {
        (string open, string close) = _hasAlternatives ? ("(?:", ")") : ("", "");
        string schema = open + Schema + close;
        if (!schema.StartsWith("^", StringComparison.Ordinal))
            schema = "^" + schema;
        if (!schema.EndsWith(End, StringComparison.Ordinal))
            schema += End;
        _schema.Clear().Append(schema);
        _net.Insert(0, @"\A(?:").Append(@")\z");
    }

    private void Alternatives()
    {
        if (++_depth > MaximumDepth)
            throw Refuse(1, $"groups nest deeper than {MaximumDepth} levels");
        while (true)
        {
            Sequence();
            if (_at >= _pattern.Length || _pattern[_at] != '|')
                break;
            _hasAlternatives |= _depth == 1;
            Both("|");
            _at++;
        }
        _depth--;
    }

    private void Sequence()
    {
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            int net = _net.Length, start = _at;
            bool repeats = Atom();
            string quantifier = Quantifier();
            if (quantifier.Length == 0)
                continue;
            if (!repeats)
                throw Refuse(start, _at - start, "what has no width cannot be repeated");
            // Two characters to .NET are one to repeat.
            if (_net.Length - net == 2 && char.IsHighSurrogate(_net[net]))
                _net.Insert(net, "(?:").Append(')');
            Both(quantifier);
        }
    }

    /// <summary>Reads one; the answer is whether it may be repeated.</summary>
    private bool Atom()
    {
        char c = _pattern[_at];
        switch (c)
        {
            case '^':
                _at++;
                Both("^");
                return false;
            case '$':
                _at++;
                AppendEnd();
                return false;
            case '.':
                _at++;
                Set(@"\n", negated: true);
                return true;
            case '(':
                return Group();
            case '[':
                Class();
                return true;
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                throw Refuse(1, $"nothing stands before {c}; write \\{c} for the character");
            default:
                Literal(CodePoint());
                return true;
        }
    }

    private bool Group()
    {
        int start = _at;
        // What this class itself writes for the end.
        if (string.CompareOrdinal(_pattern, _at, End, 0, End.Length) == 0)
        {
            _at += End.Length;
            AppendEnd();
            return false;
        }
        string open = "(?:";
        if (Next("(?:"))
            _at += 3;
        else if (Next("(?=") || Next("(?!"))
        {
            open = _pattern.Substring(_at, 3);
            LooksAhead = true;
            _at += 3;
        }
        else if (Next("(?<=") || Next("(?<!"))
            throw Refuse(4, "looking behind is not the same in all dialects of regular expressions");
        else if (Next("(?<") || Next("(?'") || Next("(?P<"))
        {
            int end = _pattern.IndexOf(_pattern[_at + 2] == '\'' ? '\'' : '>', _at + 3);
            if (end < 0)
                throw Refuse(3, "the group's name has no end");
            _at = end + 1;
        }
        else if (Next("(?"))
            throw Refuse(Math.Min(3, _pattern.Length - _at), "options, conditions, comments and atomic groups are not the same in all dialects of regular expressions");
        else
            _at++;
        Both(open);
        Alternatives();
        if (_at >= _pattern.Length)
            throw Refuse(start, 1, "the group has no end");
        _at++;
        Both(")");
        return open == "(?:";
    }

    private bool Escape()
    {
        int start = _at++;
        char c = _at < _pattern.Length ? _pattern[_at] : throw Refuse(start, 1, "nothing follows the \\");
        if (Shorthand(c) is { } set)
        {
            _at++;
            Set(set, char.IsUpper(c));
            return true;
        }
        switch (c)
        {
            case 'A':
                _at++;
                Both("^");
                return false;
            case 'z' or 'Z':
                _at++;
                AppendEnd();
                return false;
        }
        _at = start;
        Literal(EscapedCodePoint(inClass: false));
        return true;
    }

    /// <summary>Reads an escape that stands for one character.</summary>
    private int EscapedCodePoint(bool inClass)
    {
        int start = _at++;
        char c = _at < _pattern.Length ? _pattern[_at] : throw Refuse(start, 1, "nothing follows the \\");
        int known = c switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', 'v' => '\v', 'a' => 7, 'e' => 27, 'b' when inClass => 8, _ => -1 };
        if (known >= 0)
        {
            _at++;
            return known;
        }
        if (c is 'x' or 'u')
        {
            int digits = c == 'x' ? 2 : 4;
            int code = Hex(start, _at + 1, digits);
            _at += 1 + digits;
            if (!char.IsSurrogate((char)code))
                return code;
            if (char.IsHighSurrogate((char)code) && Next(@"\u") && char.IsLowSurrogate((char)Hex(start, _at + 2, 4)))
            {
                int low = Hex(start, _at + 2, 4);
                _at += 6;
                return char.ConvertToUtf32((char)code, (char)low);
            }
            throw Refuse(start, 2 + digits, "half of a surrogate pair is no character");
        }
        if (c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_')
            throw Refuse(start, 2, c switch
            {
                'b' or 'B' => "word boundaries are not the same in all dialects of regular expressions",
                'p' or 'P' => "Unicode categories are unknown to Python, in which Prefect is written; name the characters, as [A-Za-zÀ-ÿ]",
                >= '0' and <= '9' => "back references and octal numbers are not the same in all dialects of regular expressions",
                'k' => "back references are not the same in all dialects of regular expressions",
                _ => "there is no such escape in all dialects of regular expressions",
            });
        return CodePoint();
    }

    private int Hex(int start, int at, int digits) =>
        at + digits <= _pattern.Length && _pattern.Substring(at, digits).All(Uri.IsHexDigit)
            ? int.Parse(_pattern.Substring(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : throw Refuse(start, Math.Min(2 + digits, _pattern.Length - start), $"{digits} hexadecimal digits are missing");

    private void Class()
    {
        int start = _at++;
        bool negated = Next("^");
        if (negated)
            _at++;
        var set = new StringBuilder();
        // Right after the opening, ] is a character.
        for (bool first = true; ; first = false)
        {
            if (_at >= _pattern.Length)
                throw Refuse(start, 1, "the character class has no end; write \\[ for the character");
            if (_pattern[_at] == ']' && !first)
                break;
            if (Next("[:"))
                throw Refuse(2, "named character classes are not the same in all dialects of regular expressions");
            if (Next("-[") && !first)
                throw Refuse(2, "class subtraction is known to .NET only; write \\[ for the character");
            int itemAt = _at;
            if (_pattern[_at] == '\\' && _at + 1 < _pattern.Length && Shorthand(_pattern[_at + 1]) is { } shorthand)
            {
                if (char.IsUpper(_pattern[_at + 1]))
                    throw Refuse(2, "a negated class cannot stand in a character class in all dialects of regular expressions");
                _at += 2;
                set.Append(shorthand);
                if (Next("-") && !Next("-]"))
                    throw Refuse(itemAt, 3, "a class is no end of a range; write \\- for the character");
                continue;
            }
            int low = ClassCharacter();
            int high = low;
            if (Next("-") && !Next("-]") && _at + 1 < _pattern.Length)
            {
                _at++;
                if (_pattern[_at] == '\\' && _at + 1 < _pattern.Length && Shorthand(_pattern[_at + 1]) is not null)
                    throw Refuse(2, "a class is no end of a range; write \\- for the character");
                high = ClassCharacter();
                if (high < low)
                    throw Refuse(itemAt, _at - itemAt, "the range ends before it begins");
            }
            Append(set, low, high);
        }
        _at++;
        Set(set.ToString(), negated);
    }

    private int ClassCharacter()
    {
        int start = _at;
        int code = _pattern[_at] == '\\' ? EscapedCodePoint(inClass: true) : CodePoint();
        return code <= 0xffff ? code : throw Refuse(start, _at - start, "a character above U+FFFF cannot stand in a class in all dialects of regular expressions; write alternatives");
    }

    /// <summary>A range of a class; surrogates, which are no characters, are never in it.</summary>
    private static void Append(StringBuilder set, int low, int high)
    {
        if (low < 0xd800 && high > 0xdfff)
        {
            Append(set, low, 0xd7ff);
            low = 0xe000;
        }
        set.Append(Quote(low, inClass: true));
        if (high > low + 1)
            set.Append('-');
        if (high > low)
            set.Append(Quote(high, inClass: true));
    }

    private void Set(string set, bool negated)
    {
        _schema.Append(negated ? "[^" : "[").Append(set).Append(']');
        _net.Append(negated ? $@"(?:[^{set}\ud800-\udfff]|{Pair})" : $"[{set}]");
    }

    /// <summary>The set that an escape stands for, without its negation.</summary>
    private static string? Shorthand(char c) => c switch
    {
        'd' or 'D' => "0-9",
        'w' or 'W' => "A-Za-z0-9_",
        's' or 'S' => @" \t\n\r\f\v",
        _ => null,
    };

    private void Literal(int code) => Both(Quote(code, inClass: false));

    private static string Quote(int code, bool inClass)
    {
        if (code > 0xffff)
            return char.ConvertFromUtf32(code);
        char c = (char)code;
        return c switch
        {
            '\t' => @"\t",
            '\n' => @"\n",
            '\r' => @"\r",
            '\f' => @"\f",
            '\v' => @"\v",
            < ' ' or '\x7f' => @"\x" + code.ToString("x2", CultureInfo.InvariantCulture),
            // Invisible, or a line break to some.
            (>= '\x80' and <= '\xa0') or '\u2028' or '\u2029' or '\ufeff' => @"\u" + code.ToString("x4", CultureInfo.InvariantCulture),
            '\\' or ']' or '[' or '^' => "\\" + c,
            '-' when inClass => @"\-",
            '$' or '.' or '*' or '+' or '?' or '(' or ')' or '{' or '}' or '|' when !inClass => "\\" + c,
            _ => c.ToString(),
        };
    }

    private int CodePoint()
    {
        char c = _pattern[_at++];
        if (!char.IsSurrogate(c))
            return c;
        if (char.IsHighSurrogate(c) && _at < _pattern.Length && char.IsLowSurrogate(_pattern[_at]))
            return char.ConvertToUtf32(c, _pattern[_at++]);
        throw Refuse(_at - 1, 1, "half of a surrogate pair is no character");
    }

    private string Quantifier()
    {
        int start = _at;
        if (_at >= _pattern.Length)
            return "";
        if (_pattern[_at] is '*' or '+' or '?')
            _at++;
        else if (_pattern[_at] != '{' || !Counts())
            return "";
        if (Next("?"))
            _at++;
        else if (Next("*") || Next("+"))
            throw Refuse(start, _at + 1 - start, "one quantifier follows another");
        return _pattern.Substring(start, _at - start);
    }

    /// <summary>Reads <c>{2}</c>, <c>{2,}</c> or <c>{2,3}</c>; what is none of them is text.</summary>
    private bool Counts()
    {
        int end = _pattern.IndexOf('}', _at);
        if (end < 0)
            return false;
        string[] parts = _pattern.Substring(_at + 1, end - _at - 1).Split(',');
        if (parts.Length > 2 || parts[0].Length == 0 || parts.Any(part => !part.All(digit => digit is >= '0' and <= '9')))
            return false;
        int least = Count(parts[0], end), most = parts.Length == 2 && parts[1].Length > 0 ? Count(parts[1], end) : int.MaxValue;
        if (most < least)
            throw Refuse(end + 1 - _at, "the range ends before it begins");
        _at = end + 1;
        return true;
    }

    private int Count(string digits, int end) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MaximumCount
            ? count
            : throw Refuse(end + 1 - _at, $"more than {MaximumCount} times cannot be asked for");

    private void AppendEnd()
    {
        _schema.Append(End);
        _net.Append(@"\z");
    }

    private void Both(string text)
    {
        _schema.Append(text);
        _net.Append(text);
    }

    private bool Next(string text) => string.CompareOrdinal(_pattern, _at, text, 0, text.Length) == 0;

    private PatternException Refuse(int length, string message) => Refuse(_at, length, message);

    private static PatternException Refuse(int offset, int length, string message) => new(new(offset, length, message));

#pragma warning disable CA1032, CA1064, RCS1194 // It never leaves this class.
    private sealed class PatternException(PatternProblem problem) : Exception
    {
        public PatternProblem Problem { get; } = problem;
    }
#pragma warning restore CA1032, CA1064, RCS1194
}

/// <summary>What is wrong with a regular expression, and where.</summary>
internal sealed record PatternProblem(int Offset, int Length, string Message);
