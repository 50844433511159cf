namespace Sluice.Cli.CommandLine;

/// <summary>Checks numbers of options.</summary>
internal static class Numbers
{
    public static void AtLeast(int least, string option, int? value)
    {
        if (value < least)
            throw CliException.BadUsage($"{option} is {value}; it takes {least} or more");
    }
}
