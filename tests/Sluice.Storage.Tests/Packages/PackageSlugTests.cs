using Sluice.Storage.Packages;

namespace Sluice.Storage.Tests.Packages;

/// <summary>What python-slugify answers by its documented rules, which Prefect's storage names folders by.</summary>
public sealed class PackageSlugTests
{
    [Theory]
    [InlineData("Weather report", "weather-report")]
    [InlineData("s3-flow", "s3-flow")]
    [InlineData("My  Flow__v2!", "my-flow-v2")]
    [InlineData("--Already--dashed--", "already-dashed")]
    [InlineData("Crème Brûlée", "creme-brulee")]
    [InlineData("Straße Ærø Łódź Đà", "strasse-aero-lodz-da")]
    [InlineData("it's 1,000,000 rows", "it-s-1000000-rows")]
    [InlineData("it’s fine", "its-fine")]
    [InlineData("a &amp; b", "a-b")]
    [InlineData("Sluice.Samples.Weather", "sluice-samples-weather")]
    [InlineData("ＦＵＬＬ ｗｉｄｔｈ ①", "full-width-1")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("天気", "")]
    [InlineData("", "")]
    public void Names_are_slugified(string name, string slug) => PackageSlug.Of(name).ShouldBe(slug);

    [Fact]
    public void A_time_is_slugified_as_pendulums_isoformat() =>
        PackageSlug.Of(new DateTimeOffset(2022, 12, 6, 1, 6, 27, 123, 456, TimeSpan.FromHours(2))).ShouldBe("2022-12-05t23-06-27-123456-00-00");
}
