using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Sluice.Testing.Prefect;

/// <summary>Prefect 3's protection by CSRF tokens: a write needs the token that was given to its client.</summary>
public sealed class CsrfTokens
{
    private readonly ConcurrentDictionary<string, string> _tokens = [];
    private int _given;

    /// <summary>How many tokens were given out.</summary>
    public int Given => _given;

    /// <summary>The clients that asked for one.</summary>
    public IReadOnlyCollection<string> Clients => [.. _tokens.Keys];

    /// <summary>Makes every token that was given out invalid, as a restart of the server or their expiry does.</summary>
    public void Expire() => _tokens.Keys.ToList().ForEach(client => _tokens[client] = "");

    /// <summary>Answers a request for a token and a write without a good one; false for everything else.</summary>
    internal async Task<bool> AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/api/csrf-token")
        {
            string client = http.Request.Query["client"].ToString();
            string token = RandomNumberGenerator.GetHexString(64, lowercase: true);
            _tokens[client] = token;
            Interlocked.Increment(ref _given);
            await http.Response.WriteAsJsonAsync(new { token, client, expiration = DateTimeOffset.UtcNow.AddHours(1) });
            return true;
        }

        if (HttpMethods.IsGet(http.Request.Method))
        {
            return false;
        }

        string sent = http.Request.Headers["Prefect-Csrf-Token"].ToString(), from = http.Request.Headers["Prefect-Csrf-Client"].ToString();
        string? refusal =
            sent.Length == 0 ? "Missing CSRF token." :
            from.Length == 0 ? "Missing client identifier." :
            !_tokens.TryGetValue(from, out string? given) || given != sent ? "Invalid CSRF token or client identifier." : null;
        if (refusal is null)
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        await http.Response.WriteAsJsonAsync(new { detail = refusal });
        return true;
    }
}
