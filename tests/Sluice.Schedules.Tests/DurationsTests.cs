using System.Globalization;

namespace Sluice.Schedules.Tests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("900", "00:15:00")]
    [InlineData("0.5", "00:00:00.5")]
    [InlineData(" 3 ", "00:00:03")]
    [InlineData("-1.5", "-00:00:01.5")]
    [InlineData("00:15:00", "00:15:00")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    [InlineData("00:00:00.25", "00:00:00.25")]
    [InlineData("PT15M", "00:15:00")]
    [InlineData("pt1h30m", "01:30:00")]
    [InlineData("P1DT2H", "1.02:00:00")]
    [InlineData("P2W", "14.00:00:00")]
    [InlineData("PT0.5S", "00:00:00.5")]
    [InlineData("PT0,5S", "00:00:00.5")]
    [InlineData("PT36H", "1.12:00:00")]
    [InlineData("-PT5M", "-00:05:00")]
    public void The_three_ways_to_write_a_duration_are_read(string text, string duration)
    {
        Durations.TryParse(text, out TimeSpan value, out ScheduleError? error).ShouldBeTrue(error?.Message);
        value.ShouldBe(TimeSpan.Parse(duration, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("", "", "the duration is empty")]
    [InlineData("5m", "5m", "'5m' is not a duration; write seconds (900)")]
    [InlineData("1e3", "1e3", "is not a duration")]
    [InlineData("1,000", "1,000", "is not a duration")]
    [InlineData("15:00", "15:00", "give the seconds too")]
    [InlineData("25:00:00", "25:00:00", "hours are 0-23")]
    [InlineData("P1Y", "1Y", "'1Y' is not a fixed time")]
    [InlineData("P3M", "3M", "minutes come after T: PT15M")]
    [InlineData("PT", "PT", "is not an ISO 8601 duration")]
    [InlineData("P", "P", "is not an ISO 8601 duration")]
    [InlineData("PT5", "5", "is not an ISO 8601 duration")]
    [InlineData("PT1M1H", "1H", "is not an ISO 8601 duration")]
    [InlineData("999999999999999999999999999999999999999", "999999999999999999999999999999999999999", "too long")]
    [InlineData("-", "-", "'-' is not a duration")]
    public void Other_text_is_refused_with_its_place(string text, string place, string reason)
    {
        Durations.TryParse(text, out _, out ScheduleError? error).ShouldBeFalse();
        text.Substring(error!.Offset, error.Length).ShouldBe(place);
        error.Message.ShouldContain(reason);
    }

    [Fact]
    public void Random_text_is_answered_and_never_thrown_at()
    {
        var random = new Random(3);
        const string alphabet = "0123456789.,:-+PTWDHMSYptx ";
        for (int i = 0; i < 100_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(0, 14)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            if (!Durations.TryParse(text, out _, out ScheduleError? error))
                (error!.Offset >= 0 && error.Length >= 0 && error.Offset + error.Length <= text.Length).ShouldBeTrue(text);
        }
    }
}
