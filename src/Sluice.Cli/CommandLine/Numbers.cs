using System.Globalization;

namespace Sluice.Cli.CommandLine;

/// <summary>Checks numbers of options.</summary>
internal static class Numbers
{
    public static void AtLeast(int least, string option, int? value)
    {
        if (value < least)
            throw CliException.BadUsage($"{option} is {value}; it takes {least} or more");
    }

    /// <summary>A limit that may be taken away: a number from 0, or <c>none</c>; null where the option is not given.</summary>
    public static (int? Limit, bool Clear) Limit(string option, string? text)
    {
        if (text is null || text == "none")
            return (null, text is not null);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            throw CliException.BadUsage($"{option} is '{text}'; it takes a number from 0, or none for no limit");
        AtLeast(0, option, value);
        return (value, false);
    }
}
