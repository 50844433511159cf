namespace Sluice.Schedules.Tests;

/// <summary>Seeded random five-field expressions against a brute-force reading of them, minute by minute.</summary>
public sealed class CronOracleTests
{
    private static readonly (int Min, int Max)[] _ranges = [(0, 59), (0, 23), (1, 28), (1, 12), (0, 6)];

    [Fact]
    public void Simple_expressions_fire_at_exactly_the_minutes_that_match()
    {
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            HashSet<int>?[] sets = new HashSet<int>?[5];
            string cron = string.Join(' ', Enumerable.Range(0, 5).Select(field => Field(random, field, out sets[field])));
            bool dayOr = random.Next(2) == 0;
            var from = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(random.Next(525_600 * 3));
            DateTime until = from.AddDays(40);
            var expected = new List<DateTime>();
            for (DateTime time = from; time < until && expected.Count < 50; time = time.AddMinutes(1))
            {
                if (Matches(sets, time, dayOr))
                    expected.Add(time);
            }
            IEnumerable<DateTime> due = CronTests.Parse(cron, "UTC", dayOr).Take(from, 50).Where(x => x < until);
            due.ShouldBe(expected, $"{cron}, day_or {dayOr}, from {from:u}");
        }
    }

    private static bool Matches(HashSet<int>?[] sets, DateTime time, bool dayOr)
    {
        bool day = sets[2]?.Contains(time.Day) ?? true, weekday = sets[4]?.Contains((int)time.DayOfWeek) ?? true;
        bool date = dayOr && sets[2] != null && sets[4] != null ? day || weekday : day && weekday;
        return date && (sets[0]?.Contains(time.Minute) ?? true) && (sets[1]?.Contains(time.Hour) ?? true) && (sets[3]?.Contains(time.Month) ?? true);
    }

    /// <summary>A field of single values, rising ranges and steps; null stands for the asterisk. Days above 28 are left out: croniter counts to days that a month lacks.</summary>
    private static string Field(Random random, int field, out HashSet<int>? set)
    {
        (int min, int max) = _ranges[field];
        set = null;
        if (random.Next(3) == 0)
            return "*";
        set = [];
        var items = new List<string>();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int low = random.Next(min, max), high = random.Next(low + 1, max + 1), step = random.Next(1, 5);
            switch (random.Next(3))
            {
                case 0:
                    items.Add($"{low}");
                    set.Add(low);
                    break;
                case 1:
                    items.Add($"{low}-{high}");
                    set.UnionWith(Enumerable.Range(low, high - low + 1));
                    break;
                default:
                    items.Add($"{low}-{high}/{step}");
                    set.UnionWith(Enumerable.Range(low, high - low + 1).Where(x => (x - low) % step == 0));
                    break;
            }
        }
        return string.Join(',', items);
    }
}
