using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// A progress that a run shows, from 0 to 100 percent. Report as often as you like: the newest value is sent, once a second at most, and the last one when this is
/// disposed of. A server that does not take one is told of in the log; no flow fails for its progress.
/// </summary>
public sealed class FlowProgress : IProgress<double>, IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>How long the last value may take to be sent.</summary>
    private static readonly TimeSpan s_last = TimeSpan.FromSeconds(5);

    private readonly FlowServices _services;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private double _value;
    private double _sent;
    private Task? _sending;
    private bool _failed;

    internal FlowProgress(FlowServices services, Guid? id, string name)
    {
        _services = services;
        _name = name;
        Id = id;
    }

    /// <summary>The artifact's id; null in a local run, whose log gets the values.</summary>
    public Guid? Id { get; }

    /// <summary>What was reported last.</summary>
    public double Value
    {
        get
        {
            lock (_lock)
                return _value;
        }
    }

    /// <summary>Reports how far the work is. Returns at once.</summary>
    /// <param name="value">Percent, from 0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less or more, or no number.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Report(double value)
    {
        if (!(value is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A progress is from 0 to 100 percent.");
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            _value = value;
            _sending ??= Task.Run(SendAsync);
        }
    }

    /// <summary>Sends the last value.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? sending;
        lock (_lock)
        {
            if (_ending.IsCancellationRequested)
                return;
            _ending.Cancel();
            sending = _sending;
        }
        if (sending is not null)
            await sending.ConfigureAwait(false);
    }

    /// <summary>Sends the newest value, and after a pause whether there is a newer one; ends when there is none.</summary>
    private async Task SendAsync()
    {
        while (true)
        {
            double value;
            lock (_lock)
            {
                if (_value.Equals(_sent))
                {
                    _sending = null;
                    return;
                }
                value = _value;
            }
            await SendAsync(value).ConfigureAwait(false);
            _sent = value;
            await Task.Delay(s_pause, _services.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(double value)
    {
        if (Id is not { } id)
        {
            _services.Logger.LogInformation("{Name}: {Percent} %", _name, value.ToString("0.#", CultureInfo.InvariantCulture));
            return;
        }
        // Real time, whatever the clock: it is the network that may be slow.
        using CancellationTokenSource bound = new(s_last);
        try
        {
            IOrchestrationApi api = await _services.ApiAsync("A progress").ConfigureAwait(false);
            await api.UpdateArtifactAsync(id, new() { Data = FlowArtifacts.Number(value) }, bound.Token).ConfigureAwait(false);
            _failed = false;
        }
        catch (Exception exception) when (exception is OrchestrationException or OperationCanceledException)
        {
            if (!_failed)
                _services.Logger.LogWarning("The progress of {Name} could not be sent: {Problem}", _name, exception is OrchestrationException ? exception.Message : "the server did not answer");
            _failed = true;
        }
    }
}
