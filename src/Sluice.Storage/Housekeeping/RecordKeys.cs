using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Housekeeping;

/// <summary>The keys of the records that applies leave beside the packages: <c>versions/APP/TIME-DIGEST.json</c>.</summary>
public static partial class RecordKeys
{
    /// <summary>How many digits of a record's SHA-256 its key has.</summary>
    public const int DigestLength = 12;

    /// <summary>Reads a key. False where it is another object's.</summary>
    /// <param name="key">As <c>versions/weather/2026-11-22t06-00-00-000000-00-00-0123456789ab.json</c>.</param>
    /// <param name="created">When the record was written, by the publisher's clock.</param>
    /// <param name="digest">The first digits of its SHA-256, in lower-case hex.</param>
    public static bool TryParse(string key, out DateTimeOffset created, out string digest)
    {
        created = default;
        digest = "";
        if (Form().Match(key) is not { Success: true } match
            || !DateTime.TryParseExact(match.Groups["time"].ValueSpan, "yyyy-MM-dd't'HH-mm-ss-ffffff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time))
            return false;
        (created, digest) = (new(time), match.Groups["digest"].Value);
        return true;
    }

    [GeneratedRegex(@"^versions/[^/]+/(?<time>\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6})-00-00-(?<digest>[0-9a-f]{12})\.json$")]
    private static partial Regex Form();
}
