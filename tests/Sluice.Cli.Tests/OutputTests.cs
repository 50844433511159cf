using Sluice.Cli.Output;
using Sluice.Cli.Runs;

namespace Sluice.Cli.Tests;

/// <summary>Tables, words and suggestions.</summary>
public sealed class OutputTests
{
    private const string Id = "2d1f6a0e-1111-2222-3333-444455556666";

    [Fact]
    public void Piped_tables_have_every_column_whole_and_no_escape_codes()
    {
        string text = Write(terminal: false, width: 20);

        text.ShouldBe("""
            Name                          Schedule                                  Runs  Id
            Weather report/daily          at 06:00 every day (America/Los_Angeles)    12  2d1f6a0e-1111-2222-3333-444455556666
            A very long flow name/hourly                                               3  2d1f6a0e-1111-2222-3333-444455556666

            """, StringCompareShould.IgnoreLineEndings);
    }

    /// <summary>How wide the terminal is, and what the first row shows.</summary>
    [Theory]
    [InlineData(140, "Weather report/daily          at 06:00 every day (America/Los_Angeles)    12  2d1f6a0e-1111-2222-3333-444455556666")]
    [InlineData(80, "Weather report/daily          at 06:00 every day (America/Los_Angeles)    12")]
    [InlineData(60, "Weather report/daily          at 06:00 every day (Ame…    12")]
    [InlineData(40, "Weather report/daily            12")]
    public void On_a_terminal_what_matters_least_goes_first_and_ids_and_names_stay_whole(int width, string expected)
    {
        string[] lines = Write(terminal: true, width).Split('\n', StringSplitOptions.TrimEntries);

        lines.Length.ShouldBe(4, string.Join('\n', lines));
        lines[1].ShouldBe(expected);
        lines.ShouldAllBe(line => line.Length <= width);
    }

    [Theory]
    [InlineData(0, "now")]
    [InlineData(0.4, "now")]
    [InlineData(5, "in 5 s")]
    [InlineData(-90, "1 min 30 s ago")]
    [InlineData(2100.5, "in 35 min")]
    [InlineData(3600, "in 1 h")]
    [InlineData(-3 * 86400 - 7200, "3 d 2 h ago")]
    public void Times_are_told_from_now(double seconds, string expected)
    {
        var now = new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);
        Words.Relative(now.AddSeconds(seconds), now).ShouldBe(expected);
    }

    [Theory]
    [InlineData("deply", "deploy")]
    [InlineData("weather report/dayly", "Weather report/daily")]
    [InlineData("unrelated", null)]
    public void The_nearest_name_is_suggested(string wrong, string? expected) =>
        DidYouMean.Nearest(wrong, ["deploy", "Weather report/daily", "flow"]).ShouldBe(expected);

    [Fact]
    public void Control_characters_of_others_do_not_reach_the_terminal()
    {
        Screen.Safe("a\u001b[31mred\nline\ttab\r").ShouldBe("a\uFFFD[31mred\nline\ttab");
        Failures.OneLine("a\r\n  b\u001b[0m").ShouldBe("a   b [0m");
    }

    private static string Write(bool terminal, int width)
    {
        var output = new StringWriter { NewLine = "\n" };
        var screen = new Screen(output, output, terminal, terminal, colors: false, width);
        var table = new TableView(new Column("Name"), new Column("Schedule", Rank: 1, Shorten: true), new Column("Runs", Right: true), new Column("Id", Rank: 2));
        table.Add("Weather report/daily", "at 06:00 every day (America/Los_Angeles)", "12", Id);
        table.Add("A very long flow name/hourly", "", "3", Id);
        table.Write(screen);
        return output.ToString();
    }
}
