namespace Sluice.Storage.Docker;

/// <summary>
/// A place that holds container images: a registry, or the container engine of this machine. All implementations pass one contract test suite. Every failure is a
/// <see cref="StorageException"/>.
/// </summary>
public interface IImageTarget : IAsyncDisposable
{
    /// <summary>The target's URI, as <c>docker://registry.example/team</c>.</summary>
    Uri Location { get; }

    /// <summary>Where images go, for people: the registry's host, or the engine with this machine's name.</summary>
    string Description { get; }

    /// <summary>Whether images stay on this machine, since the URI names no registry.</summary>
    bool IsLocal { get; }

    /// <summary>Asks whether an image of the draft's name could be published now: the place answers, and takes images from these credentials. Changes nothing.</summary>
    /// <exception cref="StorageException">What is missing, and how to mend it.</exception>
    Task CheckAsync(ImageDraft draft, CancellationToken cancellationToken);

    /// <summary>The first of some images that is still there, has the draft's name and was made of the very same; null where none is.</summary>
    /// <param name="draft">What an image would be made of.</param>
    /// <param name="references">Images, as deployments name them.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PublishedImage?> FindAsync(ImageDraft draft, IEnumerable<string> references, CancellationToken cancellationToken);

    /// <summary>Makes an image by the .NET SDK's container publish and puts it there. Nobody sees it under its name before it is whole.</summary>
    /// <exception cref="StorageException">Nothing became visible, or (Damaged) what is there is not what was sent.</exception>
    Task<PublishedImage> PublishAsync(ImageDraft draft, CancellationToken cancellationToken);
}
