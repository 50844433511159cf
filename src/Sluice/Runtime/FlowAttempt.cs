using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Runtime;

/// <summary>Runs the flow's code once.</summary>
internal sealed class FlowAttempt
{
    /// <summary>How long code may take to unwind once its token is cancelled. Workers kill after 30 seconds; the rest is for reporting.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(23);

    // What timers take; nobody waits longer than that.
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49);

    // Results are kept and shown as JSON, never inside HTML: let people read them.
    private static readonly JsonWriterOptions ResultOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How long the code may run; null is for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long it may take to unwind.</summary>
    public TimeSpan Grace { get; init; } = DefaultGrace;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Runs the call until it ends, or until it was asked to stop and the grace is over.</summary>
    /// <param name="call">The bound call.</param>
    /// <param name="contextFor">Makes the context around the token that the code gets.</param>
    /// <param name="stop">The wish to stop from outside.</param>
    public async Task<AttemptOutcome> RunAsync(FlowCall call, Func<CancellationToken, FlowContext> contextFor, CancellationToken stop)
    {
        using CancellationTokenSource? deadline = Timeout is { } limit && limit < LongestTimeout ? new(limit, Time) : null;
        // Not disposed: abandoned code may go on using its token.
        CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline?.Token ?? CancellationToken.None);
        FlowContext context = contextFor(source.Token);
        ArrayBufferWriter<byte> result = new();

        // On the pool, so that code that never awaits can be timed out and cancelled as well.
        Task<bool> task = Task.Run(() => EndsInTimeAsync(call, context, result, deadline), CancellationToken.None);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (source.Token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), asked))
        {
            await Task.WhenAny(task, asked.Task).ConfigureAwait(false);
        }

        if (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(Grace, Time, CancellationToken.None)).ConfigureAwait(false);
        }

        bool stopped = stop.IsCancellationRequested;
        if (!task.IsCompleted)
        {
            return new(stopped ? AttemptEnd.Stopped : AttemptEnd.TimedOut, default, null, Abandoned: true);
        }

        Exception? error = task.IsCompletedSuccessfully ? null : task.Exception?.InnerException ?? new TaskCanceledException(task);
        bool inTime = error is null ? await task.ConfigureAwait(false) : deadline?.IsCancellationRequested != true;
        AttemptEnd end = stopped && error is not null ? AttemptEnd.Stopped
            : !inTime ? AttemptEnd.TimedOut
            : error is not null ? AttemptEnd.Failed
            : AttemptEnd.Completed;
        return new(end, end == AttemptEnd.Completed ? result.WrittenMemory : default, error, Abandoned: false);
    }

    /// <summary>Runs the code to its end, and says whether its time was not over by then.</summary>
    private static async Task<bool> EndsInTimeAsync(FlowCall call, FlowContext context, ArrayBufferWriter<byte> result, CancellationTokenSource? deadline)
    {
        FlowContext.Current = context;
        await using Utf8JsonWriter writer = new(result, ResultOptions);
        await call(context, writer).ConfigureAwait(false);
        return deadline?.IsCancellationRequested != true;
    }
}
