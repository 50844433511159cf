using Sluice.Storage.Secrets;

namespace Sluice.Storage.Tests;

/// <summary>The grammar of Python's string.Template, which Prefect's webhook templates use.</summary>
public sealed class SecretTemplateTests
{
    private static readonly Secrets s_secrets = new(("TOKEN", "abc"), ("_a1", "under"), ("EMPTY", ""));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("Bearer ${TOKEN}", "Bearer abc")]
    [InlineData("$TOKEN-$_a1", "abc-under")]
    [InlineData("${TOKEN}${TOKEN}", "abcabc")]
    [InlineData("$$TOKEN $${TOKEN}", "$TOKEN ${TOKEN}")]
    [InlineData("$$$TOKEN", "$abc")]
    [InlineData("${EMPTY}", "")]
    public async Task Names_become_values_and_two_dollars_one(string text, string resolved) =>
        (await SecretTemplate.ResolveAsync(text, "the header", s_secrets, default)).ShouldBe(resolved);

    [Theory]
    [InlineData("100$")]
    [InlineData("$ 5")]
    [InlineData("${}")]
    [InlineData("${TOKEN")]
    [InlineData("${1A}")]
    [InlineData("${naïve}")]
    public async Task A_dollar_that_begins_no_name_is_refused(string text) =>
        (await Should.ThrowAsync<StorageException>(() => SecretTemplate.ResolveAsync(text, "the header", s_secrets, default).AsTask())).Message
            .ShouldBe("A dollar sign in the header begins no name: write ${NAME} for a secret and $$ for the sign itself.");

    [Fact]
    public async Task A_name_that_nobody_knows_is_named() =>
        (await Should.ThrowAsync<StorageException>(() => SecretTemplate.ResolveAsync("${OTHER}", "the header", s_secrets, default).AsTask())).Message
            .ShouldBe("The header needs OTHER, which is neither an environment variable nor a secret of the server: set it where this runs, or store it with 'sluice block create secret/other'.");

    [Fact]
    public async Task The_environment_is_asked_before_the_server()
    {
        Environment.SetEnvironmentVariable("SLUICE_TEST_BOTH", "environment");
        var both = new EnvironmentSecrets(new Secrets(("SLUICE_TEST_BOTH", "server"), ("SLUICE_TEST_SERVER", "server")));
        (await both.FindAsync("SLUICE_TEST_BOTH", default)).ShouldBe("environment");
        (await both.FindAsync("SLUICE_TEST_SERVER", default)).ShouldBe("server");
        (await both.FindAsync("SLUICE_TEST_NEITHER", default)).ShouldBeNull();
    }
}
