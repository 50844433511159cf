namespace Sluice.Storage;

/// <summary>A store failed. The message is one line that says what, where, and how to mend it.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageException(StorageErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What happened.</summary>
    public StorageErrorKind Kind { get; }

    /// <summary>Says what an exception of the file system means; null for any other exception.</summary>
    /// <param name="exception">What was caught.</param>
    /// <param name="what">What was done and where, as <c>Cannot write X</c>.</param>
    public static StorageException? FromFileSystem(Exception exception, string what) => IoErrors.IsIo(exception) ? IoErrors.Translate(exception, what) : null;
}

/// <summary>Why a store failed.</summary>
public enum StorageErrorKind
{
    /// <summary>The object or the store itself is missing.</summary>
    NotFound,

    /// <summary>Not allowed.</summary>
    Forbidden,

    /// <summary>No space or quota left.</summary>
    Full,

    /// <summary>What was read is not what was stored, or would leave the target folder.</summary>
    Damaged,

    /// <summary>The URI, a key, a path or an option is wrong.</summary>
    Invalid,

    /// <summary>A file changed or vanished while it was packaged.</summary>
    Changed,

    /// <summary>It is there and whole, and the policy of who asks allows no such thing.</summary>
    Untrusted,

    /// <summary>The store cannot answer now; the call may be tried again.</summary>
    Unavailable,
}
