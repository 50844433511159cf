namespace Sluice.Schedules.Tests;

public sealed class ExplanationTests
{
    [Theory]
    [InlineData("0 6 * * *", "at 06:00 every day (Europe/Paris)")]
    [InlineData("0 6,18 * * 1-5", "at 06:00 and 18:00 on Monday to Friday (Europe/Paris)")]
    [InlineData("*/15 * * * *", "every 15 minutes every day (Europe/Paris)")]
    [InlineData("* * * * *", "every minute every day (Europe/Paris)")]
    [InlineData("0 * * * *", "every hour every day (Europe/Paris)")]
    [InlineData("5 * * * *", "5 minutes past every hour every day (Europe/Paris)")]
    [InlineData("*/15 9-17 * * mon-fri", "every 15 minutes from 09:00 to 17:59 on Monday to Friday (Europe/Paris)")]
    [InlineData("* 22-2 * * *", "every minute from 22:00 to 02:59 every day (Europe/Paris)")]
    [InlineData("0 0 1,15 * *", "at 00:00 on the 1st and 15th of the month (Europe/Paris)")]
    [InlineData("0 0 L 1,3 *", "at 00:00 on the last day of the month in January and March (Europe/Paris)")]
    [InlineData("0 0 * * L5", "at 00:00 on the last Friday of the month (Europe/Paris)")]
    [InlineData("0 0 * * fri#2,mon#1", "at 00:00 on the 1st Monday and the 2nd Friday of the month (Europe/Paris)")]
    [InlineData("0 0 13 * 5", "at 00:00 on the 13th of the month, and on Friday (Europe/Paris)")]
    [InlineData("30 2 * * * 15", "at 02:30:15 every day (Europe/Paris)")]
    [InlineData("* * * * * */20 2027-2029", "at seconds 0, 20 and 40 of every minute every day in 2027 to 2029 (Europe/Paris)")]
    public void Cron_is_put_into_words(string cron, string words) => CronTests.Parse(cron, "Europe/Paris").Explain().ShouldBe(words);

    [Fact]
    public void Both_days_required_says_so() =>
        CronTests.Parse("0 0 13 * 5", "UTC", dayOr: false).Explain().ShouldBe("at 00:00 on the 13th of the month, if it is Friday (UTC)");

    [Theory]
    [InlineData(900, "every 15 minutes, counted from 2020-01-01 00:00:00 (Europe/Paris)")]
    [InlineData(86400, "every day, counted from 2020-01-01 00:00:00 (Europe/Paris)")]
    [InlineData(5400.5, "every 1 hour, 30 minutes and 500000 microseconds, counted from 2020-01-01 00:00:00 (Europe/Paris)")]
    [InlineData(1209600, "every 2 weeks, counted from 2020-01-01 00:00:00 (Europe/Paris)")]
    public void An_interval_is_put_into_words(double seconds, string words)
    {
        Occurrences.TryParseInterval(seconds, null, "Europe/Paris", out Occurrences? schedule, out _).ShouldBeTrue();
        schedule!.Explain().ShouldBe(words);
    }
}
