using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using Microsoft.Win32;

namespace Sluice.Deploy.Journal;

/// <summary>The process that applies: who waits for it is told this, and on the same machine it is seen whether it lives.</summary>
internal sealed record JournalPublisher
{
    /// <summary>The machine's name.</summary>
    public required string Host { get; init; }

    /// <summary>Which running system it is: containers may have the name of their machine and virtual machines that of their image, and other processes.</summary>
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

    /// <summary>One that cannot be told is nobody's: the lease alone tells then.</summary>
    private static string RunningSystem()
    {
        string? id = null;
        try
        {
            if (OperatingSystem.IsLinux())
                id = $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
            else if (OperatingSystem.IsMacOS())
                id = BootSession();
            else if (OperatingSystem.IsWindows())
                id = Registry.GetValue(@"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography", "MachineGuid", null) as string;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or EntryPointNotFoundException or DllNotFoundException)
        {
            // No such file system here, or no right to read it.
        }
        return id is { Length: > 0 } ? id : Guid.NewGuid().ToString();
    }

    /// <summary>Made anew with each start: virtual machines of one image have their name and number, and not this.</summary>
    private static string? BootSession()
    {
        byte[] value = new byte[64];
        nint length = value.Length;
        return sysctlbyname("kern.bootsessionuuid", value, ref length, 0, 0) == 0 ? Encoding.ASCII.GetString(value, 0, (int)length).TrimEnd('\0') : null;
    }

    // man 3 sysctlbyname
    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int sysctlbyname(string name, byte[] value, ref nint length, nint newValue, nint newLength);
}
