using System.Text.Json;
using Sluice.Storage.Webhook;

namespace Sluice.Storage.Tests.Webhook;

/// <summary>The examples of RFC 6901, section 5, and what it excludes.</summary>
public sealed class JsonPointerTests
{
    private const string Document = """
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """;

    [Theory]
    [InlineData("/foo", """["bar","baz"]""")]
    [InlineData("/foo/0", "\"bar\"")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/e^f", "3")]
    [InlineData("/g|h", "4")]
    [InlineData(@"/i\j", "5")]
    [InlineData("/k\"l", "6")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    [InlineData("/foo/2", null)]
    [InlineData("/foo/00", null)]
    [InlineData("/foo/-", null)]
    [InlineData("/foo/+1", null)]
    [InlineData("/foo/99999999999", null)]
    [InlineData("/foo/0/deeper", null)]
    [InlineData("/missing", null)]
    [InlineData("/Foo", null)]
    public void A_pointer_names_a_value(string pointer, string? expected)
    {
        using JsonDocument json = JsonDocument.Parse(Document);
        JsonPointer.Refuse(pointer).ShouldBeNull();
        JsonPointer.Find(json.RootElement, pointer)?.GetRawText().ShouldBe(expected);
        (JsonPointer.Find(json.RootElement, pointer) is null).ShouldBe(expected is null);
    }

    [Fact]
    public void The_empty_pointer_names_the_whole_document()
    {
        using JsonDocument json = JsonDocument.Parse("17");
        JsonPointer.Find(json.RootElement, "")!.Value.GetRawText().ShouldBe("17");
    }

    [Theory]
    [InlineData("id", "does not begin with '/'")]
    [InlineData("#/id", "does not begin with '/'")]
    [InlineData("/a~2", "neither ~0")]
    [InlineData("/a~", "neither ~0")]
    public void What_is_no_pointer_is_refused(string text, string reason) => JsonPointer.Refuse(text).ShouldNotBeNull().ShouldContain(reason);
}
