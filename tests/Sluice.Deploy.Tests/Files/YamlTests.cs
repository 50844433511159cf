using System.Text.Json.Nodes;
using Sluice.Deploy.Files;
using Sluice.Deploy.Files.Yaml;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Files;

public sealed class YamlTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("False", "false")]
    [InlineData("null", "null")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("12", "12")]
    [InlineData("-3", "-3")]
    [InlineData("+3", "3")]
    [InlineData("0x1F", "31")]
    [InlineData("1.50", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("1.0e+20", "1E+20")]
    [InlineData("0 6 * * *", "\"0 6 * * *\"")]
    [InlineData("2026-11-22", "\"2026-11-22\"")]
    [InlineData("1.2.0+0123456789ab", "\"1.2.0+0123456789ab\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("\"a\\nb\"", "\"a\\nb\"")]
    [InlineData("[1, a, {b: null}]", "[1,\"a\",{\"b\":null}]")]
    public void A_value_is_read_as_every_reader_of_YAML_reads_it(string yaml, string json) =>
        JsonNode.DeepEquals(((YamlMapping)YamlReader.Read($"k: {yaml}\n")!)["k"]!.ToJson(), JsonNode.Parse(json)).ShouldBeTrue();

    [Theory]
    [InlineData("yes", "true")]
    [InlineData("NO", "false")]
    [InlineData("off", "false")]
    [InlineData("010", "number")]
    [InlineData("0o17", "number")]
    [InlineData("1_000", "number")]
    [InlineData("12:30", "number")]
    [InlineData("1e3", "number")]
    [InlineData(".inf", "JSON")]
    public void What_versions_of_YAML_read_differently_is_refused_with_the_way_out(string yaml, string word)
    {
        FileFault fault = Should.Throw<FileFaultException>(() => ((YamlMapping)YamlReader.Read($"a: 1\nk: {yaml}\n")!).ToJson()).Fault;
        (fault.Line, fault.Column, fault.Code).ShouldBe((2, 4, "SLC1113"));
        fault.Message.ShouldContain($"\"{yaml}\"");
        fault.Message.ShouldContain(word);
    }

    [Theory]
    [InlineData("a: 1\n\tb: 2\n", 2, 1, "tab")]
    [InlineData("a: &x 1\nb: *x\n", 1, 4, "&x")]
    [InlineData("b: *x\n", 1, 4, "*x")]
    [InlineData("a: !!python/object:os.system x\n", 1, 4, "tag")]
    [InlineData("a: 1\n---\nb: 2\n", 2, 1, "second document")]
    [InlineData("a: [1,\n", 2, 1, "not YAML")]
    [InlineData("a: 1\n b: 2\n", 2, 3, "not YAML")]
    [InlineData("? [a]\n: 1\n", 2, 3, "A key is a text")]
    public void What_is_no_plain_YAML_is_refused_with_its_place(string yaml, int line, int column, string word)
    {
        FileFault fault = Should.Throw<FileFaultException>(() => YamlReader.Read(yaml)).Fault;
        (fault.Line, fault.Column, fault.Code).ShouldBe((line, column, "SLC1111"));
        fault.Message.ShouldContain(word);
    }

    [Fact]
    public void A_key_that_stands_twice_names_both_lines()
    {
        FileFault fault = Should.Throw<FileFaultException>(() => YamlReader.Read("name: a\ntags: []\nname: b\n")).Fault;
        (fault.Line, fault.Column, fault.Code).ShouldBe((3, 1, "SLC1112"));
        fault.Message.ShouldContain("line 1");
    }

    [Fact]
    public void Depth_and_length_have_bounds()
    {
        Should.Throw<FileFaultException>(() => YamlReader.Read(new string('[', 100_000))).Fault.Message.ShouldContain("40 deep");
        Should.Throw<FileFaultException>(() => YamlReader.Read(new string(' ', YamlReader.MaxLength + 1))).Fault.Message.ShouldContain("characters");
    }

    [Fact]
    public void Whatever_is_written_is_read_again_as_it_was()
    {
        var random = new Random(Fuzz.Seed);
        for (int i = 0; i < Fuzz.Count(3_000); i++)
        {
            var value = new JsonObject { ["k"] = Random(random, 0), [Text(random)] = Random(random, 0) };
            string yaml = string.Concat(value.Select(pair => YamlWriter.Entry(pair.Key, pair.Value)));
            JsonNode? read = Should.NotThrow(() => YamlReader.Read(yaml)!.ToJson(), $"seed {Fuzz.Seed}: {value.ToJsonString()} was written as\n{yaml}");
            JsonNode.DeepEquals(read, value).ShouldBeTrue($"seed {Fuzz.Seed}: {value.ToJsonString()} was written as\n{yaml}\nand read as {read?.ToJsonString()}");
        }
    }

    private static JsonNode? Random(Random random, int depth) => random.Next(depth > 3 ? 6 : 9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-1000, 1000)),
        3 => JsonNode.Parse(random.Next(3) switch { 0 => "1.5", 1 => "1e20", _ => "-2.5E-7" }),
        4 or 5 => JsonValue.Create(Text(random)),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Random(random, depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create(Text(random) + i, Random(random, depth + 1)))),
    };

    private static readonly string[] s_parts =
        ["a", "yes", "no", "null", "1", "-", ":", " ", "#", "'", "\"", "\n", "\\", "{", "]", ",", "é", "日本", "😀", "\t", "\u0085", "\u2028", "|", ">", "%", "@", "`", "&", "*", "!", "0x1", "1_0", "12:30", "~", "=", "2026-11-22", "---", "...", "\r", "\uFEFF", "? ", "- "];

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => s_parts[random.Next(s_parts.Length)]));
}
