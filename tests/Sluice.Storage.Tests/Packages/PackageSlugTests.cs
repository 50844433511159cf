using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Packages;

/// <summary>What python-slugify answered (tests/data/slugs.jsonl), which Prefect's storage names folders by.</summary>
public sealed class PackageSlugTests
{
    private static readonly JsonElement[] s_facts =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "slugs.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    [Theory]
    [InlineData("Weather report", "weather-report")]
    [InlineData("it's 1,000,000 rows", "it-s-1000000-rows")]
    [InlineData("天気", "tian-qi")]
    [InlineData("😀", "")]
    public void Names_are_slugified(string name, string slug) => PackageSlug.Of(name).ShouldBe(slug);

    [Fact]
    public void Names_of_all_scripts_are_slugified_as_python_slugify_does()
    {
        (string Name, string Slug)[] named = [.. s_facts.Where(fact => fact.TryGetProperty("name", out _)).Select(fact => (fact.GetProperty("name").GetString()!, fact.GetProperty("slug").GetString()!))];
        named.Length.ShouldBeGreaterThan(300);
        named.Select(fact => (fact.Name, Slug: PackageSlug.Of(fact.Name))).Where((answer, i) => answer.Slug != named[i].Slug)
            .Select(answer => $"'{answer.Name}' became '{answer.Slug}'").ShouldBeEmpty();
    }

    [Fact]
    public void Every_character_of_the_first_plane_is_written_as_python_slugify_does()
    {
        JsonElement[] blocks = [.. s_facts.Where(fact => fact.TryGetProperty("from", out _))];
        blocks.Length.ShouldBeGreaterThan(240);
        blocks.Where(block => Hash(block.GetProperty("from").GetInt32()) != block.GetProperty("sha256").GetString()).Select(block => $"U+{block.GetProperty("from").GetInt32():X4}").ShouldBeEmpty();

        static string Hash(int from)
        {
            var slugs = new StringBuilder();
            foreach (int value in Enumerable.Range(from, 256))
                slugs.Append(PackageSlug.Of($"a{new Rune(value)}b")).Append('\n');
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(slugs.ToString())));
        }
    }

    [Fact]
    public void A_time_is_slugified_as_pendulums_isoformat() =>
        PackageSlug.Of(new DateTimeOffset(2022, 12, 6, 1, 6, 27, 123, 456, TimeSpan.FromHours(2))).ShouldBe("2022-12-05t23-06-27-123456-00-00");
}
