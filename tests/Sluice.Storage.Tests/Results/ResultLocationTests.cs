using Sluice.Storage.Results;

namespace Sluice.Storage.Tests.Results;

public sealed class ResultLocationTests
{
    private static readonly Guid s_run = new("8d7d2149-03d4-47de-a411-fd9caac3b515");

    [Theory]
    [InlineData("s3://bucket/results/weather/a.json?region=eu-central-1", "s3://bucket?region=eu-central-1", "results/weather/a.json")]
    [InlineData("az://container/a%20prefix/below/results/weather/a.json", "az://container/a%20prefix/below", "results/weather/a.json")]
    [InlineData("file:///home/me/.sluice/storage/results/weather/a.json", "file:///home/me/.sluice/storage", "results/weather/a.json")]
    [InlineData("gs://bucket/results/results/results/a.json", "gs://bucket/results", "results/results/a.json")]
    [InlineData("block://s3/dev-bucket/path/results/weather/a.json", "block://s3/dev-bucket/path", "results/weather/a.json")]
    [InlineData("s3://bucket/weather/a.json", null, null)]
    [InlineData("s3://bucket/results/a.json", null, null)]
    [InlineData("s3://bucket/results/weather/.hidden", null, null)]
    [InlineData("s3://bucket/results/weather/", null, null)]
    [InlineData("sluice/results/8d7d2149-03d4-47de-a411-fd9caac3b515", null, null)]
    [InlineData("https://bucket.example/results/weather/%2e%2e%2fa.json", null, null)]
    [InlineData("", null, null)]
    public void A_text_names_a_result_in_a_store(string text, string? store, string? key)
    {
        ResultLocation? location = ResultLocation.TryParse(text);
        location?.Store.AbsoluteUri.TrimEnd('/').Replace("/?", "?", StringComparison.Ordinal).ShouldBe(store);
        location?.Key.ShouldBe(key);
        (location is null).ShouldBe(store is null);
        if (location is not null)
            ResultLocation.TryParse(location.ToString()).ShouldBe(location);
    }

    [Fact]
    public void Every_claim_of_a_run_has_a_place_of_its_own()
    {
        var folder = new Uri("s3://bucket/prefix/results/weather?region=eu-central-1");
        ResultLocation[] places = [.. Enumerable.Range(0, 100).Select(_ => ResultLocation.Next(folder, s_run))];
        places.Select(place => place.Key).Distinct().Count().ShouldBe(100);
        places[0].Key.ShouldStartWith($"results/weather/{s_run}-");
        places[0].Store.AbsoluteUri.ShouldBe("s3://bucket/prefix?region=eu-central-1");
    }
}
