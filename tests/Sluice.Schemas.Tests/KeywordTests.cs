using System.Text.Json;

namespace Sluice.Schemas.Tests;

/// <summary>One keyword a line: the schema of the parameter x, a value, and what is said of it (nothing: it fits).</summary>
public sealed class KeywordTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "3", "")]
    [InlineData("""{"type":"integer"}""", "3.0", "")]
    [InlineData("""{"type":"integer"}""", "1e3", "")]
    [InlineData("""{"type":"integer"}""", "1e40", "")]
    [InlineData("""{"type":"integer"}""", "3.5", "$.x 3.5 is not an integer")]
    [InlineData("""{"type":"integer"}""", "true", "$.x true is not an integer")]
    [InlineData("""{"type":"integer"}""", "\"3\"", "$.x \"3\" is not an integer")]
    [InlineData("""{"type":"number"}""", "3", "")]
    [InlineData("""{"type":"string"}""", "null", "$.x null is not a string")]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"type":["null","string"]}""", "5", "$.x 5 is not a string or null")]
    [InlineData("true", "5", "")]
    [InlineData("false", "5", "$.x 5 is not allowed here")]
    [InlineData("{}", "[1,{}]", "")]
    [InlineData("""{"enum":["red","green",1]}""", "\"red\"", "")]
    [InlineData("""{"enum":["red","green",1]}""", "1.0", "")]
    [InlineData("""{"enum":["red","green",1]}""", "true", "$.x true is not one of \"red\", \"green\", 1")]
    [InlineData("""{"const":{"a":[1,2],"b":null}}""", """{"b":null,"a":[1.0,2]}""", "")]
    [InlineData("""{"const":"cat"}""", "\"dog\"", "$.x \"dog\" is not \"cat\"")]
    [InlineData("""{"minimum":0,"maximum":255}""", "256", "$.x 256 is above the maximum of 255")]
    [InlineData("""{"minimum":-128}""", "-129", "$.x -129 is below the minimum of -128")]
    [InlineData("""{"maximum":9223372036854775807}""", "9223372036854775807", "")]
    [InlineData("""{"maximum":9223372036854775807}""", "9223372036854775808", "$.x 9223372036854775808 is above the maximum of 9223372036854775807")]
    [InlineData("""{"exclusiveMinimum":0}""", "0", "$.x 0 is not above 0")]
    [InlineData("""{"exclusiveMaximum":1}""", "1.0", "$.x 1.0 is not below 1")]
    [InlineData("""{"multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"multipleOf":5}""", "7", "$.x 7 is not a multiple of 5")]
    [InlineData("""{"minimum":5}""", "\"text\"", "")]
    [InlineData("""{"minLength":2}""", "\"🌍\"", "$.x \"🌍\" is shorter than 2 characters")]
    [InlineData("""{"maxLength":2}""", "\"🌍🌍\"", "")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "$.x \"ab\" is longer than 1 character")]
    [InlineData("""{"pattern":"^a+$"}""", "\"aab\"", "$.x \"aab\" does not match the pattern ^a+$")]
    [InlineData("""{"pattern":"b"}""", "\"abc\"", "")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1,\"a\"]", "$.x[1] \"a\" is not an integer")]
    [InlineData("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":2,"maxItems":2}""", "[1,\"a\"]", "")]
    [InlineData("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"maxItems":2}""", "[\"a\",\"a\",1]", "$.x has 3 items, may have at most 2|$.x[0] \"a\" is not an integer")]
    [InlineData("""{"items":[{"type":"integer"}]}""", "[\"a\"]", "$.x[0] \"a\" is not an integer")]
    [InlineData("""{"prefixItems":[{"type":"integer"}],"items":{"type":"string"}}""", "[1,2]", "$.x[1] 2 is not a string")]
    [InlineData("""{"minItems":1}""", "[]", "$.x has 0 items, needs at least 1")]
    [InlineData("""{"uniqueItems":true}""", """[1,{"a":1,"b":2},{"b":2,"a":1.0}]""", "$.x[2] {\"b\":2,\"a\":1.0} repeats $.x[1]; items must be unique")]
    [InlineData("""{"uniqueItems":true}""", "[1,true,\"1\",[1]]", "")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a","b c"]}""", "{}", "$.x.a is required|$.x['b c'] is required")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1,"A":2}""", "$.x.A is not a known property; did you mean a?")]
    [InlineData("""{"properties":{"dueDate":{}},"additionalProperties":false}""", """{"due_date":1}""", "$.x.due_date is not a known property; did you mean dueDate?")]
    [InlineData("""{"additionalProperties":{"type":"integer"}}""", """{"a":1,"b":"c"}""", "$.x.b \"c\" is not an integer")]
    [InlineData("""{"patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":false}""", """{"n_a":1,"n_b":"2","c":3}""", "$.x.n_b \"2\" is not an integer|$.x.c is not a known property; there are none")]
    [InlineData("""{"minProperties":1,"maxProperties":2}""", "{}", "$.x has 0 members, needs at least 1")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":3}]}""", "5", "$.x 5 is above the maximum of 3")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "null", "")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "\"a\"", "$.x \"a\" is not an integer or null")]
    [InlineData("""{"anyOf":[{"type":"integer","maximum":5},{"type":"string"}]}""", "6", "$.x 6 is above the maximum of 5")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "6", "$.x 6 fits 2 of the 2 alternatives; it must fit exactly one")]
    [InlineData("""{"oneOf":[{"properties":{"kind":{"const":"cat"},"lives":{"type":"integer"}},"type":"object"},{"properties":{"kind":{"const":"dog"}},"type":"object"}]}""", """{"lives":"9","kind":"cat"}""", "$.x.lives \"9\" is not an integer")]
    [InlineData("""{"not":{"type":"integer"}}""", "5", "$.x 5 is excluded by the schema")]
    [InlineData("""{"maximum":79228162514264337593543950335}""", "79228162514264337593543950336", "$.x 79228162514264337593543950336 is above the maximum of 79228162514264337593543950335")]
    [InlineData("""{"maximum":0.3}""", "0.30000000000000000001", "$.x 0.30000000000000000001 is above the maximum of 0.3")]
    [InlineData("""{"maximum":1e400,"type":"integer"}""", "1e399", "")]
    [InlineData("""{"type":"integer"}""", "1e-400", "$.x 1e-400 is not an integer")]
    [InlineData("""{"enum":[1,"a",{"n":[2.0]}]}""", "1.0", "")]
    [InlineData("""{"enum":[1,"a",{"n":[2.0]}]}""", "{\"n\":[2]}", "")]
    [InlineData("""{"enum":[1e400]}""", "10e399", "")]
    [InlineData("""{"const":1}""", "true", "$.x true is not 1")]
    [InlineData("""{"uniqueItems":true}""", "[1,1.0]", "$.x[1] 1.0 repeats $.x[0]; items must be unique")]
    [InlineData("""{"multipleOf":0.01}""", "1e300", "")]
    [InlineData("""{"multipleOf":3}""", "1e300", "$.x 1e300 is not a multiple of 3")]
    [InlineData("""{"propertyNames":{"pattern":"^[a-z]+$"}}""", "{\"a\":1,\"B\":2}", "$.x.B the name \"B\" does not match the pattern ^[a-z]+$")]
    [InlineData("""{"pattern":"^a$"}""", "\"a\\n\"", "$.x \"a\\u000a\" does not match the pattern ^a$")]
    [InlineData("""{"pattern":"^.$"}""", "\"😀\"", "")]
    [InlineData("""{"prefixItems":[{"type":"integer"}],"items":false}""", "[1,2]", "$.x[1] 2 is not allowed here")]
    [InlineData("""{"type":"string"}""", "\"\\ud800\"", "$.x holds half of a surrogate pair, which is no text")]
    [InlineData("""{"discriminator":{"propertyName":"kind"},"oneOf":[{"const":1}]}""", "1", "")]
    [InlineData("""{"if":{"type":"integer"},"unevaluatedItems":false}""", "5", "")]
    public void A_keyword_accepts_and_refuses(string schema, string value, string said) => Say(schema, value).ShouldBe(said);

    [Theory]
    [InlineData("date-time", "2026-01-31T06:00:00Z 2026-01-31T06:00:00.1234567+02:00 2026-01-31T06:00:00 2026-01-31T06:00", "2026-02-30T06:00:00Z 2026-01-31 today 2026-01-31T25:00:00Z")]
    [InlineData("date", "2026-01-31", "2026-1-31 2026-02-30 31.01.2026")]
    [InlineData("time", "06:00:00 06:00 06:00:00.5Z", "25:00:00 6")]
    [InlineData("duration", "PT15M P1DT2H P2W PT0.5S -PT5M P1Y2M 00:15:00 1.00:00:00", "15m P PT P1DT P1D2Y 00:15")]
    [InlineData("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000 x")]
    [InlineData("uri", "https://example.org/a?b=c /relative s3://bucket/key https://bücher.example/ü", "http://a<b {x}")]
    [InlineData("email", "a@b", "ab a@ @b a@b@c")]
    [InlineData("byte", "AAEC", "AAE! A")]
    [InlineData("path", "/tmp/x", "")]
    [InlineData("password", "secret", "")]
    public void A_format_accepts_and_refuses(string format, string accepted, string refused)
    {
        string schema = $$"""{"type":"string","format":"{{format}}"}""";
        foreach (string value in accepted.Split(' '))
            Say(schema, JsonSerializer.Serialize(value)).ShouldBeEmpty(value);
        foreach (string value in refused.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Say(schema, JsonSerializer.Serialize(value)).ShouldStartWith($"$.x \"{value}\" is not ", customMessage: value);
    }

    private static string Say(string schema, string value)
    {
        ParameterSchema parsed = ParameterSchema.Parse(JsonElement.Parse($$"""{"type":"object","properties":{"x":{{schema}} } }"""));
        return string.Join('|', parsed.Validate(new Dictionary<string, JsonElement> { ["x"] = JsonElement.Parse(value) }).Select(x => $"{x.Path} {x.Message}"));
    }
}
