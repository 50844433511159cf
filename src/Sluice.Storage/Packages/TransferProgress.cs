using System.Globalization;

namespace Sluice.Storage.Packages;

/// <summary>Makes lines for people of the progress of an upload or a pull: none for what is done at once, then one every so often, and one for each wait.</summary>
/// <param name="what">What is going on, as <c>Uploading to s3://bucket/flows</c>; no URI's query belongs here.</param>
/// <param name="every">How long to wait before the first line and between lines.</param>
/// <param name="say">Takes the lines, one at a time.</param>
/// <param name="time">The clock.</param>
public sealed class TransferProgress(string what, TimeSpan every, Action<string> say, TimeProvider time) : IProgress<PackageProgress>
{
    private readonly Lock _lock = new();
    private long _last = time.GetTimestamp();
    private long _said = -1;

    /// <inheritdoc/>
    public void Report(PackageProgress value)
    {
        lock (_lock)
        {
            if (value.WaitsFor is { } wait)
            {
                _last = time.GetTimestamp();
                say($"{what}: waiting for {wait}");
                return;
            }
            // Reports come from several threads; an older one must not set a newer one back.
            if (value.Bytes < _said || time.GetElapsedTime(_last) < every)
                return;
            (_said, _last) = (value.Bytes, time.GetTimestamp());
            say(string.Create(CultureInfo.InvariantCulture, $"{what}: {value.Files} of {value.TotalFiles} files, {value.Bytes / 1e6:F1} of {value.TotalBytes / 1e6:F1} MB"));
        }
    }
}
