namespace Sluice.Runtime.Orchestrated;

/// <summary>Time for reporting: as much as it takes, unless the run is asked to stop; then only so much.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;

    public Deadline(RunStop stop, TimeSpan afterStop) =>
        _registration = stop.Token.UnsafeRegister(_ => _source.CancelAfter(afterStop), null);

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
