using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Sluice.Deploy.Journal;

/// <summary>The process that applies: who waits for it is told this, and on the same machine it is seen whether it lives.</summary>
internal sealed record JournalPublisher
{
    /// <summary>The machine's name.</summary>
    public required string Host { get; init; }

    /// <summary>Which running system it is: containers may have the name of their machine, and other processes.</summary>
    public required string Machine { get; init; }

    public required int Process { get; init; }

    /// <summary>When the process started, since numbers of processes come again.</summary>
    public required DateTimeOffset Started { get; init; }

    public static JournalPublisher This()
    {
        using Process process = System.Diagnostics.Process.GetCurrentProcess();
        return new() { Host = Environment.MachineName, Machine = RunningSystem(), Process = process.Id, Started = process.StartTime };
    }

    /// <summary>Whether the process runs; null where it is on another machine, or cannot be asked.</summary>
    public bool? IsRunning()
    {
        if (Host != Environment.MachineName || Machine != RunningSystem())
            return null;
        try
        {
            using Process process = System.Diagnostics.Process.GetProcessById(Process);
            // The start is told in ticks of the system's clock.
            return !process.HasExited && (process.StartTime.ToUniversalTime() - Started.UtcDateTime).Duration() <= TimeSpan.FromSeconds(2);
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return null; // it is another user's
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}, process {Process}");

    private static string RunningSystem()
    {
        if (!OperatingSystem.IsLinux())
            return "";
        try
        {
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such file system here: the lease alone tells.
            return Guid.NewGuid().ToString();
        }
    }
}
