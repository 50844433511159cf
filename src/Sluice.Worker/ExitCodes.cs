using System.Globalization;

namespace Sluice.Worker;

/// <summary>What a worker says of a process that ended without having reported an outcome. Wording of the first sentence: Prefect's.</summary>
internal static class ExitCodes
{
    /// <summary>The message of the CRASHED state.</summary>
    /// <param name="code">As .NET gives it: 128 + N for a process that signal N ended.</param>
    /// <param name="targetFramework">Of a package, for the host's own exit codes; null for a command.</param>
    public static string Describe(int code, string? targetFramework)
    {
        string status = code.ToString(CultureInfo.InvariantCulture);
        if (code == 0)
            return "Flow run process exited with status code 0 without reporting an outcome. A flow program reports its end to the API; does the command run one?";
        string? hint = Hint(code) ?? (targetFramework is null ? null : HostHint(code, targetFramework));
        return $"Flow run process exited with non-zero status code {status}.{(hint is null ? "" : " " + hint)}";
    }

    private static string? Hint(int code) => code switch
    {
        125 => "The command could not be run, as container runtimes say.",
        126 => "The program was found but may not be executed: check its permissions.",
        127 => "The program or something it needs was not found: check the command and the PATH of the worker.",
        134 or -6 or -532462766 => "It was aborted, by an unhandled exception as a rule: its last lines of output say which.",
        137 or -9 => "It was ended by SIGKILL: by somebody, or by the operating system because memory ran out.",
        139 or -11 or -1073741819 => "It was ended by a memory access violation in native code.",
        143 or -15 => "It was ended by SIGTERM before it could report: somebody or something stopped it.",
        _ => null,
    };

    // 0x80008083 and 0x80008096 of the .NET host; other systems keep the low byte.
    private static string? HostHint(int code, string targetFramework) => code switch
    {
        131 or -2147450749 => $"No .NET runtime was found on the worker's machine: install the runtime of {targetFramework}, or set DOTNET_ROOT.",
        150 or -2147450730 => $"The .NET runtime of {targetFramework} is not installed on the worker's machine: install it, or publish self-contained.",
        _ => null,
    };
}
