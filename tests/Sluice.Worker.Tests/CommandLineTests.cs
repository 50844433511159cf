using Sluice.Orchestration;

namespace Sluice.Worker.Tests;

/// <summary>The POSIX rows are what Python's <c>shlex.split</c> answers, the Windows rows what the Microsoft C runtime documents.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string, string[]> Posix => new()
    {
        { "a b  c", ["a", "b", "c"] },
        { " a\tb\n", ["a", "b"] },
        { "a 'b c' d", ["a", "b c", "d"] },
        { "a \"b c\" d", ["a", "b c", "d"] },
        { """a\ b""", ["a b"] },
        { """ "a\b" """, ["""a\b"""] },
        { """ "a\"b\\c" """, ["""a"b\c"""] },
        { """'a\'""", ["""a\"""] },
        { "''", [""] },
        { "a\"\"b", ["ab"] },
        { "$HOME && x | y > z # c", ["$HOME", "&&", "x", "|", "y", ">", "z", "#", "c"] },
        { """'it'\''s'""", ["it's"] },
        { "é \"ü\"", ["é", "ü"] },
        { "a=b \"c d\"=e", ["a=b", "c d=e"] },
        { "a\\\nb", ["a\nb"] },
        { "\"a\\\nb\"", ["a\\\nb"] },
        { "bash -c 'echo \"$X\"'", ["bash", "-c", "echo \"$X\""] },
        { "", [] },
    };

    public static TheoryData<string, string[]> Windows => new()
    {
        { """a "b c" d""", ["a", "b c", "d"] },
        { """a'b c'd""", ["a'b", "c'd"] },
        { """C:\tools\x.exe \\server\share""", ["""C:\tools\x.exe""", """\\server\share"""] },
        { """ "C:\Program Files\x\\" y""", ["""C:\Program Files\x\""", "y"] },
        { """a\\\"b c""", ["""a\"b""", "c"] },
        { """ "a ""b"" c" d""", ["""a "b" c""", "d"] },
        { """ "" x""", ["", "x"] },
    };

    [Theory]
    [MemberData(nameof(Posix))]
    public void Posix_commands_are_split_like_shlex(string command, string[] words) =>
        ShellWords.Split(command).ShouldBe(words);

    [Theory]
    [MemberData(nameof(Windows))]
    public void Windows_commands_are_split_like_the_C_runtime(string command, string[] words) =>
        CommandLine.SplitWindows(command).ShouldBe(words);

    [Theory]
    [InlineData("\"unclosed", "the quotation that begins at character 1 is not closed")]
    [InlineData("a 'b", "the quotation that begins at character 3 is not closed")]
    [InlineData("a\\", "nothing follows its last backslash")]
    public void An_unclosed_command_says_where(string command, string message) =>
        Should.Throw<FormatException>(() => ShellWords.Split(command)).Message.ShouldBe(message);

    [Fact]
    public void An_unclosed_Windows_command_is_refused() =>
        Should.Throw<FormatException>(() => CommandLine.SplitWindows(""" "C:\Program Files\x\" y""")).Message.ShouldBe("a quotation is not closed");

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public void An_empty_command_is_refused(string command) =>
        Should.Throw<FormatException>(() => CommandLine.Split(command)).Message.ShouldBe("it is empty");
}
