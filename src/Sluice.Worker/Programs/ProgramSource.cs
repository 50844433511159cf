namespace Sluice.Worker.Programs;

/// <summary>Source code that a worker builds before it runs it.</summary>
internal sealed record ProgramSource
{
    /// <summary>What the cache knows it by: the same text is always the same source.</summary>
    public required string Identity { get; init; }

    /// <summary>For people, as <c>commit 1a2b3c4d5e6f of github://owner/repository/App.csproj</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The project, the <c>.cs</c> file, or a folder that holds one project: relative, with <c>/</c>. Empty is the root.</summary>
    public required string Project { get; init; }

    /// <summary>The git commit; null for a script.</summary>
    public string? Commit { get; init; }

    /// <summary>Puts the source into a folder that does not exist yet.</summary>
    public required Func<string, CancellationToken, Task> FetchAsync { get; init; }
}
