using System.Text.Json;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Attributes in schema, binder and compile-time check. The rows of <see cref="ConstraintCases"/> are also what random instances are made for.</summary>
public class ConstraintTests
{
    [Fact]
    public void Each_attribute_has_its_keywords()
    {
        for (int i = 0; i < ConstraintCases.Rows.Length; i++)
        {
            JsonElement value = ConstraintCases.Schema(i).GetProperty("properties").GetProperty("value");
            var kept = value.EnumerateObject().Where(member => member.Name is not ("title" or "position")).Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}");
            $"{{{string.Join(",", kept)}}}".ShouldBe(ConstraintCases.Rows[i].Schema, ConstraintCases.Rows[i].Type);
        }
    }

    [Fact]
    public void Each_attribute_takes_and_refuses_alike_in_binder_schema_and_check()
    {
        for (int i = 0; i < ConstraintCases.Rows.Length; i++)
        {
            TypeCases.Row row = ConstraintCases.Rows[i];
            var flow = ConstraintCases.Flow(i);
            var schema = Schemas.ParameterSchema.Parse(ConstraintCases.Schema(i));
            foreach ((string text, bool fits) in row.Accepts.Select(text => (text, true)).Concat(row.Refuses.Select(text => (text, false))))
            {
                Generated.Problems(flow, $$"""{"value":{{text}}}""").Any().ShouldBe(!fits, $"binder: {row.Type}: {text}");
                schema.Validate(new Dictionary<string, JsonElement> { ["value"] = JsonElement.Parse(text) }).Any().ShouldBe(!fits, $"schema: {row.Type}: {text}");
                ConstraintCases.Check(i, text).ShouldBe(fits, $"check: {row.Type}: {text}");
            }
        }
    }

    [Theory]
    [InlineData("[Range(1, 10)] int", "0", "$.value: expected a number from 1 to 10, found 0")]
    [InlineData("[Range(0.5, 1, MinimumIsExclusive = true)] double", "0.5", "$.value: expected a number above 0.5 and of at most 1, found 0.5")]
    [InlineData("[StringLength(3)] string", "\"abcd\"", "$.value: expected a string of at most 3 characters, found \"abcd\"")]
    [InlineData("[Length(1, 1)] int[]", "[]", "$.value: expected an array with exactly 1 item, found an array")]
    [InlineData("[RegularExpression(\"[A-Z]{3}\")] string", "\"x\"", "$.value: expected a string that matches [A-Z]{3}, found \"x\"")]
    [InlineData("[EmailAddress] string", "\"x\"", "$.value: expected an email address as ada@example.org, found \"x\"")]
    [InlineData("[AllowedValues(\"a\", \"b\")] string", "\"x\"", "$.value: expected one of \"a\", \"b\", found \"x\"")]
    [InlineData("[DeniedValues(0)] int", "0.0", "$.value: expected none of 0, found 0.0")]
    [InlineData("[Required] string?", "null", "$.value: expected a value, found null")]
    [InlineData("[Range(1, 10)] int", "\"x\"", "$.value: expected an integer from -2147483648 to 2147483647, found \"x\"")]
    [InlineData("[Secret, StringLength(3)] string", "\"abcd\"", "$.value: expected a string of at most 3 characters, found ********")]
    [InlineData("[Secret] string", "12345", "$.value: expected a string, found ********")]
    [InlineData("Login", "{\"user\":5,\"password\":12345}", "$.value.user: expected a string, found 5|$.value.password: expected a string, found ********")]
    [InlineData("[Length(1, 2)] List<Login>", "[{\"user\":\"a\",\"password\":\"longer\"}]", "$.value[0].password: expected a string of at most 3 characters, found ********")]
    public void What_is_refused_is_said_in_one_line(string parameter, string text, string said)
    {
        Generated generated = GeneratorTest.Run(ConstraintCases.Usings + $$"""
            public record Login(string User, [property: Secret, StringLength(3)] string Password);
            public static class F { [Flow] public static void Run({{parameter}} value) { } }
            """);
        string.Join('|', Generated.Problems(generated.Flow, $$"""{"value":{{text}}}""")).ShouldBe(said);
    }

    [Fact]
    public async Task Defaults_of_attributes_stand_in_for_what_is_missing()
    {
        Generated generated = GeneratorTest.Run(ConstraintCases.Usings + """
            public enum Color { Red, Blue }
            public class Options
            {
                [DefaultValue(7)] public int Days { get; set; }
                [DefaultValue("2026-01-31")] public DateOnly Day { get; init; }
                [DefaultValue(typeof(decimal), "1.50")] public decimal Price { get; set; } = 9;
                [DefaultValue(Color.Blue)] public Color Color { get; set; }
                [Required] public string Name { get; set; } = "";
            }
            public record Point(int X, [property: DefaultValue(5)] int Y);
            public static class F { [Flow] public static string Run([DefaultValue("PT15M")] TimeSpan wait, Options options, Point point) => $"{wait} {options.Days} {options.Day:O} {options.Price} {options.Color} {options.Name} {point.Y}"; }
            """);
        (await Generated.Invoke(generated.Flow, """{"options":{"name":"n"},"point":{"x":1}}""")).ShouldBe("\"00:15:00 7 2026-01-31 1.50 Blue n 5\"");
        (await Generated.Invoke(generated.Flow, """{"wait":"PT1M","options":{"name":"n","days":1,"day":"2026-02-01","price":2,"color":"Red"},"point":{"x":1,"y":2}}"""))
            .ShouldBe("\"00:01:00 1 2026-02-01 2 Red n 2\"");
        Generated.Problems(generated.Flow, """{"options":{},"point":{"x":1}}""").ShouldBe(["$.options.name: is required"]);
        JsonElement schema = generated.Schema;
        schema.GetProperty("required").ToString().ShouldBe("""["options","point"]""");
        JsonElement options = schema.GetProperty("definitions").GetProperty("Options");
        options.GetProperty("required").ToString().ShouldBe("""["name"]""");
        options.GetProperty("properties").EnumerateObject().Where(member => member.Value.TryGetProperty("default", out _))
            .Select(member => member.Value.GetProperty("default").GetRawText()).ShouldBe(["7", "\"2026-01-31\"", "1.50", "\"Blue\""]);
    }

    [Fact]
    public void Labels_are_title_description_and_position()
    {
        JsonElement schema = GeneratorTest.Run(ConstraintCases.Usings + """
            public record Place([Display(Name = "Town", Description = "Where", Order = 4)] string City, [Description("Zip")] string Code);
            public static class F
            {
                /// <param name="days">From the docs.</param><param name="place">Loses.</param>
                [Flow] public static void Run([Display(Name = "How many days", Order = 9)] int days, [Description("Wins")] Place place) { }
            }
            """).Schema;
        JsonElement days = schema.GetProperty("properties").GetProperty("days"), place = schema.GetProperty("properties").GetProperty("place");
        (days.GetProperty("title").GetString(), days.GetProperty("description").GetString(), days.GetProperty("position").GetInt32()).ShouldBe(("How many days", "From the docs.", 9));
        (place.GetProperty("title").GetString(), place.GetProperty("description").GetString(), place.GetProperty("position").GetInt32()).ShouldBe(("place", "Wins", 1));
        JsonElement members = schema.GetProperty("definitions").GetProperty("Place").GetProperty("properties");
        members.GetProperty("city").GetRawText().ShouldBe("""{"type":"string","title":"Town","position":4,"description":"Where"}""");
        members.GetProperty("code").GetRawText().ShouldBe("""{"type":"string","title":"Code","description":"Zip"}""");
    }

    [Fact]
    public void Docs_are_inherited_and_references_short()
    {
        JsonElement manifest = GeneratorTest.Run(ConstraintCases.Usings + """
            public interface INamed
            {
                /// <summary>Its name.</summary>
                string Name { get; }
            }
            /// <summary>A thing.</summary>
            public abstract class Thing
            {
                /// <summary>How much, as <see cref="System.Collections.Generic.Dictionary{System.String, System.Int32}"/>.</summary>
                public virtual int Size { get; set; }
            }
            /// <inheritdoc/>
            public class Box : Thing, INamed
            {
                /// <inheritdoc/>
                public string Name { get; set; } = "";
                /// <inheritdoc/>
                public override int Size { get; set; }
            }
            [Description("One & all")] public enum Kind { A }
            public static class F
            {
                /// <param name="kind">See <see cref="M:F.Run(Box,Kind)"/> and <see langword="null"/>.</param>
                [Flow, Description("Runs.")] public static void Run(Box box, Kind kind) { }
            }
            """).Manifest;
        manifest.GetProperty("description").GetString().ShouldBe("Runs.");
        JsonElement schema = manifest.GetProperty("parameter_openapi_schema");
        schema.GetProperty("properties").GetProperty("kind").GetProperty("description").GetString().ShouldBe("See Run and null.");
        JsonElement box = schema.GetProperty("definitions").GetProperty("Box");
        box.GetProperty("description").GetString().ShouldBe("A thing.");
        box.GetProperty("properties").GetProperty("name").GetProperty("description").GetString().ShouldBe("Its name.");
        box.GetProperty("properties").GetProperty("size").GetProperty("description").GetString().ShouldBe("How much, as Dictionary<String, Int32>.");
        schema.GetProperty("definitions").GetProperty("Kind").GetProperty("description").GetString().ShouldBe("One & all");
    }

    [Fact]
    public void An_exploding_pattern_refuses_and_hangs_nothing()
    {
        Generated generated = GeneratorTest.Run(ConstraintCases.Usings + """
            public static class F { [Flow] public static void Run([RegularExpression("(a+)+b")] string linear, [RegularExpression("(?=a)(a+)+b")] string backtracking) { } }
            """);
        string many = new('a', 2000);
        Generated.Problems(generated.Flow, $$"""{"linear":"{{many}}","backtracking":"{{many}}"}""").Count.ShouldBe(2);
    }
}
