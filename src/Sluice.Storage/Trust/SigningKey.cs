using System.Security.Cryptography;

namespace Sluice.Storage.Trust;

/// <summary>A private key that signs packages: ECDSA on the curve P-256. Its text is in no message.</summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>The environment variable that holds the key's PEM text.</summary>
    public const string Variable = "SLUICE_SIGNING_KEY";

    private readonly ECDsa _key;

    private SigningKey(ECDsa key, string what)
    {
        _key = key;
        try
        {
            Public = VerificationKey.Of(key.ExportSubjectPublicKeyInfo(), what);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The public half.</summary>
    public VerificationKey Public { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), "The new key");

    /// <summary>The key of a file, else that of the environment; null where neither is named.</summary>
    /// <param name="file">The path of a PEM file; null or empty for none.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="StorageException">Of kind Invalid: what is named is no such key.</exception>
    public static SigningKey? Find(string? file, Func<string, string?> variable)
    {
        if (!string.IsNullOrEmpty(file))
            return Read(file);
        // Azure Pipelines leaves the name of a secret that is not defined as it is written.
        return variable(Variable) is { Length: > 0 } pem && pem != $"$({Variable})" ? FromPem(pem, $"The environment variable {Variable}") : null;
    }

    /// <summary>Reads a PEM file.</summary>
    /// <exception cref="StorageException">Of kind Invalid: there is none, or it is no such key.</exception>
    public static SigningKey Read(string file)
    {
        try
        {
            return FromPem(File.ReadAllText(file), $"The key file '{file}'");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException(StorageErrorKind.Invalid, $"There is no key file '{file}': 'sluice key create {file}' makes one.", e);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"Cannot read the key file {file}");
        }
    }

    private static SigningKey FromPem(string pem, string what)
    {
        var key = ECDsa.Create();
        try
        {
            // CI systems hand over a text of several lines with their breaks written as \n.
            key.ImportFromPem(pem.Contains('\n', StringComparison.Ordinal) ? pem : pem.Replace("\\n", "\n", StringComparison.Ordinal));
            _ = key.ExportParameters(includePrivateParameters: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            // Without the inner exception: nothing of the text may come into a log.
            throw new StorageException(StorageErrorKind.Invalid, pem.Contains("ENCRYPTED", StringComparison.Ordinal)
                ? $"{what} is encrypted: store it without a password, as a secret of the system that signs."
                : $"{what} holds no private ECDSA key as PEM text: 'sluice key create FILE' makes one.");
        }
        return new(key, what);
    }

    /// <summary>The key as PEM text (PKCS#8). A secret.</summary>
    public string ToPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    internal byte[] Sign(ReadOnlySpan<byte> data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
