namespace Sluice.Server.Tests.Replay;

/// <summary>Every conversation recorded with a Prefect 3.8.3 server and its real clients (tests/data/conversations3), played against our server.</summary>
public sealed class ReplayTests(ReplayedHistory history)
{
    public static TheoryData<string> Conversations { get; } = new(Exchange.History.Select(exchange => exchange.Conversation).Distinct());

    [Theory, MemberData(nameof(Conversations))]
    public void The_server_answers_what_Prefect_answered(string conversation)
    {
        IReadOnlyList<string> differences = history.Differences(conversation);
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Fact]
    public void Every_answer_is_of_the_kind_that_its_route_declares() => history.Reports.ShouldBeEmpty();

    /// <summary>Frames of WebSockets, requests that nobody answered or that a locked database refused, and what <see cref="Known"/> tells.</summary>
    [Fact]
    public void Only_what_cannot_be_played_is_left_out()
    {
        history.Played.Count.ShouldBe(Exchange.History.Count(exchange => exchange.Unplayable is null));
        history.Played.Count.ShouldBeGreaterThanOrEqualTo(970);
        Known.Deviations.Count.ShouldBeLessThanOrEqualTo(Known.Most);
        Known.Deviations.Keys.Except(Exchange.History.Select(exchange => exchange.Key)).ShouldBeEmpty();
    }
}
