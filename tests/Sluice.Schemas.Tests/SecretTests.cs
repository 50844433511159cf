using System.Text.Json;

namespace Sluice.Schemas.Tests;

/// <summary>A secret is in no message and in nothing that is shown.</summary>
public sealed class SecretTests
{
    private const string Canary = "canary-5c1b";

    private const string Schema = """
        {"type":"object","additionalProperties":false,
         "properties":{
           "token":{"type":"string","format":"password","writeOnly":true,"maxLength":5},
           "maybe":{"anyOf":[{"type":"string","format":"password","writeOnly":true,"maxLength":5},{"type":"null"}]},
           "login":{"$ref":"#/definitions/Login"},
           "logins":{"type":"array","items":{"$ref":"#/definitions/Login"},"uniqueItems":true},
           "byName":{"type":"object","additionalProperties":{"$ref":"#/definitions/Login"}},
           "plain":{"type":"string"}},
         "definitions":{"Login":{"type":"object","properties":{"user":{"type":"string"},"password":{"type":"string","writeOnly":true,"pattern":"^a$"}},"not":{"required":["both"]}}}}
        """;

    [Theory]
    [InlineData("""{"token":"canary-5c1b"}""")]
    [InlineData("""{"token":["canary-5c1b"]}""")]
    [InlineData("""{"maybe":"canary-5c1b"}""")]
    [InlineData("""{"maybe":{"a":"canary-5c1b"}}""")]
    [InlineData("""{"login":{"user":"ada","password":"canary-5c1b"}}""")]
    [InlineData("""{"login":{"user":"ada","password":"canary-5c1b","both":1}}""")]
    [InlineData("""{"logins":[{"user":"ada","password":"canary-5c1b"},{"user":"ada","password":"canary-5c1b"}]}""")]
    [InlineData("""{"byName":{"x":{"password":"canary-5c1b"}}}""")]
    [InlineData("""{"plain":5,"token":"canary-5c1b"}""")]
    public void No_message_shows_it(string value)
    {
        ParameterSchema schema = ParameterSchema.Parse(JsonElement.Parse(Schema));
        IReadOnlyList<SchemaViolation> violations = schema.Validate(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(value)!);
        violations.ShouldNotBeEmpty();
        violations.ShouldAllBe(violation => !violation.Message.Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public void Masked_parameters_keep_all_but_the_secrets()
    {
        ParameterSchema schema = ParameterSchema.Parse(JsonElement.Parse(Schema));
        schema.HasSecrets.ShouldBeTrue();
        var masked = schema.Mask(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"token":"canary-5c1b","maybe":null,"login":{"user":"ada","password":"canary-5c1b"},"logins":[{"password":"canary-5c1b"}],"byName":{"x":{"user":"u","password":"canary-5c1b"}},"plain":"p","odd":1.50}""")!);
        JsonSerializer.Serialize(masked).ShouldBe(
            """{"token":"********","maybe":null,"login":{"user":"ada","password":"********"},"logins":[{"password":"********"}],"byName":{"x":{"user":"u","password":"********"}},"plain":"p","odd":1.50}""");
    }
}
