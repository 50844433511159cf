using System.Globalization;
using Sluice.Deploy.Images;
using Sluice.Storage;
using Sluice.Storage.Docker;
using Sluice.Storage.Git;

namespace Sluice.Deploy.Versions;

/// <summary>Whether the images and commits that versions name are still where they were: asked before a rollback changes anything.</summary>
internal sealed class RolledBackPrograms(DeployEnvironment environment)
{
    private readonly Dictionary<string, StorageException?> _asked = new(StringComparer.Ordinal);

    /// <summary>Refuses a version whose image or commit is gone, and warns where that cannot be asked from here.</summary>
    /// <exception cref="DeployException">It is gone.</exception>
    public async Task CheckAsync(RollbackTarget target, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        (string what, string id, Func<Task> ask)? program =
            target.Version.Package is { } text && SourceReference.TryParse(text) is { } source ? ("commit", text, () => AskAsync(source, cancellationToken))
            : DeployedImages.Of(target.Version.Declared.Path, target.Version.Declared.JobVariables) is { } image ? ("image", image.Reference, () => AskAsync(image, cancellationToken))
            : null;
        if (program is not var (what, id, ask))
            return;
        if (!_asked.TryGetValue(id, out StorageException? failure))
        {
            try
            {
                await ask().ConfigureAwait(false);
            }
            catch (StorageException e)
            {
                failure = e;
            }
            _asked[id] = failure;
        }
        if (failure is null)
            return;
        string who = string.Create(CultureInfo.InvariantCulture, $"the {what} of version {target.Version.Number} of {target.FullName}");
        if (VersionHistory.IsLost(failure))
            throw new DeployException((DeployCodes.VersionPackageGone, $"T{who[1..]} is gone: {failure.Message} Choose another version (sluice deployment versions \"{target.FullName}\")."));
        warnings.Add((DeployCodes.VersionProgramUnknown, $"Whether {who} is still there could not be asked: {failure.Message}"));
    }

    private async Task AskAsync(SourceReference reference, CancellationToken cancellationToken)
    {
        // A record is what the server's pointer leads to: it may not send a secret of this machine anywhere.
        string options = Uri.UnescapeDataString(reference.Location.Query);
        if (options.Contains("${", StringComparison.Ordinal) || options.TrimStart('?').Split('&').Any(option => option.StartsWith("host=", StringComparison.Ordinal)))
            throw new StorageException(StorageErrorKind.Invalid, $"{StorageLocation.Shown(reference.Location)} takes a secret of whoever asks, and a record alone names it. Look for the commit {reference.Commit[..12]} there yourself.");
        ICodeSource source = CodeSources.Open(reference.Location, environment.Sources);
        await source.ResolveAsync(source.Floats ? null : reference.Commit, cancellationToken).ConfigureAwait(false);
    }

    private async Task AskAsync(DeployedImage image, CancellationToken cancellationToken)
    {
        if (!await ImageTargets.HasAsync(image.Reference, isLocal: image.Path.StartsWith($"{ImageTargets.Scheme}:///", StringComparison.OrdinalIgnoreCase), environment.Time, cancellationToken).ConfigureAwait(false))
            throw new StorageException(StorageErrorKind.NotFound, $"The registry does not have {image.Reference} any more.");
    }
}
