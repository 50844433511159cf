using System.Globalization;
using Sluice.Cli.Times;

namespace Sluice.Cli.Tests.Times;

/// <summary>Times as people write them. It is said on Wednesday, 2026-11-25 at 10:20:30 in Paris (UTC+1) unless a test says otherwise.</summary>
public sealed class TimePhraseTests
{
    private static readonly TimeZoneInfo s_paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 9, 20, 30, TimeSpan.Zero);

    /// <summary>Phrases and the time that they mean by the clock of Paris.</summary>
    [Theory]
    // Now, and from now on.
    [InlineData("now", "2026-11-25 10:20:30")]
    [InlineData("in 10 minutes", "2026-11-25 10:30:30")]
    [InlineData("10 minutes", "2026-11-25 10:30:30")]
    [InlineData("10 min", "2026-11-25 10:30:30")]
    [InlineData("10m", "2026-11-25 10:30:30")]
    [InlineData("10 minutes from now", "2026-11-25 10:30:30")]
    [InlineData("2 hours later", "2026-11-25 12:20:30")]
    [InlineData("In 2 Hours", "2026-11-25 12:20:30")]
    [InlineData("in 2h30m", "2026-11-25 12:50:30")]
    [InlineData("in 2 hours and 30 minutes", "2026-11-25 12:50:30")]
    [InlineData("in 2 hours, 30 minutes & 5 seconds", "2026-11-25 12:50:35")]
    [InlineData("in 90 secs", "2026-11-25 10:22:00")]
    [InlineData("in 30 seconds", "2026-11-25 10:21:00")]
    [InlineData("in 1.5 hours", "2026-11-25 11:50:30")]
    [InlineData("in an hour", "2026-11-25 11:20:30")]
    [InlineData("in a minute", "2026-11-25 10:21:30")]
    [InlineData("in half an hour", "2026-11-25 10:50:30")]
    [InlineData("half an hour from now", "2026-11-25 10:50:30")]
    [InlineData("in a quarter of an hour", "2026-11-25 10:35:30")]
    [InlineData("in an hour and a half", "2026-11-25 11:50:30")]
    [InlineData("in two and a half hours", "2026-11-25 12:50:30")]
    [InlineData("in a couple of hours", "2026-11-25 12:20:30")]
    [InlineData("in twenty minutes", "2026-11-25 10:40:30")]
    [InlineData("in 3 days", "2026-11-28 10:20:30")]
    [InlineData("in 1 d", "2026-11-26 10:20:30")]
    [InlineData("in a week", "2026-12-02 10:20:30")]
    [InlineData("in 2 wks", "2026-12-09 10:20:30")]
    [InlineData("in a fortnight", "2026-12-09 10:20:30")]
    [InlineData("in 1.5 days", "2026-11-26 22:20:30")]
    [InlineData("in a month", "2026-12-25 10:20:30")]
    [InlineData("in 3 months", "2027-02-25 10:20:30")]
    [InlineData("in a year", "2027-11-25 10:20:30")]
    [InlineData("in 1 year and 2 months", "2028-01-25 10:20:30")]
    [InlineData("in 3 days at 8am", "2026-11-28 08:00:00")]
    [InlineData("in 2 weeks at noon", "2026-12-09 12:00:00")]
    [InlineData("2 days from now at 17:30", "2026-11-27 17:30:00")]
    [InlineData("5 minutes ago", "2026-11-25 10:15:30")]
    [InlineData("2 days ago at 9:00", "2026-11-23 09:00:00")]
    // Times of day: the next such one.
    [InlineData("at 11am", "2026-11-25 11:00:00")]
    [InlineData("11am", "2026-11-25 11:00:00")]
    [InlineData("11 am", "2026-11-25 11:00:00")]
    [InlineData("11 a.m.", "2026-11-25 11:00:00")]
    [InlineData("9am", "2026-11-26 09:00:00")]
    [InlineData("at 5pm", "2026-11-25 17:00:00")]
    [InlineData("5:45 pm", "2026-11-25 17:45:00")]
    [InlineData("5:45PM", "2026-11-25 17:45:00")]
    [InlineData("17:45", "2026-11-25 17:45:00")]
    [InlineData("17:45:10", "2026-11-25 17:45:10")]
    [InlineData("10:20", "2026-11-26 10:20:00")]
    [InlineData("@ 18:00", "2026-11-25 18:00:00")]
    [InlineData("at 18", "2026-11-25 18:00:00")]
    [InlineData("at 1730", "2026-11-25 17:30:00")]
    [InlineData("at 0800", "2026-11-26 08:00:00")]
    [InlineData("at 17h30", "2026-11-25 17:30:00")]
    [InlineData("at 9", "2026-11-26 09:00:00")]
    [InlineData("at 9 o'clock", "2026-11-26 09:00:00")]
    [InlineData("9 o’clock", "2026-11-26 09:00:00")]
    [InlineData("noon", "2026-11-25 12:00:00")]
    [InlineData("at midday", "2026-11-25 12:00:00")]
    [InlineData("midnight", "2026-11-26 00:00:00")]
    [InlineData("12am", "2026-11-26 00:00:00")]
    [InlineData("12pm", "2026-11-25 12:00:00")]
    [InlineData("12:30 am", "2026-11-26 00:30:00")]
    [InlineData("24:00", "2026-11-26 00:00:00")]
    [InlineData("half past eleven", "2026-11-25 11:30:00")]
    [InlineData("half past 5 pm", "2026-11-25 17:30:00")]
    [InlineData("quarter to eleven", "2026-11-25 10:45:00")]
    [InlineData("a quarter past 11", "2026-11-25 11:15:00")]
    [InlineData("ten past eleven", "2026-11-25 11:10:00")]
    [InlineData("20 minutes to 12", "2026-11-25 11:40:00")]
    [InlineData("at 9 in the evening", "2026-11-25 21:00:00")]
    [InlineData("9 in the morning", "2026-11-26 09:00:00")]
    [InlineData("3 in the afternoon", "2026-11-25 15:00:00")]
    // Days that are named from today.
    [InlineData("today at 6pm", "2026-11-25 18:00:00")]
    [InlineData("today", "2026-11-25 10:20:30")]
    [InlineData("today at 9am", "2026-11-25 09:00:00")]
    [InlineData("today at midnight", "2026-11-26 00:00:00")]
    [InlineData("tonight at 9", "2026-11-25 21:00:00")]
    [InlineData("at 9 tonight", "2026-11-25 21:00:00")]
    [InlineData("tonight at 21:30", "2026-11-25 21:30:00")]
    [InlineData("tonight at midnight", "2026-11-26 00:00:00")]
    [InlineData("midnight tonight", "2026-11-26 00:00:00")]
    [InlineData("tonight at 1am", "2026-11-26 01:00:00")]
    [InlineData("1am tonight", "2026-11-26 01:00:00")]
    [InlineData("tonight at 12:30am", "2026-11-26 00:30:00")]
    [InlineData("tonight at 12", "2026-11-26 00:00:00")]
    [InlineData("tonight at half past nine", "2026-11-25 21:30:00")]
    [InlineData("tonight at 9pm", "2026-11-25 21:00:00")]
    [InlineData("tomorrow afternoon at 12", "2026-11-26 12:00:00")]
    [InlineData("tomorrow afternoon at 12:30", "2026-11-26 12:30:00")]
    [InlineData("tomorrow afternoon at 3", "2026-11-26 15:00:00")]
    [InlineData("noon tomorrow afternoon", "2026-11-26 12:00:00")]
    [InlineData("this evening at 7", "2026-11-25 19:00:00")]
    [InlineData("tomorrow", "2026-11-26 10:20:30")]
    [InlineData("tomorrow at 9am", "2026-11-26 09:00:00")]
    [InlineData("Tomorrow at 9 AM", "2026-11-26 09:00:00")]
    [InlineData("9am tomorrow", "2026-11-26 09:00:00")]
    [InlineData("tomorrow 9:30", "2026-11-26 09:30:00")]
    [InlineData("tomorrow 9", "2026-11-26 09:00:00")]
    [InlineData("tomorrow, 17:00", "2026-11-26 17:00:00")]
    [InlineData("tomorrow noon", "2026-11-26 12:00:00")]
    [InlineData("tomorrow at midnight", "2026-11-26 00:00:00")]
    [InlineData("tomorrow morning at 8", "2026-11-26 08:00:00")]
    [InlineData("tomorrow evening at 8", "2026-11-26 20:00:00")]
    [InlineData("tomorrow at 8 in the evening", "2026-11-26 20:00:00")]
    [InlineData("the day after tomorrow at noon", "2026-11-27 12:00:00")]
    [InlineData("day after tomorrow", "2026-11-27 10:20:30")]
    [InlineData("yesterday at noon", "2026-11-24 12:00:00")]
    [InlineData("next week", "2026-12-02 10:20:30")]
    [InlineData("next month", "2026-12-25 10:20:30")]
    [InlineData("next year", "2027-11-25 10:20:30")]
    [InlineData("next month at 6:00", "2026-12-25 06:00:00")]
    // Days of the week.
    [InlineData("friday", "2026-11-27 00:00:00")]
    [InlineData("fri", "2026-11-27 00:00:00")]
    [InlineData("friday at 5pm", "2026-11-27 17:00:00")]
    [InlineData("on friday at 5pm", "2026-11-27 17:00:00")]
    [InlineData("at 5pm on Friday", "2026-11-27 17:00:00")]
    [InlineData("5pm friday", "2026-11-27 17:00:00")]
    [InlineData("this friday 17:00", "2026-11-27 17:00:00")]
    [InlineData("next friday 17:00", "2026-11-27 17:00:00")]
    [InlineData("next monday 9:30", "2026-11-30 09:30:00")]
    [InlineData("monday 9:30", "2026-11-30 09:30:00")]
    [InlineData("mon 9:30am", "2026-11-30 09:30:00")]
    [InlineData("wednesday at 11:00", "2026-11-25 11:00:00")]
    [InlineData("wednesday at 9:00", "2026-12-02 09:00:00")]
    [InlineData("wednesday", "2026-12-02 00:00:00")]
    [InlineData("next wednesday at 11:00", "2026-12-02 11:00:00")]
    [InlineData("friday next week at 8", "2026-12-04 08:00:00")]
    [InlineData("next week on monday at 8", "2026-11-30 08:00:00")]
    [InlineData("next week sunday", "2026-12-06 00:00:00")]
    [InlineData("a week from friday", "2026-12-04 00:00:00")]
    [InlineData("2 weeks from tomorrow at 7:00", "2026-12-10 07:00:00")]
    [InlineData("3 days after friday at noon", "2026-11-30 12:00:00")]
    // Days of the month.
    [InlineData("december 1", "2026-12-01 00:00:00")]
    [InlineData("dec 1 at 8am", "2026-12-01 08:00:00")]
    [InlineData("1 december 8:00", "2026-12-01 08:00:00")]
    [InlineData("1st of december, 8:00", "2026-12-01 08:00:00")]
    [InlineData("the 1st of Dec. 2027 at 8:00", "2027-12-01 08:00:00")]
    [InlineData("Dec 1, 2027", "2027-12-01 00:00:00")]
    [InlineData("December 1st 2027 8:00", "2027-12-01 08:00:00")]
    [InlineData("march 3", "2027-03-03 00:00:00")]
    [InlineData("sept 3", "2027-09-03 00:00:00")]
    [InlineData("25 november at 11:00", "2026-11-25 11:00:00")]
    [InlineData("25 november at 9:00", "2027-11-25 09:00:00")]
    [InlineData("29 february", "2028-02-29 00:00:00")]
    [InlineData("the 30th", "2026-11-30 00:00:00")]
    [InlineData("the 15th", "2026-12-15 00:00:00")]
    [InlineData("on the 15th at noon", "2026-12-15 12:00:00")]
    [InlineData("the 31st", "2026-12-31 00:00:00")]
    [InlineData("the 15th of next month", "2026-12-15 00:00:00")]
    [InlineData("the first of next month at 6:00", "2026-12-01 06:00:00")]
    [InlineData("end of month", "2026-11-30 23:59:00")]
    [InlineData("end of the month at 17:00", "2026-11-30 17:00:00")]
    [InlineData("end of the day", "2026-11-25 23:59:00")]
    [InlineData("end of today", "2026-11-25 23:59:00")]
    [InlineData("end of tomorrow", "2026-11-26 23:59:00")]
    [InlineData("end of the week", "2026-11-29 23:59:00")]
    [InlineData("end of next week", "2026-12-06 23:59:00")]
    [InlineData("end of the year", "2026-12-31 23:59:00")]
    [InlineData("beginning of next month", "2026-12-01 00:00:00")]
    [InlineData("start of the month", "2026-12-01 00:00:00")]
    [InlineData("start of next week at 8", "2026-11-30 08:00:00")]
    [InlineData("last day of the month", "2026-11-30 00:00:00")]
    [InlineData("the last day of february 2028 at noon", "2028-02-29 12:00:00")]
    [InlineData("first day of next year", "2027-01-01 00:00:00")]
    [InlineData("first monday of next month at 8:00", "2026-12-07 08:00:00")]
    [InlineData("the last friday of the month", "2026-11-27 00:00:00")]
    [InlineData("the first monday of the month", "2026-12-07 00:00:00")]
    [InlineData("2nd tuesday of january 2027", "2027-01-12 00:00:00")]
    // Of what is over, the next one; unless it is said which one is meant.
    [InlineData("first day of november", "2027-11-01 00:00:00")]
    [InlineData("start of november at 9:00", "2027-11-01 09:00:00")]
    [InlineData("start of november 2026", "2026-11-01 00:00:00")]
    [InlineData("first monday of november", "2027-11-01 00:00:00")]
    [InlineData("the last wednesday of the month", "2026-12-30 00:00:00")]
    [InlineData("the last wednesday of the month at 11:00", "2026-11-25 11:00:00")]
    [InlineData("end of the day at 9:00", "2026-11-26 09:00:00")]
    [InlineData("end of today at 9:00", "2026-11-25 09:00:00")]
    [InlineData("start of this month", "2026-11-01 00:00:00")]
    // As a machine writes them.
    [InlineData("2026-12-01", "2026-12-01 00:00:00")]
    [InlineData("2026-12-01 08:00", "2026-12-01 08:00:00")]
    [InlineData("2026-12-01 at 8am", "2026-12-01 08:00:00")]
    [InlineData("2026/12/01 08:00:05", "2026-12-01 08:00:05")]
    [InlineData("2026-12-01T08:00", "2026-12-01 08:00:00")]
    [InlineData("2026-12-01T08:00:00.5", "2026-12-01 08:00:00.5")]
    [InlineData("2026-12-01T08:00:00Z", "2026-12-01 09:00:00")]
    [InlineData("2026-12-01t08:00:00z", "2026-12-01 09:00:00")]
    [InlineData("2026-12-01T08:00:00+05:30", "2026-12-01 03:30:00")]
    [InlineData("2026-12-01 08:00 -0500", "2026-12-01 14:00:00")]
    [InlineData("2020-01-01 08:00", "2020-01-01 08:00:00")]
    // By another clock.
    [InlineData("2026-12-01 08:00 UTC", "2026-12-01 09:00:00")]
    [InlineData("8:00 utc tomorrow", "2026-11-26 09:00:00")]
    [InlineData("tomorrow at 8:00 GMT+2", "2026-11-26 07:00:00")]
    [InlineData("tomorrow at 9am America/New_York", "2026-11-26 15:00:00")]
    [InlineData("tomorrow at 1am Pacific/Auckland", "2026-11-25 13:00:00")]
    [InlineData("monday 9:00 Europe/London", "2026-11-30 10:00:00")]
    public void A_phrase_means_a_time(string phrase, string wall) =>
        Shown(Read(phrase, s_now, s_paris).Time, s_paris).ShouldBe(wall);

    /// <summary>What is not understood, or may mean two things, and words of the answer.</summary>
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("   ", "is empty")]
    [InlineData("soon", "is not understood at 'soon'")]
    [InlineData("tomorrow soon", "is not understood at 'soon'")]
    [InlineData("tomorrow at", "names no time of day behind 'at'")]
    [InlineData("tomorrow at lunch", "names no time of day behind 'at'")]
    [InlineData("tomorrow at 9am at 10am", "names two times of day")]
    [InlineData("tomorrow friday", "names two days")]
    [InlineData("in 2 hours at 9am", "names both a time of day and hours from now")]
    [InlineData("in 2 hours in 3 days", "names two lengths of time")]
    [InlineData("12/01/2026", "may mean two days, '12/01/2026': write it as 2026-12-01")]
    [InlineData("1.12.2026", "may mean two days")]
    [InlineData("12/1", "may mean two days")]
    [InlineData("tomorrow at 9am EST", "names its zone 'EST', which stands for several: write an IANA time zone, as America/New_York")]
    [InlineData("tomorrow at 9am Europe/Pariss", "names 'Europe/Pariss', which is no time zone")]
    [InlineData("2026-12-01T08:00+25:00", "has the offset +25:00, which no clock has")]
    [InlineData("2026-02-30", "has '2026-02-30', which is no day of the calendar")]
    [InlineData("31 february", "has '31 February', which is no day of the calendar")]
    [InlineData("the 32nd", "has a day 32 of a month")]
    [InlineData("the 31st of november", "is no day of the calendar")]
    [InlineData("fifth monday of february 2027", "counts 5 Mondays in February 2027, which has 4")]
    [InlineData("25:00", "has '25:00', which is no time of day")]
    [InlineData("24:30", "has '24:30', which is no time of day")]
    [InlineData("9:75", "has '9:75', which is no time of day")]
    [InlineData("0 pm", "whose hours are 1 to 12")]
    [InlineData("13 am", "whose hours are 1 to 12")]
    [InlineData("at 26", "has '26', which is no hour of a day")]
    [InlineData("at 2575", "has '2575', which is no time of day")]
    [InlineData("tomorrow afternoon at 9am", "names a time of the morning in an afternoon")]
    [InlineData("tonight", "names no time of day: write e.g. 'tonight at 9'")]
    [InlineData("tomorrow morning", "names no time of day")]
    [InlineData("december", "names no day of the month december")]
    [InlineData("in 1.5 months", "has a part of a month")]
    [InlineData("in 100000 years", "is too far away")]
    [InlineData("in 99999999999999 years", "is too far away")]
    [InlineData("42", "is not understood at '42'")]
    [InlineData("in", "ends too early")]
    [InlineData("on", "ends too early")]
    [InlineData("UTC", "ends too early")]
    [InlineData("morgen um 9", "is not understood at 'morgen'")]
    [InlineData("tomorrow; rm -rf", "is not understood at '; rm -rf'")]
    public void What_is_not_understood_is_said(string phrase, string expected)
    {
        TimePhrase.TryParse(phrase, s_now, s_paris, out _, out string? error).ShouldBeFalse(phrase);
        error.ShouldNotBeNull().ShouldContain(expected);
        error.ShouldNotContain('\n');
    }

    /// <summary>The change of clocks: said at that UTC time, the phrase, the UTC time that is meant, and words of the note.</summary>
    [Theory]
    // Clocks go forward from 02:00 to 03:00 on 2027-03-28.
    [InlineData("2027-03-27T12:00:00Z", "tomorrow at 2:30", "2027-03-28T01:30:00Z", "02:30 on 2027-03-28 does not exist in Europe/Paris, where clocks go forward: it is 03:30.")]
    [InlineData("2027-03-27T12:00:00Z", "tomorrow at 3:00", "2027-03-28T01:00:00Z", null)]
    [InlineData("2027-03-27T12:00:00Z", "tomorrow", "2027-03-28T11:00:00Z", null)]
    [InlineData("2027-03-27T12:00:00Z", "in 1 day", "2027-03-28T11:00:00Z", null)]
    [InlineData("2027-03-27T12:00:00Z", "in 24 hours", "2027-03-28T12:00:00Z", null)]
    [InlineData("2027-03-28T00:30:00Z", "in 1 hour", "2027-03-28T01:30:00Z", null)]
    // They go back from 03:00 to 02:00 on 2027-10-31.
    [InlineData("2027-10-30T12:00:00Z", "tomorrow at 2:30", "2027-10-31T00:30:00Z", "02:30 on 2027-10-31 comes twice in Europe/Paris, where clocks go back: it is the first of them.")]
    [InlineData("2027-10-30T12:00:00Z", "tomorrow at 3:00", "2027-10-31T02:00:00Z", null)]
    [InlineData("2027-10-31T00:45:00Z", "in 1 hour", "2027-10-31T01:45:00Z", null)]
    [InlineData("2027-10-31T01:45:00Z", "today", "2027-10-31T01:45:00Z", null)]
    public void The_change_of_clocks_is_gone_through_as_schedules_do(string now, string phrase, string expected, string? note)
    {
        PhraseTime time = Read(phrase, Utc(now), s_paris);

        time.Time.ShouldBe(Utc(expected));
        time.Note.ShouldBe(note);
    }

    [Theory]
    [InlineData("10 minutes", 600)]
    [InlineData("in 10 minutes", 600)]
    [InlineData("an hour and a half", 5400)]
    [InlineData("2h30m", 9000)]
    [InlineData("a day from now", 86400)]
    public void A_length_of_time_is_read_alone(string phrase, double seconds)
    {
        TimePhrase.TryParseDuration(phrase, s_now, s_paris, out TimeSpan duration).ShouldBeTrue();
        duration.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("10 minutes ago")]
    [InlineData("10")]
    [InlineData("10 minutes 9am")]
    public void What_is_no_length_of_time_is_refused(string phrase) => TimePhrase.TryParseDuration(phrase, s_now, s_paris, out _).ShouldBeFalse();

    /// <summary>Turkish has another small I, Arabic another calendar.</summary>
    [Theory]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    [InlineData("de-DE")]
    public void The_culture_of_the_machine_changes_nothing(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new(culture);
            Shown(Read("FRI AT 5:30 PM", s_now, s_paris).Time, s_paris).ShouldBe("2026-11-27 17:30:00");
            Shown(Read("IN 1.5 MINUTES", s_now, s_paris).Time, s_paris).ShouldBe("2026-11-25 10:22:00");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Any mixture of its words, twisted: an answer or a reason, no other exception, and the same answer again.</summary>
    [Fact]
    public void Any_words_have_an_answer()
    {
        string[] words =
        [
            "in", "at", "on", "the", "next", "last", "first", "day", "of", "month", "week", "year", "tomorrow", "today", "tonight", "friday", "december", "a", "an", "half", "past", "quarter", "to", "10", "9am", "17:30",
            "24:00", "2026-12-01", "0001-01-01", "9999-12-31", "utc", "+02:00", "Europe/Paris", "hours", "minutes", "years", "99999", "ago", "from", "now", "and", "couple", "noon", "midnight", "15th", "pm", ",", "@", "o'clock", "-", "&", "evening", "end", "start", "this",
        ];
        var random = new Random(7);
        int understood = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string phrase = string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => words[random.Next(words.Length)]));
            bool first = TimePhrase.TryParse(phrase, s_now, s_paris, out PhraseTime time, out string? error);
            (first ? error is null : error is { Length: > 0 }).ShouldBeTrue(phrase);
            TimePhrase.TryParse(phrase, s_now, s_paris, out PhraseTime again, out _).ShouldBe(first, phrase);
            again.ShouldBe(time, phrase);
            understood += first ? 1 : 0;
        }
        understood.ShouldBeGreaterThan(100);
    }

    private static PhraseTime Read(string phrase, DateTimeOffset now, TimeZoneInfo zone)
    {
        TimePhrase.TryParse(phrase, now, zone, out PhraseTime time, out string? error).ShouldBeTrue($"{phrase}: {error}");
        return time;
    }

    private static string Shown(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm:ss.FFF", CultureInfo.InvariantCulture);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
