using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sluice.Worker.Launch;

/// <summary>Signals, which .NET can send only as SIGKILL.</summary>
internal static class ProcessSignals
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int NoSuchProcess = 3;
    private const uint CtrlBreak = 1;

    /// <summary>
    /// Asks a process to end: SIGTERM to it alone, as Prefect's workers do. On Windows CTRL_BREAK to its group, which reaches console programs of
    /// the worker's console only; others are killed when the grace is over.
    /// </summary>
    public static void Terminate(int processId)
    {
        if (OperatingSystem.IsWindows())
            GenerateConsoleCtrlEvent(CtrlBreak, (uint)processId);
        else
            Send(processId, SigTerm);
    }

    /// <summary>Kills a whole process group of a Unix system, also when its leader has ended.</summary>
    public static void KillGroup(int groupId) => Send(-groupId, SigKill);

    private static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            throw new Win32Exception(error);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);

    [DllImport("kernel32", SetLastError = true)]
    private static extern int GenerateConsoleCtrlEvent(uint controlEvent, uint processGroupId);
}
