using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Git.Systems;

/// <summary>The user name and password that CodeCommit takes over HTTPS: a signature of the repository's address, good for 15 minutes.</summary>
/// <remarks>Rule: what <c>aws codecommit credential-helper</c> and git-remote-codecommit sign: Signature Version 4 with the method <c>GIT</c>, the path and the host without
/// a port, and a time without the letter Z.</remarks>
internal static class CodeCommitSignature
{
    public static (string User, string Password) SignIn(string accessKey, string secret, string? sessionToken, string region, Uri url, DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        string day = time[..8];
        string request = $"GIT\n{url.AbsolutePath}\n\nhost:{url.Host}\n\nhost\n";
        string toSign = $"AWS4-HMAC-SHA256\n{time}\n{day}/{region}/codecommit/aws4_request\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        byte[] key = new[] { day, region, "codecommit", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), Sign);
        string user = string.IsNullOrEmpty(sessionToken) ? accessKey : $"{accessKey}%{sessionToken}";
        return (user, $"{time}Z{Convert.ToHexStringLower(Sign(key, toSign))}");
    }

    private static byte[] Sign(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
