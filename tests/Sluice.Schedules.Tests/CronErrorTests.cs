namespace Sluice.Schedules.Tests;

public sealed class CronErrorTests
{
    [Theory]
    [InlineData("", "", "the cron expression is empty")]
    [InlineData("* * * *", "* * * *", "it has 4 fields")]
    [InlineData("* * * * * * * *", "* * * * * * * *", "it has 8 fields")]
    [InlineData("@reboot", "@reboot", "'@reboot' is not known; the aliases are @hourly")]
    [InlineData("@every 5m", "@every 5m", "'@every 5m' is not known")]
    [InlineData("75 * * * *", "75", "minute: '75' is not in 0-59.")]
    [InlineData("0 5-24 * * *", "24", "hour: '24' is not in 0-23.")]
    [InlineData("0 30-24 * * *", "30", "hour: '30' is not in 0-23.")]
    [InlineData("0 0 0 * *", "0", "day of month: '0' is not in 1-31.")]
    [InlineData("0 0 1,,2 * *", "", "day of month: a value is missing.")]
    [InlineData("0 0 * foo *", "foo", "month: 'foo' is not one of 1-12 or jan-dec.")]
    [InlineData("0 0 * * Sunday", "Sunday", "day of week: 'Sunday' is not a name; names have three letters: sun.")]
    [InlineData("0 0 * * 5L", "5L", "day of week: '5L' is not a weekday; the last one of the month is written L5.")]
    [InlineData("0 0 * * L", "L", "day of week: 'L' needs a weekday, as L5 for the last Friday.")]
    [InlineData("0 0 * * fri#6", "6", "day of week: '6' in 'fri#6' is not in 1-5; for the last one of the month write L5.")]
    [InlineData("0 0 * * 1,2#1", "1,2#1", "day of week: '1,2#1' mixes plain weekdays with weekdays of the month")]
    [InlineData("0 0 15W * *", "15W", "day of month: '15W': the nearest weekday (W) is not supported.")]
    [InlineData("0 0 L-3 * *", "L-3", "day of month: 'L-3': only L alone")]
    [InlineData("*/0 * * * *", "0", "minute: a step of 0 never moves on")]
    [InlineData("? * * * *", "?", "minute: '?' is allowed in day of month and day of week only")]
    [InlineData("0 0 ?,1 * *", "?,1", "day of month: '?' cannot be combined")]
    [InlineData("H * * * *", "H", "minute: 'H' is a random or hashed value")]
    [InlineData("0 R(0-10)/2 * * *", "R(0-10)/2", "hour: 'R(0-10)/2' is a random or hashed value")]
    [InlineData("0 0 * * 7 0", "7", "day of week: 7 is not a weekday in expressions with seconds")]
    [InlineData("0 0 12 * ? 2100-2101", "2100", "second: '2100' is not in 0-59.")]
    [InlineData("0 9-17 * * * 0 2100", "2100", "year: '2100' is not in 1970-2099.")]
    [InlineData("0 0 40 * * *", "40", "(the fields are minute hour day month weekday second year: seconds come sixth)")]
    [InlineData("  0 0  * * 1/0", "0", "a step of 0")]
    [InlineData("0 *-15 * * *", "*", "hour: '*' is not one of 0-23.")]
    public void An_invalid_expression_names_the_place_and_the_reason(string cron, string place, string reason)
    {
        Occurrences.TryParseCron(cron, null, null, out Occurrences? schedule, out ScheduleError? error).ShouldBeFalse();
        schedule.ShouldBeNull();
        cron.Substring(error!.Offset, error.Length).ShouldBe(place);
        error.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("Europe/Pariss", "did you mean 'Europe/Paris'?")]
    [InlineData("paris", "did you mean 'Europe/Paris'?")]
    [InlineData("europe/paris", "did you mean 'Europe/Paris'?")]
    [InlineData("utc", "did you mean")]
    [InlineData("W. Europe Standard Time", "a Windows one; did you mean 'Europe/Berlin'?")]
    [InlineData("+02:00", "'+02:00' is not an IANA time zone id")]
    [InlineData("posix/Europe/Paris", "is not an IANA time zone id")]
    public void An_unknown_zone_is_refused_with_a_suggestion(string zone, string reason)
    {
        Occurrences.TryParseCron("* * * * *", null, zone, out _, out ScheduleError? error).ShouldBeFalse();
        error!.Message.ShouldContain(reason);
        (error.Offset, error.Length).ShouldBe((0, zone.Length));
    }

    [Fact]
    public void Zones_old_and_new_have_data_here()
    {
        foreach (string id in OldAndNewZones())
        {
            Occurrences.TryParseCron("0 12 * * *", null, id, out Occurrences? schedule, out _).ShouldBeTrue(id);
            schedule!.HasZoneData.ShouldBeTrue(id);
            schedule.Next(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)).ShouldNotBeNull(id);
        }
    }

    private static IEnumerable<string> OldAndNewZones() =>
        ["UTC", "Etc/UTC", "GMT", "Etc/GMT+12", "Europe/Paris", "Europe/Kyiv", "Europe/Kiev", "America/Argentina/Buenos_Aires", "US/Eastern", "Asia/Calcutta", "Asia/Kolkata", "Pacific/Kiritimati", "Antarctica/Troll", "EST5EDT", "Zulu"];
}
