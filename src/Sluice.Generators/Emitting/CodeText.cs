using System.Globalization;
using System.Runtime.CompilerServices;

namespace Sluice.Generators.Emitting;

/// <summary>An interpolated text that goes into a writer's line piece by piece, without becoming a string of its own before.</summary>
[InterpolatedStringHandler]
internal readonly ref struct CodeText
{
    private readonly CodeWriter _writer;

    /// <param name="literalLength">Of no use here.</param>
    /// <param name="formattedCount">Of no use here.</param>
    /// <param name="writer">Whose line it is.</param>
    public CodeText(int literalLength, int formattedCount, CodeWriter writer)
    {
        _ = literalLength + formattedCount;
        _writer = writer;
        writer.Indent();
    }

    public void AppendLiteral(string text) => _writer.Append(text);

    public void AppendFormatted(string? text) => _writer.Append(text);

    public void AppendFormatted(int number) => _writer.Append(number.ToString(CultureInfo.InvariantCulture));
}
