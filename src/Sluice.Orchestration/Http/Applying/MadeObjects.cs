namespace Sluice.Orchestration.Http.Applying;

/// <summary>
/// The pools, queues and flows that an apply makes, where another apply may make the same ones in the same moment: an undo removes only what this one made.
/// </summary>
internal sealed class MadeObjects
{
    private readonly HashSet<Guid> _ids = [];
    private readonly HashSet<string> _unsure = new(StringComparer.Ordinal);

    private MadeObjects()
    {
    }

    /// <summary>Whether there is anything to note.</summary>
    public bool IsEmpty => _ids.Count + _unsure.Count == 0;

    /// <summary>For an apply that begins.</summary>
    public static MadeObjects None() => new();

    /// <summary>For an apply that was interrupted. Where it noted nothing, it may have made all that was missing.</summary>
    public static MadeObjects Of(ApplyEntry entry)
    {
        var made = new MadeObjects();
        made._ids.UnionWith(entry.Made?.Ids ?? []);
        made._unsure.UnionWith(entry.Made?.Unsure ?? [
            .. entry.Before.Pools.Where(pool => !pool.Value).Select(pool => Pool(pool.Key)),
            .. entry.Before.MissingQueues.Select(Queue),
            .. entry.Before.Flows.Where(flow => flow.Value is null).Select(flow => Flow(flow.Key))]);
        return made;
    }

    public static string Pool(string name) => "pool " + name;

    public static string Queue(QueuePlace place) => $"queue {place.Pool}/{place.Queue}";

    public static string Flow(string name) => "flow " + name;

    public MadeNote ToNote() => new([.. _ids.Order()], [.. _unsure.Order(StringComparer.Ordinal)]);

    /// <summary>Says that one is about to be asked for, or comes by the way.</summary>
    public void Ask(string what) => _unsure.Add(what);

    /// <summary>Says that one was made.</summary>
    public void Add(string what, Guid id)
    {
        _unsure.Remove(what);
        _ids.Add(id);
    }

    /// <summary>Says that somebody else made one.</summary>
    public void Leave(string what) => _unsure.Remove(what);

    /// <summary>Whether one that is there may have been made by this apply.</summary>
    public bool MayBeOurs(string what, Guid id) => _ids.Contains(id) || _unsure.Contains(what);
}
