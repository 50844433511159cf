using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Apis.Auth.OAuth2;

namespace Sluice.Storage.Gcs;

/// <summary>Signs URLs with a service account's key. Rule: "V4 signing process" of Cloud Storage's documentation.</summary>
internal static class GcsSigner
{
    public static Uri Sign(ServiceAccountCredential account, Uri endpoint, string bucket, string name, HttpMethod method, DateTimeOffset now, TimeSpan lifetime)
    {
        string date = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{date}/auto/storage/goog4_request";
        string path = $"/{bucket}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";
        string query = string.Join('&', new (string Name, string Value)[]
        {
            ("X-Goog-Algorithm", "GOOG4-RSA-SHA256"),
            ("X-Goog-Credential", $"{account.Id}/{scope}"),
            ("X-Goog-Date", time),
            ("X-Goog-Expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("X-Goog-SignedHeaders", "host"),
        }.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        string canonical = string.Join('\n', method.Method, path, query, $"host:{endpoint.Authority}", "", "host", "UNSIGNED-PAYLOAD");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        string signature = account.CreateSignature(Encoding.UTF8.GetBytes(string.Join('\n', "GOOG4-RSA-SHA256", time, scope, hash)));
        return new($"{endpoint.GetLeftPart(UriPartial.Authority)}{path}?{query}&X-Goog-Signature={Convert.ToHexStringLower(Convert.FromBase64String(signature))}");
    }
}
