using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Sluice.Storage.Azure;

/// <summary>Signs each request with the account's key. Rule: "Authorize with Shared Key" of the Azure Storage REST reference.</summary>
/// <param name="account">The account's name.</param>
/// <param name="key">The account's key.</param>
/// <param name="time">Dates the requests.</param>
internal sealed class SharedKeyPolicy(string account, byte[] key, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    private static readonly string[] s_signedHeaders =
        ["Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"];

    public override void OnSendingRequest(HttpMessage message)
    {
        Request request = message.Request;
        request.Headers.SetValue("x-ms-date", time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        var text = new StringBuilder(request.Method.Method).Append('\n');
        foreach (string name in s_signedHeaders)
        {
            string? value = request.Headers.TryGetValue(name, out string? given) ? given : null;
            if (name == "Content-Length")
                value = request.Content?.TryComputeLength(out long length) == true && length > 0 ? length.ToString(CultureInfo.InvariantCulture) : null;
            text.Append(value).Append('\n');
        }
        foreach (HttpHeader header in request.Headers.Where(h => h.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(h => h.Name.ToLowerInvariant(), StringComparer.Ordinal))
            text.Append(header.Name.ToLowerInvariant()).Append(':').Append(header.Value).Append('\n');
        Uri uri = request.Uri.ToUri();
        text.Append('/').Append(account).Append(uri.AbsolutePath);
        IEnumerable<(string Name, string Value)> query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .Select(pair => (Uri.UnescapeDataString(pair[0]).ToLowerInvariant(), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : ""));
        foreach ((string name, string value) in query.OrderBy(pair => pair.Name, StringComparer.Ordinal))
            text.Append('\n').Append(name).Append(':').Append(value);
        request.Headers.SetValue("Authorization", $"SharedKey {account}:{Sign(text.ToString(), key)}");
    }

    /// <summary>The signature of a text: HMAC-SHA256 in base64.</summary>
    internal static string Sign(string text, byte[] key) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
