using System.Runtime.InteropServices;

namespace Sluice.Runtime;

/// <summary>Turns SIGTERM, SIGINT and, on Windows, CTRL_BREAK into a wish to stop.</summary>
internal sealed class SignalWatcher : IDisposable
{
    private readonly RunStop _stop;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _interrupts;

    public SignalWatcher(RunStop stop)
    {
        _stop = stop;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminate));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt));
        if (OperatingSystem.IsWindows())
        {
            // How Prefect's worker asks a process to end on Windows: CTRL_BREAK.
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Terminate));
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Terminate(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Request(StopReason.Terminated);
    }

    /// <summary>The first Ctrl+C asks, the second one ends the process at once.</summary>
    private void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = Interlocked.Increment(ref _interrupts) == 1;
        _stop.Request(StopReason.Interrupted);
    }
}
