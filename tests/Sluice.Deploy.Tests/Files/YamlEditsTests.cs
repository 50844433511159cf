using System.Text.Json.Nodes;
using Sluice.Deploy.Files.Yaml;

namespace Sluice.Deploy.Tests.Files;

public sealed class YamlEditsTests
{
    [Theory]
    // A scalar: its line's comment stays.
    [InlineData("name: a   # who\nversion: '1'\n", "version", "\"2.0.1\"", "name: a   # who\nversion: 2.0.1\n")]
    [InlineData("version: 1   # bump me\n", "version", "\"2.0.1\"", "version: 2.0.1   # bump me\n")]
    [InlineData("version:   # none yet\nx: 1\n", "version", "\"2.0.1\"", "version: 2.0.1   # none yet\nx: 1\n")]
    // The same value stays as it is written.
    [InlineData("version: \"2\"  # q\n", "version", "\"2\"", "version: \"2\"  # q\n")]
    // Members of a mapping, one by one.
    [InlineData("parameters:\n    # where\n    city: Paris # home\n\n    days: 7\ntags: []\n", "parameters", """{"city": "Oslo", "days": 7}""", "parameters:\n    # where\n    city: Oslo # home\n\n    days: 7\ntags: []\n")]
    [InlineData("parameters:\n  city: Paris\n\n# below\ntags: []\n", "parameters", """{"city": "Paris", "days": 3}""", "parameters:\n  city: Paris\n  days: 3\n\n# below\ntags: []\n")]
    [InlineData("parameters:\n  city: Paris # c\n  days: 7\n", "parameters", """{"days": 7}""", "parameters:\n  days: 7\n")]
    [InlineData("parameters: {}  # none\nx: 1\n", "parameters", """{"days": 7}""", "parameters:\n  days: 7  # none\nx: 1\n")]
    [InlineData("parameters: {city: Paris}\nx: 1\n", "parameters", """{"city": "Oslo"}""", "parameters:\n  city: Oslo\nx: 1\n")]
    [InlineData("parameters:\n  city: Paris\nx: 1\n", "parameters", "{}", "parameters: {}\nx: 1\n")]
    // Items of a list.
    [InlineData("tags:\n- a # first\n- b\nx: 1\n", "tags", """["a", "b", "c"]""", "tags:\n- a # first\n- b\n- c\nx: 1\n")]
    [InlineData("tags:\n  - a\n  - b # second\n", "tags", """["b"]""", "tags:\n  - b # second\n")]
    [InlineData("tags: [a]\nx: 1\n", "tags", """["b"]""", "tags:\n- b\nx: 1\n")]
    // A value of another kind.
    [InlineData("schedule: null\nx: 1\n", "schedule", """{"cron": "0 6 * * *"}""", "schedule:\n  cron: 0 6 * * *\nx: 1\n")]
    [InlineData("schedule:\n  cron: 0 6 * * *\n\n# c\nx: 1\n", "schedule", "null", "schedule: null\n\n# c\nx: 1\n")]
    [InlineData("description: |\n  One.\n  Two.\n\nx: 1\n", "description", "\"One.\"", "description: One.\n\nx: 1\n")]
    [InlineData("description: One.\nx: 1\n", "description", "\"One.\\nTwo.\"", "description: |-\n  One.\n  Two.\nx: 1\n")]
    // A new key comes behind those that are before it.
    [InlineData("name: a # n\n\n# rest\nx: 1\n", "version", "\"2.0.1\"", "name: a # n\nversion: 2.0.1\n\n# rest\nx: 1\n")]
    // Line ends stay.
    [InlineData("name: a\r\ntags:\r\n- a\r\nx: 1\r\n", "tags", """["a", "b"]""", "name: a\r\ntags:\r\n- a\r\n- b\r\nx: 1\r\n")]
    public void A_changed_value_changes_nothing_else(string before, string key, string value, string after)
    {
        var edits = new YamlEdits(before, (YamlMapping)YamlReader.Read(before)!);
        edits.Set(key, JsonNode.Parse(value), ["name"]);
        edits.Apply().ShouldBe(after);
    }

    [Fact]
    public void A_key_goes_with_its_lines()
    {
        const string Before = "name: a\nschedules:\n- cron: 1\n# c\nx: 1\n";
        var edits = new YamlEdits(Before, (YamlMapping)YamlReader.Read(Before)!);
        edits.Remove("schedules");
        edits.Apply().ShouldBe("name: a\n# c\nx: 1\n");
    }
}
