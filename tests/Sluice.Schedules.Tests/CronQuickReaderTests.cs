using System.Text.Json;

namespace Sluice.Schedules.Tests;

/// <summary>The quick reader gives what the parser gives, or leaves it to it.</summary>
public sealed class CronQuickReaderTests
{
    [Fact]
    public void What_it_reads_the_parser_reads_alike()
    {
        int quick = 0;
        foreach (string cron in Expressions())
        {
            if (CronQuickReader.Read(cron, true) is not { } read)
                continue;
            quick++;
            // Trailing white space that it does not know sends the text to the parser, which drops it.
            CronParser.TryParse(cron + "\t", true, out CronExpression? parsed, out ScheduleError? error).ShouldBeTrue($"{cron}: {error?.Message}");
            read.FieldCount.ShouldBe(parsed!.FieldCount, cron);
            read.IsByTheClock.ShouldBe(parsed.IsByTheClock, cron);
            (read.NthWeekdays ?? []).ShouldBe(parsed.NthWeekdays ?? [], cron);
            for (int field = 0; field < 7; field++)
                (read[field].Mask, read[field].IsAny, read[field].HasLast).ShouldBe((parsed[field].Mask, parsed[field].IsAny, parsed[field].HasLast), $"{cron}, field {field}");
        }
        quick.ShouldBeGreaterThan(1_000);
    }

    private static IEnumerable<string> Expressions()
    {
        foreach (string file in new[] { "schedules.jsonl", "schedules_more.jsonl" })
        {
            foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)))
            {
                using JsonDocument recorded = JsonDocument.Parse(line);
                if (recorded.RootElement.TryGetProperty("cron", out JsonElement cron))
                    yield return cron.GetString()!;
            }
        }
        var random = new Random(5);
        for (int i = 0; i < 2_000; i++)
            yield return PreviousTests.Cron(random, 31);
    }
}
