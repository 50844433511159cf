using System.Diagnostics;
using System.Text;

namespace Sluice.Testing;

/// <summary>A program that a test starts, with its output; killed with its children when the test is done with it.</summary>
public sealed class ProgramRun : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<string, bool> Match, TaskCompletionSource<string> Found)> _waiters = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _openStreams = 2;

    private ProgramRun(Process process) => Process = process;

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <summary>What it wrote to standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return _output.ToString();
        }
    }

    /// <summary>What it wrote to standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (_lock)
                return _error.ToString();
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">A path, or a name on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of the test's own; null removes one.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="keepInput">Whether the test writes to its standard input, which is closed otherwise.</param>
    public static ProgramRun Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, bool keepInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var run = new ProgramRun(new Process { StartInfo = start });
        run.Process.OutputDataReceived += (_, line) => run.Take(run._output, line.Data);
        run.Process.ErrorDataReceived += (_, line) => run.Take(run._error, line.Data);
        run.Process.Start();
        if (!keepInput)
            run.Process.StandardInput.Close();
        run.Process.BeginOutputReadLine();
        run.Process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Starts a program and waits for its end.</summary>
    public static async Task<ProgramRun> CompleteAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, TimeSpan? bound = null)
    {
        ProgramRun run = Start(program, arguments, environment, folder);
        await run.WaitForExitAsync(bound ?? TimeSpan.FromMinutes(5));
        return run;
    }

    /// <summary>Waits for its end and for its last output.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        try
        {
            await Process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Process.StartInfo.FileName} still ran after {bound}.\n{Output}\n{Error}");
        }
        return Process.ExitCode;
    }

    /// <summary>Waits for a line, on either stream, that a condition holds for; lines already written count.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> match, TimeSpan bound)
    {
        Task<string> found;
        lock (_lock)
        {
            string? seen = (_output.ToString() + _error).Split('\n').FirstOrDefault(match);
            if (seen is not null)
                return seen;
            var waiter = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((match, waiter));
            found = waiter.Task;
        }
        Task first = await Task.WhenAny(found, _closed.Task, Task.Delay(bound));
        return first == found
            ? await found
            : throw new TimeoutException($"The line did not come: {(first == _closed.Task ? "the program ended" : $"waited {bound}")}.\n{Output}\n{Error}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            await Process.WaitForExitAsync();
        }
        Process.Dispose();
    }

    private void Take(StringBuilder stream, string? line)
    {
        lock (_lock)
        {
            if (line is null)
            {
                if (--_openStreams == 0)
                    _closed.TrySetResult();
                return;
            }
            stream.Append(line).Append('\n');
            foreach (var waiter in _waiters.Where(waiter => waiter.Match(line)).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.Found.TrySetResult(line);
            }
        }
    }
}
