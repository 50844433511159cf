using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sluice.Storage.Programs;

/// <summary>Runs a program to its end and takes what it says.</summary>
internal static class ChildProgram
{
    // How long its streams are listened to after its end while nothing comes.
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);

    /// <summary>How a program ended.</summary>
    /// <param name="ExitCode">Its exit code.</param>
    /// <param name="Output">Its standard output.</param>
    /// <param name="Error">Its standard error.</param>
    internal sealed record Result(int ExitCode, string Output, string Error);

    /// <summary>Runs it; when cancelled it is killed with its children.</summary>
    /// <param name="program">A path, or a name on PATH.</param>
    /// <param name="arguments">Its arguments; never a secret.</param>
    /// <param name="environment">Variables on top of our own; null removes one.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Null where there is no such program.</returns>
    public static async Task<Result?> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, string? input = null, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        Process? process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }
        using (process)
        {
            await using CancellationTokenRegistration killing = cancellationToken.Register(() => Kill(process));
            Task ended = process.WaitForExitAsync(CancellationToken.None);
            Task<string> output = ReadAsync(process.StandardOutput, ended, cancellationToken), error = ReadAsync(process.StandardError, ended, cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It did not want to hear it; its exit code tells.
            }
            try
            {
                await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It was killed, so that its files are free when this returns; but who may not kill it does not wait for it.
                await ended.WaitAsync(s_quiet, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
            string[] said = await Task.WhenAll(output, error).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return new(process.ExitCode, said[0], said[1]);
        }
    }

    // To its end; but what the program left running, as ssh's ControlPersist does, may hold the stream open long after it.
    private static async Task<string> ReadAsync(StreamReader reader, Task ended, CancellationToken cancellationToken)
    {
        var said = new StringBuilder();
        char[] buffer = new char[4096];
        while (true)
        {
            Task<int> read = reader.ReadAsync(buffer, CancellationToken.None).AsTask();
            await Task.WhenAny(read, ended).ConfigureAwait(false);
            if (!read.IsCompleted)
                await ((Task)read).WaitAsync(s_quiet, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!read.IsCompleted || await read.ConfigureAwait(false) is not (> 0 and var count))
                return said.ToString();
            said.Append(buffer, 0, count);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or one of its children, has ended by itself or may not be ended by us.
        }
    }
}
