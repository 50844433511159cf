using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>A cell: its text and how it looks on a terminal.</summary>
internal readonly record struct Cell(string Text, Style? Style = null)
{
    public static implicit operator Cell(string? text) => new(text ?? "");
}

/// <summary>A column.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Rank">0 is always shown; where the terminal is too narrow, columns of the highest rank go first. Piped output has all of them.</param>
/// <param name="Shorten">Whether its texts may end in an ellipsis where the terminal is too narrow. Names and ids never do.</param>
/// <param name="Right">Whether it is a number.</param>
internal sealed record Column(string Title, int Rank = 0, bool Shorten = false, bool Right = false);

/// <summary>A table that fits the terminal by leaving out or shortening what matters least; it never wraps a value.</summary>
internal sealed class TableView(params Column[] columns)
{
    private const int Gap = 2;
    private const int ShortestText = 12;
    private readonly List<Cell[]> _rows = [];

    public int Count => _rows.Count;

    public void Add(params Cell[] cells) => _rows.Add(Array.ConvertAll(cells, cell => cell with { Text = Failures.OneLine(cell.Text) }));

    public void Write(Screen screen)
    {
        if (screen.OutIsTerminal)
            WriteTerminal(screen);
        else
            WritePlain(screen.Out);
    }

    private void WritePlain(TextWriter output)
    {
        int[] widths = Widths(text => text.Length);
        WriteLine(columns.Select(column => column.Title));
        foreach (Cell[] row in _rows)
            WriteLine(row.Select(cell => cell.Text));

        void WriteLine(IEnumerable<string> texts) => output.WriteLine(string.Join(new string(' ', Gap), texts.Select((text, i) =>
            columns[i].Right ? text.PadLeft(widths[i]) : text.PadRight(widths[i]))).TrimEnd());
    }

    private void WriteTerminal(Screen screen)
    {
        int[] widths = Widths(text => text.GetCellWidth());
        List<int> shown = Fit(widths, screen.Width);
        var table = new Table { Border = TableBorder.None };
        table.BorderStyle = Style.Plain;
        foreach (int i in shown)
        {
            var column = new TableColumn(new Text(columns[i].Title, new Style(decoration: Decoration.Bold)))
            {
                NoWrap = true,
                Width = widths[i],
                Padding = new Padding(0, 0, i == shown[^1] ? 0 : Gap, 0),
                Alignment = columns[i].Right ? Justify.Right : Justify.Left,
            };
            table.AddColumn(column);
        }
        foreach (Cell[] row in _rows)
            table.AddRow(shown.Select(i => new Text(Shortened(row[i].Text, widths[i]), row[i].Style ?? Style.Plain) { Overflow = Overflow.Ellipsis }));
        // What must not be shortened may be wider than the terminal: then the terminal itself breaks the line, and copying still works.
        int wanted = shown.Sum(i => widths[i] + Gap);
        screen.Terminal.Profile.Width = Math.Max(screen.Width, wanted);
        screen.Terminal.Write(table);
        screen.Terminal.Profile.Width = screen.Width;
    }

    /// <summary>The columns that are shown; <paramref name="widths"/> of those that may be shortened are made to fit.</summary>
    private List<int> Fit(int[] widths, int available)
    {
        List<int> shown = Enumerable.Range(0, columns.Length).Where(i => columns[i].Rank == 0 || _rows.Any(row => row[i].Text.Length > 0)).ToList();
        while (true)
        {
            int excess = shown.Sum(i => widths[i] + Gap) - Gap - available;
            if (excess <= 0)
                return shown;
            int spare = shown.Where(i => columns[i].Shorten).Sum(i => Math.Max(0, widths[i] - ShortestText));
            int? dropped = shown.Where(i => columns[i].Rank > 0).OrderByDescending(i => columns[i].Rank).Cast<int?>().FirstOrDefault();
            if (spare < excess && dropped is { } drop)
            {
                shown.Remove(drop);
                continue;
            }
            foreach (int i in shown.Where(i => columns[i].Shorten).OrderByDescending(i => widths[i]))
            {
                int cut = Math.Min(excess, Math.Max(0, widths[i] - ShortestText));
                widths[i] -= cut;
                excess -= cut;
            }
            return shown;
        }
    }

    private int[] Widths(Func<string, int> measure) =>
        columns.Select((column, i) => _rows.Select(row => measure(row[i].Text)).Append(measure(column.Title)).Max()).ToArray();

    private static string Shortened(string text, int width)
    {
        if (text.GetCellWidth() <= width)
            return text;
        int length = Math.Min(text.Length, width - 1);
        while (length > 0 && text[..length].GetCellWidth() > width - 1)
            length--;
        return text[..length].TrimEnd() + "…";
    }
}
