using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sluice.Testing;

/// <summary>Signals to processes that a test started, which .NET can send only as SIGKILL.</summary>
public static class Signal
{
    /// <summary>What Ctrl+C sends.</summary>
    public const int Interrupt = 2;

    /// <summary>What <c>kill</c> and service managers send.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to this process alone.</summary>
    public static void Send(this Process process, int signal)
    {
        if (kill(process.Id, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>The group of another process, which led a session of its own; never the caller's.</summary>
    public static int GroupOf(int processId) => getpgid(processId) is > 1 and var group && group != getpgid(0)
        ? group
        : throw new InvalidOperationException($"The process {processId} is gone, or in the group of this one.");

    [DllImport("libc", SetLastError = true)]
    private static extern int getpgid(int processId);

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);
}
