namespace Sluice.Orchestration;

/// <summary>What became of the writes of an apply that failed.</summary>
public enum ApplyUndo
{
    /// <summary>They were undone, and reading back shows it.</summary>
    Done,

    /// <summary>Some of them stay; the message says which, and what to do.</summary>
    Left,
}
