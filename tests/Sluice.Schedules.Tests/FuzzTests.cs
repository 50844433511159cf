using Sluice.Testing;

namespace Sluice.Schedules.Tests;

/// <summary>Whatever the text: no exception, no hang, errors that point into the text, and answers that keep their promises.</summary>
public sealed class FuzzTests
{
    private const string Characters = "0123456789*,-/?#LlWwHhRr()@ \t\n:;=+_.ABCDEFGIJKMNOPQSTUVXYZabcfrimonjsu\u0130\u0131\u017f\u0663\uff11\u00a0\u2028\ud83d\ude00\0é";

    private static readonly string[] _cronItems =
        ["*", "*/5", "0", "59", "60", "7", "1-5", "22-2", "3-3", "5/15", "*/0", "*/90", "L", "L5", "fri#2", "mon-fri", "jan", "dec-feb", "?", "H", "R(0-5)", "1,2#1", "31", "30", "29", "2026", "1970-2099", "2099", "@daily", "15W", "L-3", "", "1,,2", "*-5", "99999999999999999999", "0-6/7"];

    private static readonly string[] _ruleItems =
        ["FREQ=YEARLY", "FREQ=MONTHLY", "FREQ=WEEKLY", "FREQ=DAILY", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "INTERVAL=", "COUNT=", "UNTIL=", "WKST=SU", "BYMONTH=", "BYMONTHDAY=", "BYYEARDAY=", "BYWEEKNO=", "BYEASTER=", "BYDAY=MO", "BYDAY=-1FR,2SU", "BYDAY=53TH", "BYHOUR=", "BYMINUTE=", "BYSECOND=", "BYSETPOS=", "BYDAY=MO(+1)", "RRULE:FREQ=DAILY", "DTSTART:20260101T000000", "DTSTART;TZID=Europe/Paris:20260101T000000Z", "RDATE:20260329T023000,20261025", "EXDATE:20260101", "EXRULE:FREQ=SECONDLY", "EXRULE:FREQ=WEEKLY;BYDAY=SU", "DTSTART:00010101", "DTSTART:99991231T235959"];

    private static readonly string[] _numbers = ["0", "1", "2", "-1", "7", "13", "29", "30", "31", "53", "59", "60", "366", "-366", "1,2,3", "0,15,30,45", "97", "315", "86400", "999999999", "-999999999999", "20260329T023000", "20270101T000000Z", "+5", "1_0", "\u0663", ""];

    private static readonly string[] _zones = ["UTC", "America/New_York", "Europe/Paris", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "Europe/Pariss", "W. Europe Standard Time", "+02:00", "", "Europe/Paris\0"];

    [Fact]
    public async Task Random_schedules_are_answered()
    {
        string current = "";
        // Not a measurement: it is to name the input that hangs.
        Task all = Task.Run(() =>
        {
            int seed = Fuzz.Seed;
            var random = new Random(seed);
            for (int i = 0; i < Fuzz.Count(4_000); i++)
            {
                Input input = Make(random);
                Volatile.Write(ref current, $"input {i} of seed {seed}: {input}");
                try
                {
                    Try(input, random);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException(current, e);
                }
            }
        }, TestContext.Current.CancellationToken);
        string last = "";
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)) != all)
        {
            string now = Volatile.Read(ref current);
            now.ShouldNotBe(last, "no answer for a minute");
            last = now;
        }
        await all;
    }

    private static void Try(Input input, Random random)
    {
        Occurrences? schedule;
        ScheduleError? error;
        bool valid = input.Kind switch
        {
            0 => Occurrences.TryParseCron(input.Text, random.Next(2) == 0, input.Zone, input.Dst, out schedule, out error),
            1 => Occurrences.TryParseRRule(input.Text, input.Zone, input.Dst, out schedule, out error),
            _ => Occurrences.TryParseInterval(input.Seconds, new DateTimeOffset(random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks), TimeSpan.Zero), input.Zone, out schedule, out error),
        };
        if (input.Kind == 2 && !Durations.TryParse(input.Text, out _, out ScheduleError? duration))
            Check(duration!, input.Text);
        valid.ShouldBe(schedule != null);
        valid.ShouldBe(error == null);
        if (error != null)
        {
            Check(error, ZonesError(error) ? input.Zone : input.Kind == 2 ? "" : input.Text);
            return;
        }
        schedule!.Explain().ShouldNotBeEmpty();
        DateTime at = random.Next(8) switch
        {
            0 => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc),
            1 => random.Next(2) == 0 ? DateTime.MinValue : DateTime.MaxValue,
            _ => new DateTime(2026, random.Next(1, 13), 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(random.Next(86_400 * 28)),
        };
        if (schedule.Next(at) is { } next)
            (next >= at || at.Year < 2).ShouldBeTrue($"next from {at:O} is {next:O}");
        if (schedule.Previous(at) is { } previous)
        {
            previous.ShouldBeLessThan(at);
            schedule.Next(previous).ShouldBe(previous);
        }
        IReadOnlyList<DateTime> take = schedule.Take(at, 5);
        take.Count.ShouldBeLessThanOrEqualTo(5);
        for (int i = 1; i < take.Count; i++)
            take[i].ShouldBeGreaterThan(take[i - 1]);
        if (random.Next(8) == 0)
            schedule.DstNotes(at, at.Year < 9990 ? at.AddMonths(13) : DateTime.MaxValue).Count.ShouldBeLessThan(20);
    }

    private static bool ZonesError(ScheduleError error) => error.Message.Contains("IANA time zone", StringComparison.Ordinal);

    private static void Check(ScheduleError error, string text)
    {
        (error.Offset >= 0 && error.Length >= 0 && error.Offset + error.Length <= text.Length).ShouldBeTrue($"{error.Offset}+{error.Length}: {error.Message}");
        error.Message.Length.ShouldBeGreaterThan(12);
        (error.Message[^1] is '.' or '?').ShouldBeTrue(error.Message);
    }

    private static Input Make(Random random)
    {
        int kind = random.Next(9) switch { < 4 => 0, < 8 => 1, _ => 2 };
        string text = kind switch
        {
            0 => random.Next(5) == 0 ? PreviousTests.Cron(random, 31) : string.Join(' ', Enumerable.Range(0, random.Next(12) == 0 ? random.Next(9) : random.Next(5, 8)).Select(_ => string.Join(',', Enumerable.Range(0, random.Next(1, 3)).Select(_ => Pick(random, _cronItems))))),
            1 => random.Next(4) == 0 ? PreviousTests.RRule(random) : Rule(random),
            _ => string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(random, "P", "T", "1", "15", "M", "H", "D", "Y", ":", "00", ".", "-", "W", "S", "0.5", " ", "99999999999999999999999999999999"))),
        };
        if (random.Next(4) == 0)
            text = Mutate(random, text);
        double seconds = random.Next(6) switch { 0 => double.NaN, 1 => random.NextDouble() * 1e-5, 2 => random.NextDouble() * 1e13, 3 => -1, 4 => random.Next(1, 200_000), _ => 86_400.0 * random.Next(1, 40) };
        string zone = random.Next(40) == 0 ? Mutate(random, Pick(random, _zones)) : Pick(random, _zones[..(random.Next(20) == 0 ? _zones.Length : 7)]);
        return new Input(kind, text, zone, (DstPolicy)random.Next(2), seconds);
    }

    private static string Rule(Random random)
    {
        var parts = new List<string>();
        for (int i = random.Next(1, 7); i > 0; i--)
        {
            string part = i == 1 || random.Next(3) > 0 ? Pick(random, _ruleItems) : Pick(random, _ruleItems[..7]);
            parts.Add(part.EndsWith('=') ? part + Pick(random, _numbers) : part);
        }
        if (random.Next(3) > 0)
            parts.Insert(0, Pick(random, _ruleItems[..7]));
        string text = parts[0];
        foreach (string part in parts.Skip(1))
            text += (part.Contains(':') ? "\n" : text.Contains("DATE:", StringComparison.Ordinal) || random.Next(25) == 0 ? "\nRRULE:" : ";") + part;
        return text;
    }

    private static string Mutate(Random random, string text)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(text.Length + 1);
            text = random.Next(3) == 0 && text.Length > 0 ? text.Remove(Math.Min(at, text.Length - 1), 1) : text.Insert(at, Characters[random.Next(Characters.Length)].ToString());
        }
        return random.Next(50) == 0 ? string.Concat(Enumerable.Repeat(text, random.Next(2, 300))) : text;
    }

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

    private sealed record Input(int Kind, string Text, string Zone, DstPolicy Dst, double Seconds);
}
