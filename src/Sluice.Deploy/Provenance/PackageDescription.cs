using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;

namespace Sluice.Deploy.Provenance;

/// <summary>What a publish says of its package: the parts list and the provenance, made where a manifest is written; and who signs it.</summary>
internal sealed class PackageDescription : IDisposable
{
    private readonly Lazy<Task<PackageDocuments>> _documents;

    public PackageDescription(DeployRequest request, FlowsManifest manifest, PackageAssembly files, PackageContent content, DeployEnvironment environment)
    {
        try
        {
            Signer = request.SkipUpload ? null : SigningKey.Find(request.SigningKeyFile, environment.Variable);
        }
        catch (StorageException e)
        {
            throw new DeployException((DeployCodes.SigningKeyUnusable, e.Message));
        }
        _documents = new(async () =>
        {
            BuildFacts facts = await BuildFacts.ReadAsync(request, environment, CancellationToken.None).ConfigureAwait(false);
            SoftwareParts parts = SoftwareParts.Read(request, files, content, manifest.Assembly, out string? unreadable);
            if (unreadable is not null)
                Warning = (DeployCodes.PartsUnreadable, $"{unreadable} is no deps.json, so that the parts list of the package names its files and no packages: publish again, or leave out what changes that file.");
            return new(
                SoftwareBill.Write(parts, manifest.Assembly, request.Version, content.Digest),
                ProvenanceStatement.Write(manifest.Assembly, content.Digest, request, facts));
        });
    }

    /// <summary>The key that signs; null for none.</summary>
    public SigningKey? Signer { get; }

    /// <summary>What deserves a word, once the documents were made.</summary>
    public (string Code, string Message)? Warning { get; private set; }

    /// <summary>The documents, made once.</summary>
    public Task<PackageDocuments> DocumentsAsync(CancellationToken cancellationToken) => _documents.Value.WaitAsync(cancellationToken);

    public void Dispose() => Signer?.Dispose();
}
