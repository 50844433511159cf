using System.Text.Json;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Converters of the user's: what is wrong with them is said at compile time, at its place; what they refuse in spite of their schema, by the run.</summary>
public class ConverterTests
{
    private const string Converter = """
        public sealed class Conv : JsonConverter<Money>
        {
            public static int Made;
            public Conv() => Made++;
            public override Money Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(decimal.Parse(reader.GetString()!));
            public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => writer.WriteStringValue($"{value.Amount}");
        }
        """;

    [Theory]
    [InlineData("[JsonConverter(typeof(Conv))]", "{|SLC0205:Money|}", "m: Money has the converter Conv; say what JSON that takes with [JsonSchema(\"…\")] on the member, the type or the converter")]
    [InlineData("[JsonConverter(typeof(Conv)), JsonSchema(\"{\\\"type\\\": {|SLC0205:\\\"text\\\"|}}\")]", "Money", "m: the schema of Conv: the types are null, boolean, integer, number, string, array, object")]
    [InlineData("[JsonConverter(typeof(Conv)), JsonSchema(\"{\\\"if\\\": {|SLC0205:{}|}}\")]", "Money", "m: the schema of Conv: the keyword 'if' is not supported here")]
    [InlineData("[JsonConverter(typeof(Conv)), JsonSchema(@\"{{|SLC0205:\"|})]", "Money", "m: the schema of Conv: a name in double quotes is missing")]
    [InlineData("[JsonConverter(typeof(Conv)), JsonSchema(@\"{\"\"pattern\"\": {|SLC0205:\"\"(a)\\\\1\"\"|}}\")]", "Money", null)]
    [InlineData("[JsonConverter(typeof(Conv)), JsonSchema(@\"{\"\"minimum\"\": 1, \"\"exclusiveMinimum\"\": {|SLC0205:2|}}\")]", "Money", "m: the schema of Conv: give one bound, the exclusive one or the other")]
    [InlineData("[JsonConverter(typeof(JsonStringEnumConverter))]", "Money", "")]
    [InlineData("[JsonConverter(typeof(Wrong)), JsonSchema(\"{}\")]", "{|SLC0201:Money|}", "Parameter 'm' cannot be read from JSON: Money has the converter Wrong, which converts int")]
    [InlineData("[JsonConverter(typeof(Hidden)), JsonSchema(\"{}\")]", "{|SLC0201:Money|}", "Parameter 'm' cannot be read from JSON: Money has the converter Hidden, which has no accessible constructor without parameters")]
    public async Task A_converter_that_cannot_be_used_is_explained(string attributes, string type, string? message)
    {
        var messages = await AnalyzerTest.Run($$"""
            using System.Text.Json;
            using System.Text.Json.Serialization;
            {{attributes}}
            public readonly record struct Money(decimal Amount);
            {{Converter}}
            public abstract class Wrong : JsonConverter<int> { }
            public class Hidden : JsonConverter<Money>
            {
                private Hidden() { }
                public override Money Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => default;
                public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) { }
            }
            public static class F { [Flow] public static void Run({{type}} m) { } }
            """.Replace("public abstract class Wrong : JsonConverter<int> { }", """
            public class Wrong : JsonConverter<int>
            {
                public override int Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => 0;
                public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) { }
            }
            """));
        if (message is null)
            messages.ShouldHaveSingleItem().ShouldStartWith("m: the schema of Conv: the pattern is not portable: ");
        else
            messages.ShouldBe(message.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_result_needs_no_schema_for_its_converter() => (await Generated.Invoke(GeneratorTest.Run($$"""
        using System.Text.Json;
        using System.Text.Json.Serialization;
        [JsonConverter(typeof(Conv))] public readonly record struct Money(decimal Amount);
        {{Converter}}
        public static class F { [Flow] public static Money[] Run() => [new(1.5m)]; }
        """).Flow, "{}")).ShouldBe("[\"1.5\"]");

    [Fact]
    public async Task The_schema_decides_and_the_converter_runs_with_the_call_only()
    {
        Generated generated = GeneratorTest.Run($$"""
            using System.Text.Json;
            using System.Text.Json.Serialization;
            [JsonConverter(typeof(Conv))]
            [JsonSchema("{\"type\":\"string\",\"maxLength\":5}")]
            public readonly record struct Money(decimal Amount);
            {{Converter}}
            public static class F { [Flow] public static Money Run(Money m) => m; }
            """);
        var made = generated.Assembly.GetType("Conv")!.GetField("Made")!;
        Generated.Problems(generated.Flow, """{"m":"123456"}""").ShouldBe(["$.m: expected a string of at most 5 characters, found \"123456\""]);
        Generated.Problems(generated.Flow, """{"m":"12.5"}""").ShouldBeEmpty();
        made.GetValue(null).ShouldBe(0);
        (await Generated.Invoke(generated.Flow, """{"m":"12.5"}""")).ShouldBe("\"12.5\"");
        (await Should.ThrowAsync<JsonException>(() => Generated.Invoke(generated.Flow, """{"m":"x"}"""))).Message
            .ShouldStartWith("$.m: Conv refuses what its declared schema takes: ");
    }
}
