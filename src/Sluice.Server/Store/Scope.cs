namespace Sluice.Server.Store;

/// <summary>One transaction as the tables see it: the session, one clock reading for all of it, and whether others have to hear of it.</summary>
internal sealed class Scope(Session db, DateTimeOffset now, IdSource ids)
{
    public Session Db => db;

    /// <summary>The time of this transaction.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Whether a commit rings the bell. Signs of life do not: nobody waits for them.</summary>
    public bool Rings { get; private set; } = true;

    public Guid NewId() => ids.Next();

    public void Quietly() => Rings = false;
}
