using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Events;

/// <summary>
/// What the server does with events that clients send, besides keeping them, in the transaction that keeps them. Prefect's Python flows report task
/// runs so (<c>prefect.task-run.*</c>).
/// </summary>
internal static class EventReactions
{
    /// <summary>By the prefix of the event's name. A reaction passes over what it cannot use: an event is kept whatever it holds.</summary>
    private static readonly (string Prefix, Action<Scope, EventCreate> React)[] _reactions =
    [
        (TaskRunEvents.Prefix, TaskRunEvents.Record),
        ("prefect.flow-run.heartbeat", Leases.Beat),
    ];

    public static void Run(Scope scope, EventCreate received)
    {
        foreach ((string prefix, Action<Scope, EventCreate> react) in _reactions)
        {
            if (received.Event.StartsWith(prefix, StringComparison.Ordinal))
                react(scope, received);
        }
    }
}
