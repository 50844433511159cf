using System.Security.Cryptography;

namespace Sluice.Storage.Trust;

/// <summary>The public half of a signing key: ECDSA on the curve P-256.</summary>
public sealed class VerificationKey
{
    private const string Prefix = "p256:";

    // SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480): these bytes, then 64 of the point.
    private static readonly byte[] s_header = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private readonly byte[] _info;

    private VerificationKey(byte[] info)
    {
        _info = info;
        Id = Convert.ToHexStringLower(SHA256.HashData(info));
    }

    /// <summary>Lower-case hex SHA-256 of the key's SubjectPublicKeyInfo.</summary>
    public string Id { get; }

    /// <summary>Reads what a user wrote: the path of a PEM file with a public key, or the key itself as <c>p256:BASE64</c>.</summary>
    /// <param name="text">The path or the key.</param>
    /// <exception cref="StorageException">Of kind Invalid: it is neither.</exception>
    public static VerificationKey Parse(string text)
    {
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            byte[] info = new byte[s_header.Length + 64];
            if (!Convert.TryFromBase64String(text[Prefix.Length..], info, out int count) || count != info.Length)
                throw Invalid($"The key '{text}' is not p256: and the base64 of a public key: 'sluice key show FILE' writes one");
            return Of(info, $"The key '{text}'");
        }
        string pem;
        try
        {
            pem = File.ReadAllText(text);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Invalid($"There is no key file '{text}': name a PEM file with a public key, or write the key itself as p256:…", e);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"Cannot read the key file {text}");
        }
        // Whoever checks needs no private key, and should not have one.
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            throw Invalid($"'{text}' holds a private key, and who checks signatures needs the public one: 'sluice key show {text}' writes it");
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return Of(key.ExportSubjectPublicKeyInfo(), $"'{text}'");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Invalid($"'{text}' is no PEM file with a public ECDSA key ({e.Message.TrimEnd('.')})", e);
        }
    }

    internal static VerificationKey Of(byte[] info, string what)
    {
        if (info.Length != s_header.Length + 64 || !info.AsSpan().StartsWith(s_header))
            throw Invalid($"{what} is no key on the curve P-256: 'sluice key create' makes one");
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(info, out _);
        }
        catch (CryptographicException e)
        {
            throw Invalid($"{what} is no key on the curve P-256 ({e.Message.TrimEnd('.')})", e);
        }
        return new(info);
    }

    /// <summary>The key as one line, which <see cref="Parse"/> reads.</summary>
    public override string ToString() => Prefix + Convert.ToBase64String(_info);

    /// <summary>The key as a PEM file.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", _info) + "\n";

    /// <summary>Whether a signature (DER, over SHA-256) is of these bytes by this key.</summary>
    internal bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_info, out _);
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static StorageException Invalid(string message, Exception? inner = null) => new(StorageErrorKind.Invalid, message + ".", inner);
}
