using System.Globalization;
using System.Text;
using Sluice.Orchestration;

namespace Sluice.Runtime.Logs;

/// <summary>
/// Sends log records to the API in batches, in order, soon after they were written. A flow that logs faster than the API takes waits in its log
/// call; nothing is dropped unless the API refuses a batch for good, and then the log says how many records are missing.
/// </summary>
/// <param name="flowRunId">The run that the records belong to.</param>
/// <param name="send">Sends a batch, tries again where that makes sense, and throws when it is in vain.</param>
/// <param name="time">The clock.</param>
internal sealed class LogShipper(Guid flowRunId, Func<IReadOnlyList<LogCreate>, Task> send, TimeProvider time) : ILogSink
{
    /// <summary>Longest message, in bytes of UTF-8 (Prefect's limit is 1 MB).</summary>
    public const int MaxMessageBytes = 1_000_000;

    /// <summary>Largest batch; Prefect's client sends up to 4 MB.</summary>
    public const int MaxBatchBytes = 2_000_000;

    /// <summary>Most that waits in memory before log calls wait.</summary>
    public const int MaxQueuedBytes = 8_000_000;

    private const int MaxBatchRecords = 1000;
    private const int RecordOverhead = 200;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly Queue<(LogCreate Record, int Bytes)> _queue = new();
    private readonly Queue<(long Written, TaskCompletionSource Sent)> _flushes = new();
    private TimeSpan _delay = FirstDelay;
    private long _queuedBytes;
    private long _lost;
    private string? _lossReason;
    private long _written;
    private long _handled;
    private Task? _drain;
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public void Write(in LogRecord record)
    {
        string message = Fit(record.Message, out int bytes);
        LogCreate log = new()
        {
            Name = record.Logger,
            Level = LogLevels.ToPrefect(record.Level),
            Message = message,
            Timestamp = record.Timestamp,
            FlowRunId = flowRunId,
        };
        lock (_gate)
        {
            while (_queuedBytes >= MaxQueuedBytes)
            {
                Monitor.Wait(_gate);
            }

            Enqueue(log, bytes + RecordOverhead);
        }
    }

    /// <summary>
    /// Sends what was written so far, and waits for no more than that: code that was given up may log for ever. Returns the number of records that
    /// were lost for good and that the log does not tell of.
    /// </summary>
    public async Task<long> FlushAsync()
    {
        TaskCompletionSource? sent = null;
        lock (_gate)
        {
            if (_handled < _written)
            {
                sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _flushes.Enqueue((_written, sent));
                _hurry.TrySetResult();
            }
        }

        await (sent?.Task ?? Task.CompletedTask).ConfigureAwait(false);
        return Interlocked.Read(ref _lost);
    }

    /// <summary>Cuts a message that the API would refuse, and what PostgreSQL cannot keep.</summary>
    internal static string Fit(string message, out int bytes)
    {
        if (message.Contains('\0'))
        {
            message = message.Replace('\0', '\uFFFD');
        }

        bytes = Encoding.UTF8.GetByteCount(message);
        if (bytes <= MaxMessageBytes)
        {
            return message;
        }

        // Three bytes a char is the most that UTF-8 needs, so this many chars always fit, and text in ASCII is cut close to the limit.
        int keep = bytes == message.Length ? MaxMessageBytes - 100 : Math.Min(message.Length, (MaxMessageBytes - 100) / 3);
        if (char.IsHighSurrogate(message[keep - 1]))
        {
            keep--;
        }

        message = string.Create(CultureInfo.InvariantCulture, $"{message.AsSpan(0, keep)}… [{message.Length - keep} more characters were cut]");
        bytes = Encoding.UTF8.GetByteCount(message);
        return message;
    }

    private void Enqueue(LogCreate log, int bytes)
    {
        _queue.Enqueue((log, bytes));
        _queuedBytes += bytes;
        _written++;
        _drain ??= Task.Run(DrainAsync);
        if (_queuedBytes >= MaxBatchBytes)
        {
            _hurry.TrySetResult();
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            await WaitForMoreAsync().ConfigureAwait(false);
            List<LogCreate> batch = [];
            long bytes = 0;
            int taken;
            lock (_gate)
            {
                while (batch.Count < MaxBatchRecords && _queue.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Bytes <= MaxBatchBytes))
                {
                    _queue.Dequeue();
                    batch.Add(next.Record);
                    bytes += next.Bytes;
                }

                taken = batch.Count;
            }

            await SendAsync(batch).ConfigureAwait(false);
            lock (_gate)
            {
                // Only now is there room: what is on its way counts.
                _queuedBytes -= bytes;
                _handled += taken;
                Monitor.PulseAll(_gate);
                while (_flushes.TryPeek(out var flush) && flush.Written <= _handled)
                {
                    _flushes.Dequeue().Sent.SetResult();
                }

                if (_queue.Count == 0)
                {
                    _drain = null;
                    return;
                }
            }
        }
    }

    /// <summary>Lets records gather: shortly at first, so that people who watch see the start at once, then up to two seconds.</summary>
    private async Task WaitForMoreAsync()
    {
        Task hurry;
        TimeSpan delay;
        lock (_gate)
        {
            if (_flushes.Count > 0 || _queuedBytes >= MaxBatchBytes || _queue.Count >= MaxBatchRecords)
            {
                return;
            }

            _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
            hurry = _hurry.Task;
            delay = _delay;
            _delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        await Task.WhenAny(hurry, Task.Delay(delay, time)).ConfigureAwait(false);
    }

    private async Task SendAsync(List<LogCreate> batch)
    {
        long told = _lost;
        if (told > 0)
        {
            string notice = string.Create(CultureInfo.InvariantCulture, $"{told} log records are missing here: {_lossReason}");
            batch.Insert(0, batch[0] with { Level = 30, Message = notice });
        }

        try
        {
            await send(batch).ConfigureAwait(false);
            _lost = 0;
        }
        catch (Exception exception)
        {
            // Whatever it is, log calls and flushes must not wait for ever.
            _lost += batch.Count - (told > 0 ? 1 : 0);
            _lossReason = exception.Message;
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{_lost} log records could not be sent: {exception.Message}")).ConfigureAwait(false);
        }
    }
}
