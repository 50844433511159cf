using Sluice.Orchestration.Http;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>PREFECT_CLIENT_CUSTOM_HEADERS: what no request could carry is said at the start, and not by a refusal of the gateway or in the middle of a run.</summary>
public sealed class CustomHeaderTests
{
    [Theory]
    [InlineData("""{"X-Gateway-Token":"CANARY"}""")]
    [InlineData("""{"X-Gateway-Token":"CANARY with spaces, a \t tab and ~"}""")]
    [InlineData("""{"CF-Access-Client-Id":"CANARY","Cookie":"a=b"}""")]
    public void Headers_that_requests_can_carry_are_taken(string json) => Read(json).Headers.Values.ShouldContain(value => value.Contains('a', StringComparison.OrdinalIgnoreCase));

    [Theory]
    [InlineData("""{"X Gateway":"CANARY"}""", "1st header has a name that no request can carry")]
    [InlineData("""{"A":"1","X-Token: CANARY":""}""", "2nd header has a name that no request can carry")]
    [InlineData("""{"":"CANARY"}""", "1st header has a name that no request can carry")]
    [InlineData("""{"X-Städte":"CANARY"}""", "1st header has a name that no request can carry")]
    [InlineData("""{"Content-Language":"CANARY"}""", "1st header has a name that no request can carry")]
    [InlineData("""{"A":"1","B":"2","X-Token":"CANARY\n"}""", "3rd header has a value with other characters than those of ASCII that print")]
    [InlineData("""{"X-Token":"CANARY\r\nX-Other: 1"}""", "1st header has a value with other characters than those of ASCII that print")]
    [InlineData("""{"X-Token":"CANARY ü"}""", "1st header has a value with other characters than those of ASCII that print")]
    public void What_no_request_can_carry_is_refused_by_its_place_and_never_shown(string json, string says)
    {
        OrchestrationException refused = Should.Throw<OrchestrationException>(() => Read(json));

        refused.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        refused.Message.ShouldStartWith("PREFECT_CLIENT_CUSTOM_HEADERS: the ");
        refused.Message.ShouldContain(says);
        refused.ToString().ShouldNotContain("CANARY");
    }

    private static ApiClientSettings Read(string json) => ApiClientSettings.FromEnvironment(name => name == ApiClientSettings.HeadersVariable ? json : null);
}
