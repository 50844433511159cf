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

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);
}
