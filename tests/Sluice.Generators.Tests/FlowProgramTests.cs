using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

public class FlowProgramTests
{
    [Fact]
    public async Task A_flow_is_bound_invoked_and_answers()
    {
        Generated generated = GeneratorTest.Run("""
            public record Report(string City, int Days, double? Mean);
            public static class Flows
            {
                /// <summary>Builds it.</summary>
                /// <param name="city">The city.</param>
                [Flow(Retries = 2)]
                [Deployment("daily", Cron = "0 6 * * *", Parameters = "{\"city\": \"Seattle\"}")]
                public static async Task<Report> BuildReportAsync(string city, int days = 7, CancellationToken cancellation = default)
                {
                    await Task.Yield();
                    return new Report(city, days, null);
                }
            }
            """, properties: ("RootNamespace", "App"));
        generated.Flow.Name.ShouldBe("Build report");
        (await Generated.Invoke(generated.Flow, """{"city":"Oslo"}""")).ShouldBe("""{"city":"Oslo","days":7,"mean":null}""");
        Generated.Problems(generated.Flow, """{"days":1.5,"x":1}""").ShouldBe([
            "$.days: expected an integer from -2147483648 to 2147483647, found 1.5",
            "$.x: is unknown; known are: city, days",
            "$.city: is required"]);
    }
}
