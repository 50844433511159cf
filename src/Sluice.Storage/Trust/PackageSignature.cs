using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Trust;

/// <summary>
/// The signature of a package: a DSSE envelope (github.com/secure-systems-lab/dsse, protocol 1.0) around a <see cref="PackageStatement"/>. It lies in the store under
/// the digest of the manifest that it signs, so that a manifest and its signature are never of two publishes.
/// </summary>
internal static class PackageSignature
{
    /// <summary>The first segment of every signature's key.</summary>
    public const string Folder = "signatures";

    /// <summary>What it is called in an archive, and beside a package in the cache.</summary>
    public const string Name = "signature.json";

    /// <summary>Larger ones are no signatures.</summary>
    public const int MaxSize = 64 * 1024;

    private const string PayloadType = "application/vnd.sluice.package+json";

    /// <summary>The key of a manifest's signature.</summary>
    public static string KeyOf(byte[] manifest) => $"{Folder}/{Hash(manifest)}.json";

    /// <summary>Signs a package.</summary>
    /// <param name="manifest">The bytes of its <c>manifest.json</c>.</param>
    /// <param name="read">The same, read.</param>
    /// <param name="key">The key.</param>
    public static byte[] Create(byte[] manifest, PackageManifest read, SigningKey key)
    {
        byte[] payload = Canonical(PackageStatement.Of(manifest, read));
        return Canonical(new Envelope(payload, PayloadType, [new(key.Public.Id, key.Sign(Encoded(payload)))]));
    }

    /// <summary>Why the package is not signed by any of the keys; null where it is.</summary>
    /// <param name="signature">The signature; null where there is none.</param>
    /// <param name="manifest">The bytes of its <c>manifest.json</c>.</param>
    /// <param name="read">The same, read and verified.</param>
    /// <param name="keys">The keys.</param>
    public static string? Refuse(byte[]? signature, byte[] manifest, PackageManifest read, IReadOnlyList<VerificationKey> keys)
    {
        if (signature is null)
            return "it is not signed";
        Envelope? envelope;
        PackageStatement? statement;
        try
        {
            envelope = JsonSerializer.Deserialize(signature, SignatureJson.Default.Envelope);
            // One way to write it: else bytes could change that no signature covers.
            // The annotations of elements are not checked when it is read.
            if (envelope is null || envelope.Signatures.Any(one => one is null) || !Canonical(envelope).AsSpan().SequenceEqual(signature) || envelope.PayloadType != PayloadType)
                return "its signature is none that Sluice wrote";
            statement = JsonSerializer.Deserialize(envelope.Payload, SignatureJson.Default.PackageStatement);
        }
        catch (JsonException)
        {
            return "its signature cannot be read";
        }
        if (statement is null || !Canonical(statement).AsSpan().SequenceEqual(envelope.Payload) || statement != PackageStatement.Of(manifest, read))
            return "its signature is of another package, or of another manifest of this one";
        byte[] signed = Encoded(envelope.Payload);
        foreach (Signature one in envelope.Signatures)
        {
            if (keys.FirstOrDefault(key => key.Id == one.Keyid) is { } key)
                return key.Verify(signed, one.Sig) ? null : $"its signature by the key {Short(key.Id)} does not verify: it, or what it signs, was changed";
        }
        return $"it is signed by the key {string.Join(", ", envelope.Signatures.Select(one => Short(one.Keyid)))}, which is not allowed";
    }

    /// <summary>The id of a key for people.</summary>
    public static string Short(string id) => id.Length > 16 ? id[..16] : id;

    /// <summary>The ids of the keys that a signature names, whether or not it verifies; empty for what cannot be read.</summary>
    public static IReadOnlyList<string> KeysOf(byte[] signature)
    {
        try
        {
            return JsonSerializer.Deserialize(signature, SignatureJson.Default.Envelope)?.Signatures.Where(one => one is not null).Select(one => one.Keyid).ToArray() ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // PAE of the protocol.
    private static byte[] Encoded(byte[] payload) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} ")), .. payload];

    private static byte[] Canonical(Envelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope, SignatureJson.Default.Envelope);

    private static byte[] Canonical(PackageStatement statement) => JsonSerializer.SerializeToUtf8Bytes(statement, SignatureJson.Default.PackageStatement);

    internal sealed record Envelope(byte[] Payload, string PayloadType, IReadOnlyList<Signature> Signatures);

    internal sealed record Signature(string Keyid, byte[] Sig);
}

/// <summary>What a signature says.</summary>
/// <param name="Format">The statement's format: 1.</param>
/// <param name="Package">The package's digest: what its files are.</param>
/// <param name="Manifest">The SHA-256 of <c>manifest.json</c>: how it is started, and what flows it has.</param>
/// <param name="Sbom">The SHA-256 of its parts list; null for none.</param>
/// <param name="Provenance">The SHA-256 of its provenance; null for none.</param>
internal sealed record PackageStatement(int Format, string Package, string Manifest, string? Sbom, string? Provenance)
{
    public static PackageStatement Of(byte[] manifest, PackageManifest read) =>
        new(1, read.Digest, PackageSignature.Hash(manifest), read.Sbom?.Sha256, read.Provenance?.Sha256);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PackageSignature.Envelope))]
[JsonSerializable(typeof(PackageStatement))]
internal sealed partial class SignatureJson : JsonSerializerContext;
