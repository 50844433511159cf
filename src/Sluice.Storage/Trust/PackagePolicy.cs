using Sluice.Storage.Git;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Trust;

/// <summary>Which programs a worker takes: packages that allowed keys signed, and what was built from allowed repositories. Checked before anything is unpacked.</summary>
public sealed record PackagePolicy
{
    /// <summary>The keys that may sign packages; empty where no signature is asked for.</summary>
    public IReadOnlyList<VerificationKey> Keys { get; init; } = [];

    /// <summary>
    /// The addresses of repositories that programs may be built from, as <c>https://git.example/team/flows</c>; one that ends with <c>/*</c> allows all below it. Empty
    /// allows every one. A package says its repository itself, and is believed because a key of <see cref="Keys"/> signed that.
    /// </summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Whether a text can be one of <see cref="Repositories"/>.</summary>
    public static bool IsRepository(string text) => RepositoryAddress.Of(text.EndsWith("/*", StringComparison.Ordinal) ? text[..^2] : text) is not null;

    /// <summary>Why source of a repository is not taken; null where it is.</summary>
    /// <param name="address">The address that git fetches it from: <see cref="ICodeSource.AddressAsync"/>.</param>
    public string? RefuseSource(string address) => Repositories.Count == 0
        ? "it is source, which nobody signed: allow its repository with --allowed-repository, or publish a package"
        : RefuseRepository(address);

    /// <summary>Why a package is not taken; null where it is.</summary>
    /// <param name="manifest">The bytes of its <c>manifest.json</c>.</param>
    /// <param name="read">The same, read and verified.</param>
    /// <param name="evidence">What else there is.</param>
    internal string? Refuse(byte[] manifest, PackageManifest read, PackageEvidence evidence)
    {
        if (Keys.Count == 0)
            return "it is a package, whose word for its repository only a signature proves: name the keys that may sign with --allowed-key";
        if (PackageSignature.Refuse(evidence.Signature, manifest, read, Keys) is { } unsigned)
            return $"{unsigned}. Allowed {(Keys.Count == 1 ? "is the key" : "are the keys")} {string.Join(", ", Keys.Select(key => PackageSignature.Short(key.Id)))}: publish it with one (SLUICE_SIGNING_KEY, SluiceSigningKeyFile), or allow its key with --allowed-key";
        if (RefuseDocument(read.Sbom, evidence.Sbom, "parts list (SBOM)") is { } sbom)
            return sbom;
        if (RefuseDocument(read.Provenance, evidence.Provenance, "provenance") is { } changed)
            return changed;
        if (Repositories.Count == 0)
            return null;
        if (evidence.Provenance is null || PackageProvenance.Read(evidence.Provenance) is not { Repository: { } repository } provenance)
            return "its provenance names no repository: publish it from a clone of one that is allowed";
        return RefuseRepository(repository)
            ?? (provenance.Dirty != false ? $"it was built from a working tree of {repository} with changes that nobody committed: commit them, then publish it again" : null);
    }

    private string? RefuseRepository(string repository) => Repositories.Any(allowed => RepositoryAddress.Allows(allowed, repository))
        ? null
        : $"it was built from the repository {(repository.StartsWith("git+", StringComparison.Ordinal) ? repository[4..] : repository)}, and allowed {(Repositories.Count == 1 ? "is" : "are")} {string.Join(", ", Repositories)}: publish it from there, or allow its repository with --allowed-repository";

    private static string? RefuseDocument(PackageDocument? named, byte[]? bytes, string what) => named switch
    {
        null => null,
        _ when bytes is null => $"its {what} is missing, which its signed manifest names: publish it again",
        _ when bytes.Length != named.Size || PackageSignature.Hash(bytes) != named.Sha256 => $"its {what} was changed after it was signed: publish it again",
        _ => null,
    };
}
