using Microsoft.Data.Sqlite;

namespace Sluice.Server.Store;

/// <summary>
/// Brings a database to the newest format: the numbered scripts of <c>Migrations/</c> that it lacks, in one transaction with its <c>user_version</c>.
/// A database is therefore never half migrated, and of several processes one migrates while the others wait.
/// </summary>
internal static class Migrator
{
    /// <summary>Marks the file as ours ("SLUI"), so that another program's database is never migrated.</summary>
    private const long ApplicationId = 0x534C5549;

    private static readonly string[] _scripts = ["001.sql", "002.sql", "003.sql", "004.sql", "005.sql", "006.sql", "007.sql", "008.sql", "009.sql", "010.sql"];

    public static long Newest => _scripts.Length;

    /// <summary>Answers false when another process holds the lock; ask again. <paramref name="seed"/> fills a new database.</summary>
    public static bool TryMigrate(Session session, string path, Action<Session> seed)
    {
        if (Version(session, path) == Newest)
            return true;
        int code = session.Control("BEGIN IMMEDIATE");
        if (StorageErrors.IsBusy(code))
            return false;
        if (code != 0)
            throw new SqliteException("cannot begin a transaction", code & 0xff, code);
        try
        {
            // Read again: another process may have migrated it meanwhile.
            long from = Version(session, path);
            for (long next = from; next < Newest; next++)
                session.Must(Script(_scripts[next]));
            if (from == 0)
                seed(session);
            session.Must(FormattableString.Invariant($"PRAGMA application_id = {ApplicationId}"));
            session.Must(FormattableString.Invariant($"PRAGMA user_version = {Newest}"));
            session.Must("COMMIT");
            return true;
        }
        finally
        {
            if (session.InTransaction)
                session.Control("ROLLBACK");
        }
    }

    private static long Version(Session session, string path)
    {
        long version = session.Number($"PRAGMA user_version") ?? 0;
        bool empty = !session.Exists($"SELECT 1 FROM sqlite_master LIMIT 1");
        if (!empty && session.Number($"PRAGMA application_id") != ApplicationId)
            throw StorageErrors.Foreign(path);
        return version <= Newest ? version : throw StorageErrors.Newer(path, version, Newest);
    }

    private static string Script(string name)
    {
        using Stream stream = typeof(Migrator).Assembly.GetManifestResourceStream($"Sluice.Server.Store.Migrations.{name}")
            ?? throw new InvalidOperationException($"The migration {name} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
