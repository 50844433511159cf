using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>What <c>inspect</c> shows people: labels and values, one or more lines each. Values are never wrapped.</summary>
internal sealed class Details(string title)
{
    private static readonly Style LabelStyle = new(Color.Grey);
    private readonly List<(string Label, string[] Lines)> _rows = [];

    /// <summary>Adds a row, unless the value is empty.</summary>
    public Details Add(string label, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _rows.Add((label, Screen.Safe(value).Split('\n')));
        return this;
    }

    /// <summary>Adds a row with one line per value.</summary>
    public Details Add(string label, IEnumerable<string> values) => Add(label, string.Join('\n', values));

    public void Write(Screen screen)
    {
        screen.Line("", Failures.OneLine(title), new Style(decoration: Decoration.Bold));
        int width = _rows.Max(row => row.Label.Length) + 2;
        foreach ((string label, string[] lines) in _rows)
        {
            screen.Line("  ", label.PadRight(width), LabelStyle, lines[0]);
            foreach (string line in lines.AsSpan(1))
                screen.Line(new string(' ', width + 2) + line);
        }
    }
}
