using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>
/// Standard output and error. Colours, tables with borders and progress appear on a terminal only; what is piped is plain text whose values are
/// never wrapped, shortened or coloured.
/// </summary>
internal sealed class Screen(TextWriter output, TextWriter error, bool outputIsTerminal, bool errorIsTerminal, bool colors, int width)
{
    private IAnsiConsole? _console;

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public bool OutIsTerminal { get; } = outputIsTerminal;

    public bool ErrorIsTerminal { get; } = errorIsTerminal;

    /// <summary>Columns of the terminal that shows standard output; without bound where that is none.</summary>
    public int Width { get; } = outputIsTerminal ? width : int.MaxValue;

    /// <summary>Columns of the terminal that shows standard error.</summary>
    public int ErrorWidth { get; } = width;

    /// <summary>Writes markup to a terminal. Only where <see cref="OutIsTerminal"/>.</summary>
    public IAnsiConsole Terminal => _console ??= CreateConsole();

    public static Screen OfProcess()
    {
        bool outputIsTerminal = !Console.IsOutputRedirected;
        bool errorIsTerminal = !Console.IsErrorRedirected;
        bool plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") is "dumb";
        return new(Console.Out, Console.Error, outputIsTerminal, errorIsTerminal, !plain, outputIsTerminal || errorIsTerminal ? TerminalWidth() : int.MaxValue);
    }

    /// <summary>The same, written to standard error: for what people follow while a program reads standard output.</summary>
    public Screen OfErrors() => new(Error, Error, ErrorIsTerminal, ErrorIsTerminal, colors, ErrorWidth);

    public void Line(string text = "") => Out.WriteLine(text);

    /// <summary>Writes a document as it is, without a line's end and in no other encoding.</summary>
    public void WriteBytes(byte[] document)
    {
        if (!ReferenceEquals(Out, Console.Out))
        {
            Out.Write(System.Text.Encoding.UTF8.GetString(document));
            return;
        }
        Out.Flush();
        using Stream stream = Console.OpenStandardOutput();
        stream.Write(document);
    }

    /// <summary>A line of which a part is coloured, when this is a terminal.</summary>
    public void Line(string before, string styled, Style style, string after = "")
    {
        if (!OutIsTerminal)
        {
            Out.WriteLine(before + styled + after);
            return;
        }
        Out.Write(before);
        Out.Flush();
        Terminal.Write(new Text(styled, style));
        Out.WriteLine(after);
    }

    /// <summary>A remark for people on standard error: it never disturbs what a program reads from standard output.</summary>
    public void Note(string text) => Error.WriteLine(text);

    /// <summary>
    /// Text of somebody else (names, logs) without the control characters that would move the cursor or change colours. Line breaks and tabs stay.
    /// </summary>
    public static string Safe(string text)
    {
        if (!text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')))
            return text;
        var safe = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsControl(c) || c is '\n' or '\t')
                safe.Append(c);
            else if (c != '\r')
                safe.Append('\uFFFD');
        }
        return safe.ToString();
    }

    private static int TerminalWidth()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns > 0)
            return columns;
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private IAnsiConsole CreateConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new()
        {
            Ansi = colors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = Width;
        return console;
    }
}
