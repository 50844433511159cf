namespace Sluice.Deploy.Manifest;

/// <summary>A manifest cannot be read. The message is one line that says which and why.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ManifestException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
