using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice.Generators.Emitting;

/// <summary>Writes indented C#. Line ends are <c>\n</c> on every system, so that output is the same everywhere.</summary>
internal sealed class CodeWriter
{
    // Most flows' files fit: a second piece costs more than a larger first one.
    private readonly StringBuilder _text = new(8192);
    private int _depth;

    /// <summary>Writes a line; an empty one has no indentation.</summary>
    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
            _text.Append(' ', _depth * 4).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>Writes an interpolated line; what is in its holes must not write.</summary>
    public CodeWriter Line([InterpolatedStringHandlerArgument("")] CodeText line)
    {
        _ = line;
        _text.Append('\n');
        return this;
    }

    /// <summary>Writes a header and opens a block.</summary>
    public CodeWriter Open(string header)
    {
        Line(header).Line("{");
        _depth++;
        return this;
    }

    /// <summary>Writes an interpolated header and opens a block.</summary>
    public CodeWriter Open([InterpolatedStringHandlerArgument("")] CodeText header)
    {
        Line(header).Line("{");
        _depth++;
        return this;
    }

    /// <summary>Closes a block.</summary>
    public CodeWriter Close(string suffix = "")
    {
        _depth--;
        return Line("}" + suffix);
    }

    /// <summary>Writes one line further in.</summary>
    public CodeWriter Deeper(string line) => In().Line(line).Out();

    /// <summary>Goes one level in.</summary>
    public CodeWriter In()
    {
        _depth++;
        return this;
    }

    /// <summary>Goes one level out.</summary>
    public CodeWriter Out()
    {
        _depth--;
        return this;
    }

    internal void Indent() => _text.Append(' ', _depth * 4);

    internal void Append(string? text) => _text.Append(text);

    public override string ToString() => _text.ToString();
}
