using System.Globalization;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Hangfire's <c>Cron.Daily(6, 30)</c> and its like, written into the text instead of what they return.</summary>
internal static class HangfireCron
{
    /// <summary>Whether the text is a call of Hangfire's Cron class, and the expression that the call returns, null for arguments that it does not take.</summary>
    public static bool TryRead(string text, out string? expression)
    {
        expression = null;
        string call = text.Trim().TrimEnd(';');
        if (call.StartsWith("Hangfire.", StringComparison.Ordinal))
            call = call.Substring("Hangfire.".Length);
        if (!call.StartsWith("Cron.", StringComparison.Ordinal))
            return false;
        int open = call.IndexOf('(');
        string name = call.Substring("Cron.".Length, (open < 0 ? call.Length : open) - "Cron.".Length).Trim();
        bool isOpen = open >= 0 && !call.EndsWith(")", StringComparison.Ordinal);
        string[] arguments = open < 0 || isOpen ? []
            : [.. call.Substring(open + 1, call.Length - open - 2).Split([','], StringSplitOptions.RemoveEmptyEntries)];
        (string Name, string[] Parameters, string Format)? helper = Helper(name);
        if (helper is not { } known)
            return false;
        if (isOpen)
            return true;
        string?[] values = new string?[known.Parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            int colon = arguments[i].IndexOf(':');
            int at = colon < 0 ? i : Array.IndexOf(known.Parameters, arguments[i].Substring(0, colon).Trim());
            if (at < 0 || at >= values.Length)
                return true;
            values[at] = Value(arguments[i].Substring(colon + 1).Trim());
            if (values[at] is null)
                return true;
        }
        string cron = known.Format;
        for (int i = 0; i < values.Length; i++)
            cron = cron.Replace($"{{{known.Parameters[i]}}}", values[i] ?? (known.Parameters[i] is "day" or "month" or "dayOfWeek" ? "1" : "0"));
        expression = Occurrences.TryParseCron(cron, null, null, out _, out _) ? cron : null;
        return true;
    }

    // Weekly is Monday, monthly the 1st, yearly the 1st of January, where nothing else is said; the rest is 0.
    private static (string Name, string[] Parameters, string Format)? Helper(string name) => name switch
    {
        "Minutely" => (name, [], "* * * * *"),
        "Hourly" => (name, ["minute"], "{minute} * * * *"),
        "Daily" => (name, ["hour", "minute"], "{minute} {hour} * * *"),
        "Weekly" => (name, ["dayOfWeek", "hour", "minute"], "{minute} {hour} * * {dayOfWeek}"),
        "Monthly" => (name, ["day", "hour", "minute"], "{minute} {hour} {day} * *"),
        "Yearly" => (name, ["month", "day", "hour", "minute"], "{minute} {hour} {day} {month} *"),
        "MinuteInterval" => (name, ["interval"], "*/{interval} * * * *"),
        "HourInterval" => (name, ["interval"], "0 */{interval} * * *"),
        "DayInterval" => (name, ["interval"], "0 0 */{interval} * *"),
        "MonthInterval" => (name, ["interval"], "0 0 1 */{interval} *"),
        "Never" => (name, [], ""),
        _ => null,
    };

    private static string? Value(string argument)
    {
        int dot = argument.LastIndexOf('.');
        if (dot >= 0 && Enum.TryParse(argument.Substring(dot + 1), out DayOfWeek day))
            return ((int)day).ToString(CultureInfo.InvariantCulture);
        return int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number.ToString(CultureInfo.InvariantCulture) : null;
    }
}
