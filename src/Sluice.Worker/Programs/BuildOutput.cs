namespace Sluice.Worker.Programs;

/// <summary>What is kept in memory of what a build writes: lines that say why it failed, and its last ones. A build may write without end. For several threads.</summary>
internal sealed class BuildOutput
{
    /// <summary>How many telling lines are kept, the first ones: they name the cause.</summary>
    public const int MostErrors = 200;

    /// <summary>How many of the last lines are kept.</summary>
    public const int MostLast = 100;

    private const int LongestLine = 4096;

    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private readonly Queue<string> _last = [];

    /// <summary>What is kept, in the order written.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _errors, .. _last];
        }
    }

    /// <summary>Takes a line.</summary>
    public void Add(string line)
    {
        string kept = line.Length > LongestLine ? line[..LongestLine] : line;
        lock (_lock)
        {
            _last.Enqueue(kept);
            if (_last.Count > MostLast && _last.Dequeue() is var left && _errors.Count < MostErrors && BuildErrors.Tells(left))
                _errors.Add(left);
        }
    }
}
