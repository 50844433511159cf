using Sluice.Orchestration;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Runs;

/// <summary>
/// Turns what a run writes into its log records. Prefect shows a process's output in the worker's own console only; here it belongs to the run, where
/// its author looks for it.
/// </summary>
/// <remarks>
/// Holds two batches at most, whatever the run writes: one on its way and one that fills. When both are full the run waits in its next write, until
/// the API has taken the first. During an outage it does not wait: what no batch can hold is dropped, counted, and the count is stored afterwards.
/// </remarks>
internal sealed class OutputPump(IOrchestrationApi api, ApiCalls calls, Guid flowRunId, RunOutput output, TimeProvider time, Action<string> log)
{
    private const int LongestLine = 16 * 1024;
    private const int FullBatch = 256 * 1024;
    private const int RecordOverhead = 128;
    private static readonly TimeSpan BatchAge = TimeSpan.FromMilliseconds(250);

    private readonly LineReader _lines = new(LongestLine);
    private List<LogCreate> _batch = [];
    private int _weight;
    private long _begun;
    private long _dropped;
    private Task _sending = Task.CompletedTask;

    /// <summary>Reads and stores to the end of the stream.</summary>
    /// <param name="stopReading">Ends reading; what was read is stored still.</param>
    /// <param name="giveUp">Ends storing.</param>
    public async Task RunAsync(CancellationToken stopReading, CancellationToken giveUp)
    {
        var buffer = new byte[16 * 1024];
        Task<int>? reading = null;
        while (true)
        {
            reading ??= output.Stream.ReadAsync(buffer, stopReading).AsTask();
            if (!reading.IsCompleted && _batch.Count > 0)
            {
                // Quiet for now: send what there is when it is old enough and nothing is on its way.
                TimeSpan rest = BatchAge - time.GetElapsedTime(_begun);
                if (!_sending.IsCompleted)
                    await Task.WhenAny(reading, _sending);
                else if (rest > TimeSpan.Zero)
                    await Task.WhenAny(reading, Task.Delay(rest, time, CancellationToken.None));
                else
                    Send(giveUp);
                continue;
            }

            int count;
            try
            {
                count = await reading;
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // Stopped: what still holds the stream is no longer this run's process.
                break;
            }

            if (count == 0)
                break;
            reading = null;
            _lines.Append(buffer.AsSpan(0, count), Add);
            if (_weight >= FullBatch)
                await MakeRoomAsync(giveUp);
        }

        _lines.Complete(Add);
        await _sending;
        if (_batch.Count > 0 || _dropped > 0)
        {
            Send(giveUp);
            await _sending;
        }
    }

    private void Add(string line)
    {
        if (_batch.Count == 0)
            _begun = time.GetTimestamp();
        _batch.Add(Record(output.Level, line));
        _weight += line.Length + RecordOverhead;
    }

    private LogCreate Record(int level, string message) =>
        new() { Name = output.Logger, Level = level, Message = message, Timestamp = time.GetUtcNow(), FlowRunId = flowRunId };

    private async Task MakeRoomAsync(CancellationToken giveUp)
    {
        await Task.WhenAny(_sending, calls.OutageBegins);
        if (_sending.IsCompleted)
        {
            Send(giveUp);
            return;
        }

        _dropped += _batch.Count;
        _batch.Clear();
        _weight = 0;
    }

    private void Send(CancellationToken giveUp)
    {
        List<LogCreate> records = _batch;
        if (_dropped > 0)
            records.Insert(0, Record(30, FormattableString.Invariant($"{_dropped} lines of output were dropped here while the API could not be used.")));
        _batch = [];
        _weight = 0;
        _dropped = 0;
        _sending = SendAsync(records, giveUp);
    }

    private async Task SendAsync(List<LogCreate> records, CancellationToken giveUp)
    {
        try
        {
            await calls.CallAsync(token => api.CreateLogsAsync(records, token), giveUp);
        }
        catch (OperationCanceledException)
        {
            log($"{records.Count} lines of output of the flow run {flowRunId} could not be stored before the worker ended.");
        }
        catch (OrchestrationException e)
        {
            log($"{records.Count} lines of output of the flow run {flowRunId} could not be stored. {e.Message}");
        }
    }
}
