namespace Sluice.Worker.Launch;

/// <summary>A run that was started. Disposing releases what the worker holds; it does not end the run. A leftover that cannot be deleted is an <see cref="IOException"/>.</summary>
internal interface ILaunchedRun : IAsyncDisposable
{
    /// <summary>Where it runs, in Prefect's form: <c>host:pid</c> for a process.</summary>
    string InfrastructurePid { get; }

    /// <summary>What it writes. To be read to the end, or it blocks.</summary>
    IReadOnlyList<RunOutput> Outputs { get; }

    /// <summary>Ends with its exit code; never fails.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end: SIGTERM.</summary>
    void Terminate();

    /// <summary>Ends it with everything that it started.</summary>
    void Kill();

    /// <summary>Says in a sentence that it ended with this code and without an outcome, with a hint where the code tells something.</summary>
    string DescribeExit(int exitCode);
}

/// <summary>A stream that a run writes.</summary>
/// <param name="Stream">UTF-8 text.</param>
/// <param name="Logger">Name of the log records that its lines become.</param>
/// <param name="Level">Level of those, in Python's numbers.</param>
internal sealed record RunOutput(Stream Stream, string Logger, int Level);
