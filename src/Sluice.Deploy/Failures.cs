using Sluice.Deploy.Manifest;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy;

/// <summary>Gives the expected failures of all rooms their codes.</summary>
internal static class Failures
{
    /// <summary>Codes and messages; null for what nobody expected, and for a cancellation.</summary>
    public static IReadOnlyList<(string Code, string Message)>? Explain(Exception exception, SluiceHome home) => exception switch
    {
        DeployException e => e.Errors,
        ManifestException e => [(DeployCodes.ManifestUnreadable, e.Message)],
        StorageException e => [(CodeOf(e, home), e.Message)],
        OrchestrationException e => [(CodeOf(e, home), e.Message)],
        _ => StorageException.FromFileSystem(exception, "The deploy could not use a file") is { } io ? [(CodeOf(io, home), io.Message)] : null,
    };

    private static string CodeOf(StorageException e, SluiceHome home) => e.Kind switch
    {
        StorageErrorKind.Full => DeployCodes.DiskFull,
        StorageErrorKind.Changed => DeployCodes.FileChanged,
        StorageErrorKind.Forbidden when e.Message.Contains(home.Root, StringComparison.Ordinal) => DeployCodes.HomeUnwritable,
        _ => DeployCodes.StorageFailed,
    };

    private static string CodeOf(OrchestrationException e, SluiceHome home) => e.Kind switch
    {
        _ when e.Undo == ApplyUndo.Done => DeployCodes.ApplyUndone,
        _ when e.Undo == ApplyUndo.Left => DeployCodes.ApplyLeft,
        OrchestrationErrorKind.Unreachable or OrchestrationErrorKind.Unavailable => DeployCodes.ApiUnreachable,
        OrchestrationErrorKind.Storage => Probe(home),
        _ => DeployCodes.ApiRefused,
    };

    /// <summary>Why the embedded API's storage failed, found by trying to write beside it.</summary>
    private static string Probe(SluiceHome home)
    {
        string probe = Path.Combine(home.Root, ".probe-" + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(home.Root);
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.Write(new byte[256 * 1024]);
            file.Flush(flushToDisk: true);
            return DeployCodes.DatabaseDamaged;
        }
        catch (Exception e)
        {
            return StorageException.FromFileSystem(e, probe)?.Kind == StorageErrorKind.Full ? DeployCodes.DiskFull : DeployCodes.HomeUnwritable;
        }
    }
}
