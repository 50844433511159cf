using System.Text.Json;

namespace Sluice.Schedules.Tests;

/// <summary>The quick reader gives what the parser gives, or leaves it to it; and rules that are sought by bits fire as those that are sought by periods.</summary>
public sealed class RRuleQuickReaderTests
{
    private static readonly string[] Values =
    [
        "INTERVAL=1", "INTERVAL=2", "INTERVAL=5", "INTERVAL=30", "INTERVAL=0", "COUNT=7", "COUNT=0", "BYMONTH=2", "BYMONTH=1,6,12", "BYMONTH=13", "BYMONTHDAY=1", "BYMONTHDAY=29,30,31",
        "BYMONTHDAY=-1", "BYDAY=MO", "BYDAY=MO,TU,WE,TH,FR", "BYDAY=1MO", "BYDAY=SU,SA", "BYHOUR=6", "BYHOUR=0,12,23", "BYHOUR=24", "BYMINUTE=0", "BYMINUTE=7,59", "BYSECOND=0,30", "BYSECOND=61",
        "BYSETPOS=-1", "BYSETPOS=1", "BYSETPOS=2,3", "BYSETPOS=0", "BYSETPOS=-367", "BYDAY=-1FR", "BYDAY=5MO,-2TU", "BYDAY=2MO,TU", "BYDAY=0MO", "BYDAY=-MO", "BYDAY=6WE", "WKST=SU", "BYDAY=", "BYHOUR=06", "BYHOUR=6,", "byhour=6", "UNTIL=20301231T000000",
    ];

    private static readonly string[] Frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY", "daily", "DAILYX", ""];

    [Fact]
    public void What_it_reads_the_parser_reads_alike()
    {
        int quick = 0;
        foreach (string text in Rules())
        {
            if (RRuleQuickReader.Read(text) is not { } read)
                continue;
            quick++;
            // Leading white space sends the text to the parser, which drops it.
            RRuleParser.TryParse(" " + text, out RRuleSet? parsed, out ScheduleError? error).ShouldBeTrue($"{text}: {error?.Message}");
            (parsed!.HasStart, parsed.Dates.Count, parsed.ExcludedRules.Count, parsed.ExcludedDateCount).ShouldBe((false, 0, 0, 0));
            RRuleParts parts = parsed.Rules.ShouldHaveSingleItem().Parts;
            JsonSerializer.Serialize(read).ShouldBe(JsonSerializer.Serialize(parts), text);
        }
        quick.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void What_is_sought_by_bits_fires_as_what_is_sought_by_periods()
    {
        var random = new Random(9);
        int compared = 0;
        foreach (string text in Rules())
        {
            if (!RRuleParser.TryParse(text, out RRuleSet? set, out _) || set!.Rules.Count == 0 || CalendarSearch.Of(set.Rules[0]) == null)
                continue;
            compared++;
            RRule rule = set.Rules[0];
            for (int i = 0; i < 8; i++)
            {
                DateTime wall = new DateTime(2019, 12, 31).AddSeconds(random.NextInt64(0, 20L * 365 * 86_400)).AddTicks(random.Next(2));
                // What lies before is always sought by periods.
                DateTime? next = rule.Next(wall), last = rule.Previous(next?.AddTicks(-1) ?? new DateTime(9998, 12, 31));
                (last < wall || last is null).ShouldBeTrue($"{text} from {wall:O}: {last:O} and not {next:O}");
                if (next is { } due)
                    (due >= wall, rule.Previous(due)).ShouldBe((true, due), $"{text} from {wall:O}");
            }
        }
        compared.ShouldBeGreaterThan(150);
    }

    [Theory]
    [InlineData("FREQ=DAILY;BYHOUR=6")]
    [InlineData("FREQ=MINUTELY;INTERVAL=5")]
    [InlineData("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6")]
    [InlineData("FREQ=MONTHLY;BYDAY=2MO,-1FR")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")]
    public void Next_of_a_plain_rule_allocates_nothing(string rule)
    {
        Occurrences.TryParseRRule(rule, "Europe/Paris", out Occurrences? occurrences, out _).ShouldBeTrue();
        var from = new DateTime(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);
        occurrences!.Next(from).ShouldNotBeNull();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            occurrences.Next(from);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static IEnumerable<string> Rules()
    {
        foreach (string file in new[] { "schedules.jsonl", "schedules_more.jsonl" })
        {
            foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)))
            {
                using JsonDocument recorded = JsonDocument.Parse(line);
                if (recorded.RootElement.TryGetProperty("rrule", out JsonElement rule))
                    yield return rule.GetString()!;
            }
        }
        var random = new Random(5);
        for (int i = 0; i < 3_000; i++)
        {
            var parts = new List<string> { "FREQ=" + Frequencies[random.Next(random.Next(8) == 0 ? Frequencies.Length : 7)] };
            for (int more = random.Next(5); more > 0; more--)
                parts.Insert(random.Next(parts.Count + 1), Values[random.Next(Values.Length)]);
            yield return string.Join(';', parts);
        }
    }
}
