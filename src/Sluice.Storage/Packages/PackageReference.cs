namespace Sluice.Storage.Packages;

/// <summary>
/// Names a package: the URI of its folder and its digest. Its text, <c>URI#sha256=DIGEST</c>, is what <c>job_variables.env.SLUICE_PACKAGE</c> carries.
/// </summary>
/// <param name="Location">The folder that holds <c>manifest.json</c>, as <c>file:///…/storage/weather-report/2026-11-22t06-00-00-000000-00-00</c>.</param>
/// <param name="Digest">Lower-case hex SHA-256.</param>
public sealed record PackageReference(Uri Location, string Digest)
{
    /// <summary>The variable that carries the reference.</summary>
    public const string Variable = "SLUICE_PACKAGE";

    /// <inheritdoc/>
    public override string ToString() => $"{Location.AbsoluteUri}#sha256={Digest}";

    /// <summary>Reads the text form. The answer is null when it is none.</summary>
    public static PackageReference? TryParse(string text)
    {
        int at = text.LastIndexOf("#sha256=", StringComparison.Ordinal);
        if (at <= 0 || !Uri.TryCreate(text[..at], UriKind.Absolute, out Uri? location))
            return null;
        string digest = text[(at + 8)..];
        return digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower) ? new(location, digest) : null;
    }
}
