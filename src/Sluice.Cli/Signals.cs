using System.Runtime.InteropServices;

namespace Sluice.Cli;

/// <summary>
/// Ctrl+C, SIGTERM and a closed terminal. The first asks to stop in good order, the second to stop now; the third ends the process as if nobody
/// listened. .NET installs no SIGTERM handler by itself.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    public Signals()
    {
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Cancelled by the second signal.</summary>
    public CancellationToken Abort => _abort.Token;

    private void OnSignal(PosixSignalContext context)
    {
        int count = Interlocked.Increment(ref _count);
        context.Cancel = count <= 2;
        // On another thread: what continues on the token must not run inside the signal handler.
        if (count == 1)
            _ = _stop.CancelAsync();
        else if (count == 2)
            _ = _abort.CancelAsync();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }
}
