using System.Globalization;

namespace Sluice.Storage.Azure;

/// <summary>An Azure Storage connection string: <c>Name=value;…</c>.</summary>
/// <param name="Account">The account's name; null where only an endpoint is given.</param>
/// <param name="Key">The account's key; null for a SAS or for Azure's identities.</param>
/// <param name="Sas">A shared access signature, without <c>?</c>.</param>
/// <param name="Endpoint">The address of the blob service, without a slash at its end.</param>
internal sealed record ConnectionString(string? Account, byte[]? Key, string? Sas, Uri Endpoint)
{
    // The emulator's well-known account, which is no secret (Azurite's documentation).
    private const string EmulatorAccount = "devstoreaccount1";
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>When the SAS ends; null without one, or where a policy of the account says.</summary>
    public DateTimeOffset? Expires => Sas?.Split('&').FirstOrDefault(part => part.StartsWith("se=", StringComparison.Ordinal)) is { } end
        && DateTimeOffset.TryParse(Uri.UnescapeDataString(end[3..]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    /// <summary>Reads the text. Messages never show it.</summary>
    /// <exception cref="StorageException">Of kind Invalid.</exception>
    public static ConnectionString Parse(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw Invalid("it is a list of Name=value; pairs, and one of its parts is none");
            parts[part[..equals]] = part[(equals + 1)..];
        }
        if (parts.GetValueOrDefault("UseDevelopmentStorage") is "true")
            return Of(EmulatorAccount, EmulatorKey, null, $"http://127.0.0.1:10000/{EmulatorAccount}");
        string? account = parts.GetValueOrDefault("AccountName");
        string? endpoint = parts.GetValueOrDefault("BlobEndpoint");
        if (endpoint is null && account is null)
            throw Invalid("it has neither AccountName nor BlobEndpoint");
        return Of(account, parts.GetValueOrDefault("AccountKey"), parts.GetValueOrDefault("SharedAccessSignature"),
            endpoint ?? $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.blob.{parts.GetValueOrDefault("EndpointSuffix", "core.windows.net")}");
    }

    /// <summary>Puts the parts together.</summary>
    public static ConnectionString Of(string? account, string? key, string? sas, string endpoint)
    {
        if (!Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw Invalid("its endpoint is no http or https address");
        byte[]? bytes = null;
        if (key is not null)
        {
            if (account is null)
                throw Invalid("it has an AccountKey without an AccountName");
            bytes = new byte[key.Length];
            if (!Convert.TryFromBase64String(key, bytes, out int length))
                throw Invalid("its AccountKey is not base64");
            bytes = bytes[..length];
        }
        return new(account, bytes, sas?.TrimStart('?'), address);
    }

    private static StorageException Invalid(string why) => new(StorageErrorKind.Invalid, $"The Azure Storage connection string cannot be read: {why}.");
}
