using System.Text;
using Sluice.Worker.Runs;

namespace Sluice.Worker.Tests;

public sealed class LineReaderTests
{
    public static TheoryData<string, string[]> Texts => new()
    {
        { "", [] },
        { "one", ["one"] },
        { "one\ntwo\n", ["one", "two"] },
        { "one\r\ntwo\rthree\n\nfive", ["one", "two", "three", "", "five"] },
        { "12345678", ["12345678"] },
        { "12345678\n9", ["12345678", "9"] },
        { "123456789", ["12345678", "9"] },
        { "1234567\U0001F600x", ["1234567", "\U0001F600x"] },
        { "a\0b\n", ["a\uFFFDb"] },
        { "é√\n", ["é√"] },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_is_cut_into_lines_however_it_arrives(string text, string[] lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int size = 1; size <= bytes.Length + 1; size++)
        {
            var read = new List<string>();
            var reader = new LineReader(longest: 8);
            foreach (byte[] chunk in bytes.Chunk(size))
                reader.Append(chunk, read.Add);
            reader.Complete(read.Add);
            string.Join("|", read).ShouldBe(string.Join("|", lines), $"in chunks of {size}");
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced()
    {
        var read = new List<string>();
        var reader = new LineReader(longest: 100);
        reader.Append([0x61, 0xFF, 0x62, 0x0A, 0xE2, 0x88], read.Add);
        reader.Complete(read.Add);
        read.ShouldBe(["a\uFFFDb", "\uFFFD"]);
    }
}
