namespace Sluice.Testing.Prefect;

/// <summary>What goes wrong with a request: the connection is cut, before the server did what was asked or after, or an error is answered.</summary>
public sealed record RequestFault
{
    /// <summary>The status that is answered in place of doing anything; null to cut the connection.</summary>
    public int? Answer { get; init; }

    /// <summary>Whether the connection is cut before the server does anything, or when it has done it.</summary>
    public bool Before { get; init; }

    /// <summary>Whether the connection is held open until the client goes, in place of being cut.</summary>
    public bool Holds { get; init; }

    /// <summary>Set when the request is there, or done.</summary>
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
