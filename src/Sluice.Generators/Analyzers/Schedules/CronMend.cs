using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>What was probably meant by an invalid cron expression, where one thing comes to mind.</summary>
internal static class CronMend
{
    /// <summary>The expression with the marked characters mended; null when nothing is obvious, or when something else is wrong too.</summary>
    public static string? Of(string cron, ScheduleError error)
    {
        if (error.Length == 0 || error.Offset + error.Length > cron.Length)
            return null;
        string wrong = cron.Substring(error.Offset, error.Length).ToLowerInvariant();
        foreach (CronToken token in CronToken.Split(cron))
        {
            if (token.Offset > error.Offset || token.Offset + token.Text.Length <= error.Offset)
                continue;
            if (token.Field < CronField.All.Count && Better(wrong, CronField.All[token.Field], token.Field) is { } better)
            {
                string mended = cron.Substring(0, error.Offset) + better + cron.Substring(error.Offset + error.Length);
                return Occurrences.TryParseCron(mended, null, null, out _, out _) ? mended : null;
            }
        }
        return null;
    }

    private static string? Better(string wrong, CronField field, int index)
    {
        if (wrong.Length > 3 && field.TryGetNamed(wrong.Substring(0, 3), out _) && wrong.All(char.IsLetter))
            return wrong.Substring(0, 3);
        // 5l, as Quartz and others write the last Friday.
        if (index == CronField.DayOfWeek && wrong.Length == 2 && wrong[1] == 'l' && char.IsDigit(wrong[0]))
            return "L" + wrong[0];
        return wrong[0] is 'h' or 'r' ? Fixed(wrong, field) : null;
    }

    /// <summary>A value in place of Jenkins's <c>H</c> and croniter's <c>R</c>: the first one of the range, or the range with the step.</summary>
    private static string Fixed(string wrong, CronField field)
    {
        int slash = wrong.IndexOf('/');
        string step = slash < 0 ? "" : wrong.Substring(slash);
        int open = wrong.IndexOf('('), close = wrong.IndexOf(')');
        string range = open >= 0 && close > open ? wrong.Substring(open + 1, close - open - 1) : "";
        if (step.Length > 0)
            return (range.Length > 0 ? range : "*") + step;
        return range.Length > 0 ? range.Split('-')[0] : field.Min.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
