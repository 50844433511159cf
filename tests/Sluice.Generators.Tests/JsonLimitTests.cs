using System.Text;
using System.Text.Json;
using Sluice.Generators.Tests.Harness;
using Sluice.Runtime;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Tests;

/// <summary>What JSON's grammar allows and no value is made of: an error with its path, never an exception or an overflow.</summary>
public class JsonLimitTests
{
    private static readonly Lazy<Generated> Compiled = new(() => GeneratorTest.Run("""
        using System.Text.Json;
        using System.Text.Json.Nodes;
        public enum Color { Red }
        public record Node(Node? Next, int N = 0);
        public record Named(string Name);
        public static class Flows
        {
            [Flow("text")] public static string Text(string value) => value;
            [Flow("color")] public static Color Color(Color value) => value;
            [Flow("uri")] public static Uri Uri(Uri value) => value;
            [Flow("named")] public static Named Named(Named value) => value;
            [Flow("words")] public static Dictionary<string, int> Words(Dictionary<string, int> value) => value;
            [Flow("set")] public static HashSet<Named> Set(HashSet<Named> value) => value;
            [Flow("any")] public static object? Any(object? value) => value;
            [Flow("node")] public static Node Nodes(Node value) => value;
            [Flow("json")] public static JsonNode? Json(JsonNode? value) => value;
            [Flow("numbers")] public static decimal[] Numbers(decimal[] value) => value;
            [Flow("integers")] public static Int128[] Integers(Int128[] value) => value;
        }
        """));

    private static FlowDefinition Flow(string name) => Compiled.Value.Flows.Single(flow => flow.Name == name);

    [Theory]
    [InlineData("text", "\"\\ud800\"", "$.value: expected a string, found text that is not valid Unicode")]
    [InlineData("text", "\"\\udc00\\ud800\"", "$.value: expected a string, found text that is not valid Unicode")]
    [InlineData("color", "\"\\ud800\"", "$.value: expected one of Red, found text that is not valid Unicode")]
    [InlineData("uri", "\"urn:\\ud800\"", "$.value: expected a URI as https://example.org/data, found text that is not valid Unicode")]
    [InlineData("named", "{\"\\ud800\":1,\"name\":\"a\"}", "$.value: has a name that is not valid Unicode")]
    [InlineData("named", "\"\\ud800\"", "$.value: expected an object, found text that is not valid Unicode")]
    [InlineData("words", "{\"\\ud800\":1}", "$.value: has a name that is not valid Unicode")]
    [InlineData("set", "[{\"name\":\"\\ud800\"}]", "$.value[0].name: expected a string, found text that is not valid Unicode")]
    [InlineData("any", "[{\"a\":\"\\ud800\"}]", "$.value[0].a: is text that is not valid Unicode")]
    [InlineData("any", "[{\"a\":1,\"b\":{\"\\ud800\":1}}]", "$.value[0].b: has a name that is not valid Unicode")]
    [InlineData("json", "{\"a\":1,\"a\":2}", "$.value.a: stands there twice")]
    public void Text_that_is_no_Unicode_is_refused(string flow, string value, string problem) =>
        Generated.Problems(Flow(flow), $$"""{"value":{{value}}}""").ShouldBe([problem]);

    [Theory]
    [InlineData("text", "expected a string, found text that is not valid Unicode")]
    [InlineData("any", "is text that is not valid Unicode")]
    [InlineData("color", "expected one of Red, found text that is not valid Unicode")]
    public void Bytes_that_are_no_UTF8_are_refused(string flow, string problem)
    {
        byte[] json = [.. "{\"value\":\""u8, 0xff, 0xc3, 0x28, .. "\"}"u8];
        using JsonDocument document = JsonDocument.Parse(json);
        var errors = new BindingErrors();
        Flow(flow).Bind(document.RootElement, errors).ShouldBeNull();
        errors.Items.ShouldHaveSingleItem().ShouldBe(new BindingError("$.value", problem));
    }

    [Theory]
    [InlineData("any", "[", "]", 63, true)]
    [InlineData("any", "[", "]", 64, false)]
    [InlineData("any", "[", "]", 900, false)]
    [InlineData("json", "{\"a\":", "}", 900, false)]
    [InlineData("node", "{\"next\":", "}", 63, true)]
    [InlineData("node", "{\"next\":", "}", 64, false)]
    [InlineData("node", "{\"next\":", "}", 900, false)]
    public void What_nests_too_deep_is_refused_where_it_does(string flow, string open, string close, int depth, bool fits)
    {
        string value = string.Concat(Enumerable.Repeat(open, depth)) + (flow == "node" ? "null" : "1") + string.Concat(Enumerable.Repeat(close, depth));
        using JsonDocument document = JsonDocument.Parse($$"""{"value":{{value}}}""", new() { MaxDepth = 1000 });
        var errors = new BindingErrors();
        (Flow(flow).Bind(document.RootElement, errors) is not null).ShouldBe(fits);
        errors.Items.Count.ShouldBe(fits ? 0 : 1);
        if (!fits)
            errors.Items[0].Message.ShouldBe("nests deeper than 64 levels");
    }

    [Fact]
    public async Task Numbers_are_read_exactly_however_they_are_written()
    {
        (await Generated.Invoke(Flow("numbers"), """{"value":[0.1,1e-28,79228162514264337593543950335,12345678901234567890.123456789,1e2,-0.00]}"""))
            .ShouldBe("[0.1,0.0000000000000000000000000001,79228162514264337593543950335,12345678901234567890.123456789,100,0.00]");
        Generated.Problems(Flow("numbers"), """{"value":[79228162514264337593543950335.4,1e29]}""").Count.ShouldBe(2);
        string zeros = new('0', 100_000);
        (await Generated.Invoke(Flow("integers"), $$"""{"value":[1{{zeros}}e-100000,0.{{zeros}}e99999999999999999999,-5.{{zeros}}]}""")).ShouldBe("[1,0,-5]");
        Generated.Problems(Flow("integers"), $$"""{"value":[1{{zeros}},0.{{zeros}}1,1e99999999999999999999,-1e-99999999999999999999]}""").Count.ShouldBe(4);
    }

    [Fact]
    public void A_long_value_is_shortened_in_the_message()
    {
        string problem = Generated.Problems(Flow("color"), $$"""{"value":"{{new string('x', 1_000_000)}}"}""").ShouldHaveSingleItem();
        problem.Length.ShouldBeLessThan(100);
        Generated.Problems(Flow("words"), $$"""{"value":{"{{new string('x', 1_000_000)}}":"a"} }""").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_set_of_many_items_is_read_in_time_that_grows_with_them()
    {
        // Comparing each with each would take some ten billion steps.
        string items = string.Join(",", Enumerable.Range(0, 100_000).Select(i => $$"""{"name":"{{i}}"}"""));
        (await Generated.Invoke(Flow("set"), $$"""{"value":[{{items}}]}""")).Length.ShouldBe(items.Length + 2);
    }
}
