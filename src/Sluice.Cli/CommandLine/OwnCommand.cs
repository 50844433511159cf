using Sluice.Cli.Commands;

namespace Sluice.Cli.CommandLine;

/// <summary>How this program is typed here: a command that is shown to a person must work when it is copied.</summary>
internal static class OwnCommand
{
    /// <summary><c>sluice</c> where it is installed, else the way this process was started: <c>dotnet PATH/sluice.dll</c>.</summary>
    public static string Text { get; } = IsInstalled() ? "sluice" : $"dotnet {Shell.Quote(Path.Combine(AppContext.BaseDirectory, "sluice.dll"))}";

    private static bool IsInstalled()
    {
        string name = OperatingSystem.IsWindows() ? "sluice.exe" : "sluice";
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, name)));
    }
}
