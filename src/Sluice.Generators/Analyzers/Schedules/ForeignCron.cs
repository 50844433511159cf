using System.Globalization;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A cron expression that was written for another scheduler, whose fields have another order.</summary>
internal sealed class ForeignCron
{
    private static readonly string[] _days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private ForeignCron(string explanation, string? replacement)
    {
        Explanation = explanation;
        Replacement = replacement;
    }

    /// <summary>What is foreign in it.</summary>
    public string Explanation { get; }

    /// <summary>What says the same here; null where nothing does, as for the nearest weekday (W).</summary>
    public string? Replacement { get; }

    /// <summary>Recognizes expressions of Quartz, NCrontab (Azure Functions) and EventBridge.</summary>
    public static ForeignCron? Of(string cron)
    {
        // As it stands in EventBridge's own files.
        if (cron.StartsWith("cron(", StringComparison.Ordinal) && cron.EndsWith(")", StringComparison.Ordinal))
            cron = cron.Substring(5, cron.Length - 6);
        // Most expressions are plain, and told so without a split.
        bool marked = cron.IndexOf('?') >= 0;
        if (!marked && CronToken.Count(cron) is < 6 or > 7)
            return null;
        string[] fields = [.. CronToken.Split(cron).Select(token => token.Text)];
        return marked ? Marked(fields) : fields.Length is 6 or 7 ? SecondsFirst(fields) : null;
    }

    /// <summary>With <c>?</c>, which only Quartz, Spring and EventBridge ask for: its place tells whether seconds come first.</summary>
    private static ForeignCron? Marked(string[] fields)
    {
        int[] marks = [.. Enumerable.Range(0, fields.Length).Where(i => fields[i] == "?")];
        if (marks.Length == 0)
            return null;
        if (fields.Length == 5)
            return marks.All(i => i is 2 or 4) ? new("'?' is Quartz's; here it is '*'", Checked(fields.Select(field => field == "?" ? "*" : field))) : null;
        if (fields.Length is 6 or 7 && marks.All(i => i is 3 or 5))
            return new("it is a Quartz expression, whose first field is seconds; here seconds come sixth", Convert(fields.Skip(1).Take(5), fields[0], fields.Length == 7 ? fields[6] : "*", quartzDays: true));
        if (fields.Length == 6 && marks.All(i => i is 2 or 4))
            return new("it is an EventBridge expression, whose sixth field is the year; here it is seconds", Convert(fields.Take(5), "0", fields[5], quartzDays: true));
        return null;
    }

    /// <summary>Without <c>?</c>: seconds come first when that makes sense, and the order of croniter does not or would fire second after second.</summary>
    private static ForeignCron? SecondsFirst(string[] fields)
    {
        string first = fields[0], last = fields[5];
        bool valid = Occurrences.TryParseCron(string.Join(" ", fields), null, null, out _, out _);
        if (valid && !IsSurprising(fields, first, last))
            return null;
        string year = fields.Length == 7 ? fields[6] : "*";
        string? replacement = Convert(fields.Skip(1).Take(5), first, year, quartzDays: false);
        if (replacement is null || CronRange.Of(replacement).Any(range => range.IsDayOfWeek && range.Step > 6))
            return null;
        return new(
            valid ? "it seems to have seconds first, as in NCrontab and Quartz; here the first field is minutes and seconds come sixth" : "it has seconds first, as in NCrontab and Quartz; here seconds come sixth",
            replacement);
    }

    /// <summary>Whether croniter's reading is one that nobody wants: several seconds of the chosen minutes, or second 1 to 6 of a day of the month, where a weekday was meant.</summary>
    private static bool IsSurprising(string[] fields, string first, string last) =>
        IsNumber(last)
            ? first == "0" && last is "1" or "2" or "3" or "4" or "5" or "6" && fields[1] != "*" && fields[2] != "*" && fields[3] == "*" && fields[4] == "*"
            : first != "*";

    private static string? Convert(IEnumerable<string> minuteToWeekday, string seconds, string year, bool quartzDays)
    {
        string[] fields = [.. minuteToWeekday.Select(field => field == "?" ? "*" : field)];
        if (quartzDays)
            fields[4] = string.Join(",", fields[4].Split(',').Select(FromQuartz));
        var converted = new List<string>(fields);
        if (year != "*")
            converted.AddRange([seconds, year]);
        else if (seconds != "0")
            converted.Add(seconds);
        // With seconds, 7 is no Sunday to croniter.
        return Checked(converted) ?? Checked(converted.Select((field, i) => i == CronField.DayOfWeek ? field.Replace('7', '0') : field));
    }

    /// <summary>A weekday item of Quartz, which counts from Sunday as 1: <c>2-6</c> is <c>mon-fri</c>, <c>6L</c> is <c>L5</c>, <c>L</c> is Saturday.</summary>
    private static string FromQuartz(string item)
    {
        string lower = item.ToLowerInvariant();
        if (lower == "l")
            return "sat";
        if (lower.Length > 1 && lower[lower.Length - 1] == 'l')
        {
            int day = Day(lower.Substring(0, lower.Length - 1));
            return day < 0 ? item : "L" + day.ToString(CultureInfo.InvariantCulture);
        }
        int end = lower.IndexOfAny(['/', '#']);
        string body = end < 0 ? lower : lower.Substring(0, end);
        return string.Join("-", body.Split('-').Select(value => Day(value) is var day and >= 0 ? _days[day] : value)) + (end < 0 ? "" : lower.Substring(end));
    }

    /// <summary>Quartz's weekday counted from Sunday as 0; -1 for what is none.</summary>
    private static int Day(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? (number is >= 1 and <= 7 ? number - 1 : -1) : Array.IndexOf(_days, text);

    private static string? Checked(IEnumerable<string> fields)
    {
        string cron = string.Join(" ", fields);
        return Occurrences.TryParseCron(cron, null, null, out _, out _) ? cron : null;
    }

    private static bool IsNumber(string text) => text.All(c => c is >= '0' and <= '9');
}
