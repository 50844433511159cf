using System.Diagnostics;
using System.Globalization;

namespace Sluice.Worker.Launch;

/// <summary>
/// A flow's process. It leads a session of its own where the system has <c>setsid</c> (every Linux): Ctrl+C in the worker's terminal then reaches
/// the worker alone, and killing the group takes everything that the flow started. Elsewhere its descendants are looked up when they are killed.
/// </summary>
internal sealed class RunningProcess : ILaunchedRun
{
    private static readonly string? Setsid = OperatingSystem.IsLinux()
        ? ((string[])["/usr/bin/setsid", "/bin/setsid"]).FirstOrDefault(File.Exists)
        : null;

    private readonly Process _process;
    private readonly string? _targetFramework;
    private readonly string? _temporary;
    private readonly IAsyncDisposable? _held;

    private RunningProcess(Process process, string? targetFramework, string? temporary, IAsyncDisposable? held)
    {
        _held = held;
        _process = process;
        _targetFramework = targetFramework;
        _temporary = temporary;
        InfrastructurePid = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{process.Id}");
        Outputs =
        [
            new(process.StandardOutput.BaseStream, "sluice.stdout", 20),
            new(process.StandardError.BaseStream, "sluice.stderr", 40),
        ];
        Exited = WaitAsync();
    }

    /// <inheritdoc/>
    public string InfrastructurePid { get; }

    /// <inheritdoc/>
    public IReadOnlyList<RunOutput> Outputs { get; }

    /// <inheritdoc/>
    public Task<int> Exited { get; }

    /// <summary>Starts a program, without any shell, its input empty and its output captured.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">All of its environment.</param>
    /// <param name="targetFramework">Of a package, for messages.</param>
    /// <param name="temporary">A folder that is deleted after it.</param>
    /// <param name="held">What is disposed after it.</param>
    public static RunningProcess Start(
        string program, IEnumerable<string> arguments, string folder, IDictionary<string, string?> environment, string? targetFramework, string? temporary, IAsyncDisposable? held = null)
    {
        // setsid becomes the program in place: the process id stays, and no process stands between.
        IEnumerable<string> words = Setsid is null ? arguments : arguments.Prepend(program);
        var start = new ProcessStartInfo(Setsid ?? program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (OperatingSystem.IsWindows())
            start.CreateNewProcessGroup = true;
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(process, targetFramework, temporary, held);
    }

    /// <inheritdoc/>
    public void Terminate()
    {
        if (!_process.HasExited)
            ProcessSignals.Terminate(_process.Id);
    }

    /// <inheritdoc/>
    public void Kill()
    {
        if (Setsid is not null)
            ProcessSignals.KillGroup(_process.Id);
        else if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    /// <inheritdoc/>
    public string DescribeExit(int exitCode) => ExitCodes.Describe(exitCode, _targetFramework);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RunOutput output in Outputs)
            await output.Stream.DisposeAsync();
        _process.Dispose();
        if (_held is not null)
            await _held.DisposeAsync();
        if (_temporary is not null)
            Directory.Delete(_temporary, recursive: true);
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
