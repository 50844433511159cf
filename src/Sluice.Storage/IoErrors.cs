namespace Sluice.Storage;

/// <summary>What the file system's exceptions mean.</summary>
internal static class IoErrors
{
    /// <summary>Whether the file system threw it. A write beyond the largest file allowed (EFBIG) comes as an ArgumentOutOfRangeException of FileStream.</summary>
    internal static bool IsIo(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value", ActualValue: null };

    /// <summary>The exception that says it in one line: what was done, and why it failed.</summary>
    /// <param name="exception">What the file system threw.</param>
    /// <param name="what">What was done and where, as <c>Cannot write X to the store Y</c>.</param>
    internal static StorageException Translate(Exception exception, string what) => exception switch
    {
        UnauthorizedAccessException => new(StorageErrorKind.Forbidden, $"{what}: not allowed. Give this user access to it, or choose another folder.", exception),
        FileNotFoundException or DirectoryNotFoundException => new(StorageErrorKind.NotFound, $"{what}: it does not exist.", exception),
        PathTooLongException => new(StorageErrorKind.Invalid, $"{what}: the path is too long.", exception),
        ArgumentOutOfRangeException => new(StorageErrorKind.Full, $"{what}: the file is larger than the disk or a limit allows. Raise it, or choose another folder.", exception),
        IOException io when IsFull(io) => new(StorageErrorKind.Full, $"{what}: no space is left. Free some, or choose another folder.", exception),
        IOException io when IsReadOnly(io) => new(StorageErrorKind.Forbidden, $"{what}: the file system is read-only.", exception),
        _ => new(StorageErrorKind.Unavailable, $"{what}: {exception.Message}", exception),
    };

    // On Unix, HResult of an IOException is errno: ENOSPC, EDQUOT on Linux and on macOS.
    private static bool IsFull(IOException exception) => OperatingSystem.IsWindows()
        ? (exception.HResult & 0xFFFF) is 0x27 or 0x70
        : exception.HResult == 28 || exception.HResult == (OperatingSystem.IsMacOS() ? 69 : 122);

    private static bool IsReadOnly(IOException exception) => OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) == 0x13 : exception.HResult == 30;
}
