namespace Sluice.Orchestration.Tests.Http;

/// <summary>A journal that a test looks at.</summary>
internal sealed class MemoryJournal : IApplyJournal
{
    /// <summary>What it keeps now.</summary>
    public string? Entry { get; private set; }

    /// <summary>Whether nothing is written any more after the beginning, as when the process is dead.</summary>
    public bool Dead { get; set; }

    /// <summary>Whether its store takes nothing new for a while.</summary>
    public bool Full { get; set; }

    public int Begun { get; private set; }

    public CancellationToken Lost { get; set; }

    /// <summary>What is done where the apply looks whether the journal still is its own.</summary>
    public Action? Checking { get; set; }

    public Task BeginAsync(string entry, CancellationToken cancellationToken)
    {
        Begun++;
        Entry = entry;
        return Task.CompletedTask;
    }

    public Task CheckAsync(CancellationToken cancellationToken)
    {
        Checking?.Invoke();
        Lost.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    public Task ReplaceAsync(string entry, CancellationToken cancellationToken)
    {
        if (Dead)
            throw new IOException("dead");
        if (Full)
            throw new IOException("full");
        Entry = entry;
        return Task.CompletedTask;
    }

    public Task EndAsync(CancellationToken cancellationToken)
    {
        if (Dead)
            throw new IOException("dead");
        Entry = null;
        return Task.CompletedTask;
    }
}
