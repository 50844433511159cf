using System.Text.Json;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests;

/// <summary>How <c>--param NAME=VALUE</c> becomes JSON: by the deployment's schema.</summary>
public sealed class ParameterTableTests
{
    private const string Schema = """
        {"type":"object","properties":{
          "city":{"type":"string"},
          "days":{"type":"integer","default":7},
          "limit":{"type":"number"},
          "wet":{"type":"boolean"},
          "note":{"anyOf":[{"type":"string"},{"type":"null"}]},
          "either":{"anyOf":[{"type":"integer"},{"type":"string"}]},
          "tags":{"type":"array","items":{"type":"string"}},
          "unit":{"$ref":"#/definitions/Unit"},
          "place":{"allOf":[{"$ref":"#/definitions/Place"}]},
          "any":{}
        },"required":["city"],
        "definitions":{"Unit":{"enum":["mm","inch"]},"Place":{"type":"object","properties":{"lat":{"type":"number"}}}}}
        """;

    /// <summary>An option's text and the JSON it becomes.</summary>
    [Theory]
    [InlineData("city=Seattle", "\"Seattle\"")]
    [InlineData("city=7", "\"7\"")]
    [InlineData("city=", "\"\"")]
    [InlineData("city=a=b", "\"a=b\"")]
    [InlineData("city=true", "\"true\"")]
    [InlineData("days=3", "3")]
    [InlineData("days=3.0", "3.0")]
    [InlineData("limit=2.5", "2.5")]
    [InlineData("limit=2", "2")]
    [InlineData("wet=true", "true")]
    [InlineData("note=null", "null")]
    [InlineData("note=hello", "\"hello\"")]
    [InlineData("note=7", "\"7\"")]
    [InlineData("either=7", "7")]
    [InlineData("either=seven", "\"seven\"")]
    [InlineData("tags=[\"a\",\"b\"]", "[\"a\",\"b\"]")]
    [InlineData("unit=mm", "\"mm\"")]
    [InlineData("place={\"lat\":1}", "{\"lat\":1}")]
    [InlineData("any=7", "7")]
    [InlineData("any=text", "\"text\"")]
    public void A_text_is_typed_by_the_schema(string assignment, string expected)
    {
        Dictionary<string, JsonElement> values = Table(Schema).Read(null, [assignment], "f/d");

        values[assignment[..assignment.IndexOf('=')]].GetRawText().ShouldBe(expected);
    }

    /// <summary>An option that cannot be read, and words of the answer.</summary>
    [Theory]
    [InlineData("citi=Seattle", "'f/d' has no parameter 'citi'. Did you mean 'city'? It takes: city (string), days (integer)")]
    [InlineData("days=three", "--param days takes integer, and 'three' is not JSON of that type; write e.g. --param days=7")]
    [InlineData("tags=a", "takes array")]
    [InlineData("nothing", "is not NAME=VALUE")]
    [InlineData("=x", "is not NAME=VALUE")]
    public void What_cannot_be_read_is_bad_usage(string assignment, string expected)
    {
        CliException error = Should.Throw<CliException>(() => Table(Schema).Read(null, [assignment], "f/d"));

        error.ExitCode.ShouldBe(ExitCodes.BadUsage);
        error.Message.ShouldContain(expected);
    }

    [Fact]
    public void Single_parameters_win_over_the_object()
    {
        using JsonDocument given = JsonDocument.Parse("""{"city":"Oslo","days":1}""");

        Dictionary<string, JsonElement> values = Table(Schema).Read(given.RootElement, ["days=2"], "f/d");

        values["city"].GetString().ShouldBe("Oslo");
        values["days"].GetInt32().ShouldBe(2);
        using JsonDocument wrong = JsonDocument.Parse("""{"town":1}""");
        Should.Throw<CliException>(() => Table(Schema).Read(wrong.RootElement, [], "f/d")).Message.ShouldContain("no parameter 'town'");
    }

    [Fact]
    public void Without_a_schema_any_name_is_taken_and_texts_that_are_json_are_json()
    {
        Dictionary<string, JsonElement> values = Table(null).Read(null, ["n=3", "s=text"], "f/d");

        values["n"].GetInt32().ShouldBe(3);
        values["s"].GetString().ShouldBe("text");
    }

    private static ParameterTable Table(string? schema) => ParameterTable.Of(new Deployment
    {
        Id = Guid.NewGuid(),
        FlowId = Guid.NewGuid(),
        Name = "d",
        ParameterOpenapiSchema = schema is null ? null : JsonDocument.Parse(schema).RootElement,
    });
}
