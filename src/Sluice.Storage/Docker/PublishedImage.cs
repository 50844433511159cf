namespace Sluice.Storage.Docker;

/// <summary>An image that is where it belongs.</summary>
/// <param name="Reference">How a deployment names it: pinned by digest in a registry (<c>registry.example/team/greet@sha256:…</c>), by tag on this machine.</param>
/// <param name="Name">Its name with its tag, as <c>registry.example/team/greet:2026-11-22t06-00-00-000000-00-00</c>.</param>
/// <param name="Command">What a worker's job starts in it, word by word: <c>prefect flow-run execute</c> where the image answers to that.</param>
/// <param name="IsNew">False where one that was made of the very same was there and kept.</param>
public sealed record PublishedImage(string Reference, string Name, IReadOnlyList<string> Command, bool IsNew)
{
    /// <summary>The image's URI, for a deployment's path: <c>docker:///greet:…</c> on this machine.</summary>
    public string Uri => $"{ImageTargets.Scheme}://{(IsLocal ? "/" : "")}{Name}";

    /// <summary>Why <c>prefect flow-run execute</c> is no command in it; null where it is one.</summary>
    public string? WithoutPrefect { get; init; }

    /// <summary>Whether it is on this machine alone.</summary>
    public bool IsLocal { get; init; }
}
