using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.Storage.Tests.Servers;

/// <summary>
/// What Google Cloud Storage's JSON API does, as far as a store can tell: no faithful server of it exists to run here, so this is one of ours. It verifies what
/// clients must get right: the service account's JWT (RS256, audience, times), the token on each request, offsets and sizes of resumable uploads, generation
/// conditions at the begin and the end of an upload, V4 signatures, ranges, and paging.
/// </summary>
public sealed class GoogleStorage : IAsyncLifetime
{
    /// <summary>The address of the account that may do everything.</summary>
    public const string Owner = "owner@test.iam.gserviceaccount.com";

    private const string Audience = "https://oauth2.googleapis.com/token";
    private const int Piece = 256 * 1024;
    private const int PageSize = 3;

    private readonly RSA _key = RSA.Create(2048);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<string, Stored>> _buckets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();
    private readonly ConcurrentDictionary<string, Session> _sessions = new();
    private WebApplication? _app;
    private long _generation = 1000;

    public int Port { get; private set; }

    /// <summary>How often a client asked how far a resumable upload had come.</summary>
    public int StatusQueries { get; private set; }

    /// <summary>The sizes of the resumable uploads' pieces.</summary>
    public ConcurrentQueue<long> Pieces { get; } = new();

    /// <summary>Makes every token that was given invalid, as one that lapsed before its time.</summary>
    public void ForgetTokens() => _tokens.Clear();

    /// <summary>Makes a bucket.</summary>
    public void CreateBucket(string name)
    {
        lock (_lock)
            _buckets.Add(name, new(StringComparer.Ordinal));
    }

    /// <summary>The key file of a service account, as Google makes it.</summary>
    /// <param name="email">Whose.</param>
    /// <param name="port">Where its tokens come from: this server, or a proxy before it.</param>
    /// <param name="key">Another key than the server knows.</param>
    public string KeyOf(string email, int? port = null, RSA? key = null) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["type"] = "service_account",
        ["project_id"] = "test",
        ["private_key_id"] = "1",
        ["private_key"] = (key ?? _key).ExportPkcs8PrivateKeyPem(),
        ["client_email"] = email,
        ["client_id"] = "1",
        ["token_uri"] = $"http://127.0.0.1:{port ?? Port}/token",
        ["universe_domain"] = "googleapis.com",
    });

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _key.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string[] path = [.. target.Split('?')[0].TrimStart('/').Split('/').Select(Uri.UnescapeDataString)];
        try
        {
            if (path is ["token"])
                await TokenAsync(context);
            else if (context.Request.Query.ContainsKey("X-Goog-Signature"))
                await SignedAsync(context, target, path);
            else if (path is ["session", var id])
                await PieceAsync(context, id);
            else
            {
                string account = Authorize(context);
                await (path switch
                {
                    ["storage", "v1", "b", var bucket, "o"] => ListAsync(context, Bucket(bucket, account)),
                    ["storage", "v1", "b", var bucket, "o", .. var name] => ObjectAsync(context, Bucket(bucket, account), string.Join('/', name)),
                    ["upload", "storage", "v1", "b", var bucket, "o"] => UploadAsync(context, Bucket(bucket, account)),
                    _ => throw new Refusal(404, "notFound", "Not Found"),
                });
            }
        }
        catch (Refusal refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsJsonAsync(new { error = new { code = refusal.Status, message = refusal.Message, errors = new[] { new { domain = "global", reason = refusal.Reason, message = refusal.Message } } } });
        }
    }

    private async Task TokenAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        string[] parts = form["assertion"].ToString().Split('.');
        bool good = form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" && parts.Length == 3
            && _key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Unpadded(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (good)
        {
            using JsonDocument header = JsonDocument.Parse(Unpadded(parts[0]));
            using JsonDocument claims = JsonDocument.Parse(Unpadded(parts[1]));
            long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            good = header.RootElement.GetProperty("alg").GetString() == "RS256"
                && claims.RootElement.GetProperty("aud").GetString() is { } audience && (audience == Audience || audience == $"http://127.0.0.1:{Port}/token")
                && claims.RootElement.GetProperty("iat").GetInt64() <= now + 60 && claims.RootElement.GetProperty("exp").GetInt64() > now
                && claims.RootElement.GetProperty("scope").GetString()!.Contains("devstorage", StringComparison.Ordinal);
            if (good)
            {
                string token = $"{claims.RootElement.GetProperty("iss").GetString()} {Guid.NewGuid():N}".Replace(' ', '.');
                _tokens[token] = DateTimeOffset.UtcNow.AddHours(1);
                await context.Response.WriteAsJsonAsync(new { access_token = token, expires_in = 3600, token_type = "Bearer" });
                return;
            }
        }
        context.Response.StatusCode = 400;
        await context.Response.WriteAsJsonAsync(new { error = "invalid_grant", error_description = "Invalid JWT Signature." });
    }

    private string Authorize(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.TryGetValue(header[7..], out DateTimeOffset until) || until < DateTimeOffset.UtcNow)
            throw new Refusal(401, "authError", "Invalid Credentials");
        return header[7..];
    }

    private SortedDictionary<string, Stored> Bucket(string name, string account)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(name, out SortedDictionary<string, Stored>? bucket))
                throw new Refusal(404, "notFound", "The specified bucket does not exist.");
            return account.StartsWith(Owner, StringComparison.Ordinal) ? bucket : throw new Refusal(403, "forbidden", $"{account} does not have storage.objects access to the Google Cloud Storage bucket.");
        }
    }

    private async Task ListAsync(HttpContext context, SortedDictionary<string, Stored> bucket)
    {
        string prefix = context.Request.Query["prefix"].ToString();
        string after = context.Request.Query["pageToken"] is [{ Length: > 0 } token] ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : "";
        int most = context.Request.Query["maxResults"] is [{ } asked] ? Math.Min(PageSize, int.Parse(asked, CultureInfo.InvariantCulture)) : PageSize;
        KeyValuePair<string, Stored>[] objects;
        lock (_lock)
            objects = [.. bucket.Where(stored => stored.Key.StartsWith(prefix, StringComparison.Ordinal) && (after.Length == 0 || string.CompareOrdinal(stored.Key, after) > 0)).Take(most + 1)];
        var answer = new Dictionary<string, object> { ["kind"] = "storage#objects" };
        if (objects.Length > 0)
            answer["items"] = objects.Take(most).Select(stored => Describe(stored.Key, stored.Value));
        if (objects.Length > most)
            answer["nextPageToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(objects[most - 1].Key));
        await context.Response.WriteAsJsonAsync(answer);
    }

    private async Task ObjectAsync(HttpContext context, SortedDictionary<string, Stored> bucket, string name)
    {
        Stored? stored;
        lock (_lock)
        {
            bucket.TryGetValue(name, out stored);
            if (stored is not null && context.Request.Query["generation"] is [{ } generation] && generation != stored.Generation.ToString(CultureInfo.InvariantCulture))
                stored = null;
            if (stored is not null && context.Request.Method == "DELETE")
                bucket.Remove(name);
        }
        if (stored is null)
            throw new Refusal(404, "notFound", $"No such object: {name}");
        if (context.Request.Method == "DELETE")
            context.Response.StatusCode = 204;
        else if (context.Request.Query["alt"] == "media")
            await MediaAsync(context, stored);
        else
            await context.Response.WriteAsJsonAsync(Describe(name, stored));
    }

    private static async Task MediaAsync(HttpContext context, Stored stored)
    {
        int from = 0;
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            from = (int)range.From!.Value;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{stored.Content.Length - 1}/{stored.Content.Length}";
        }
        context.Response.Headers["x-goog-generation"] = stored.Generation.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentLength = stored.Content.Length - from;
        await context.Response.Body.WriteAsync(stored.Content.AsMemory(from));
    }

    private async Task UploadAsync(HttpContext context, SortedDictionary<string, Stored> bucket)
    {
        string name = context.Request.Query["name"].ToString();
        long? match = context.Request.Query["ifGenerationMatch"] is [{ } text] ? long.Parse(text, CultureInfo.InvariantCulture) : null;
        Check(bucket, name, match);
        if (context.Request.Query["uploadType"] == "media")
        {
            using var content = new MemoryStream();
            await context.Request.Body.CopyToAsync(content);
            await context.Response.WriteAsJsonAsync(Describe(name, Store(bucket, name, content.ToArray(), match)));
            return;
        }
        string id = Guid.NewGuid().ToString("N");
        _sessions[id] = new(bucket, name, match, new MemoryStream());
        // As clients see this server: through whatever proxy is before it.
        context.Response.Headers.Location = $"http://{context.Request.Host}/session/{id}";
    }

    private async Task PieceAsync(HttpContext context, string id)
    {
        if (!_sessions.TryGetValue(id, out Session? session))
            throw new Refusal(404, "notFound", "No such session");
        string range = context.Request.Headers.ContentRange.ToString();
        string total = range[(range.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (range.StartsWith("bytes */", StringComparison.Ordinal))
        {
            StatusQueries++;
            if (total == "*" || session.Received.Length < long.Parse(total, CultureInfo.InvariantCulture))
            {
                Incomplete(context, session);
                return;
            }
        }
        else
        {
            string[] ends = range["bytes ".Length..].Split('/')[0].Split('-');
            long from = long.Parse(ends[0], CultureInfo.InvariantCulture), to = long.Parse(ends[1], CultureInfo.InvariantCulture);
            if (from != session.Received.Length)
                throw new Refusal(400, "invalid", $"Expected offset {session.Received.Length}, got {from}");
            if (total == "*" && (to + 1 - from) % Piece != 0)
                throw new Refusal(400, "invalid", "A piece that is not the last must be a multiple of 256 KiB");
            // What arrives before a connection breaks is kept in whole multiples, as Google does.
            try
            {
                await context.Request.Body.CopyToAsync(session.Received);
            }
            catch (Exception e) when (e is IOException or BadHttpRequestException)
            {
                session.Received.SetLength(session.Received.Length / Piece * Piece);
                session.Received.Position = session.Received.Length;
                throw;
            }
            Pieces.Enqueue(to + 1 - from);
            if (total == "*" || session.Received.Length < long.Parse(total, CultureInfo.InvariantCulture))
            {
                Incomplete(context, session);
                return;
            }
        }
        _sessions.TryRemove(id, out _);
        await context.Response.WriteAsJsonAsync(Describe(session.Name, Store(session.Bucket, session.Name, session.Received.ToArray(), session.Match)));
    }

    private static void Incomplete(HttpContext context, Session session)
    {
        context.Response.StatusCode = 308;
        if (session.Received.Length > 0)
            context.Response.Headers.Range = $"bytes=0-{session.Received.Length - 1}";
    }

    private async Task SignedAsync(HttpContext context, string target, string[] path)
    {
        IQueryCollection query = context.Request.Query;
        string time = query["X-Goog-Date"].ToString();
        DateTimeOffset signed = DateTimeOffset.ParseExact(time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        string[] credential = query["X-Goog-Credential"].ToString().Split('/', 2);
        string raw = target.Split('?')[1].Split("&X-Goog-Signature=")[0];
        string canonical = string.Join('\n', context.Request.Method, target.Split('?')[0], raw, $"host:{context.Request.Host}", "", "host", "UNSIGNED-PAYLOAD");
        string text = string.Join('\n', "GOOG4-RSA-SHA256", time, credential[1], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        if (!_key.VerifyData(Encoding.UTF8.GetBytes(text), Convert.FromHexString(query["X-Goog-Signature"].ToString()), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            throw new Refusal(403, "forbidden", "SignatureDoesNotMatch");
        if (signed.AddSeconds(int.Parse(query["X-Goog-Expires"].ToString(), CultureInfo.InvariantCulture)) < DateTimeOffset.UtcNow)
            throw new Refusal(403, "forbidden", "ExpiredToken");
        SortedDictionary<string, Stored> bucket = Bucket(path[0], credential[0]);
        string name = string.Join('/', path[1..]);
        if (context.Request.Method == "PUT")
        {
            using var content = new MemoryStream();
            await context.Request.Body.CopyToAsync(content);
            Store(bucket, name, content.ToArray(), null);
            return;
        }
        Stored? stored;
        lock (_lock)
            bucket.TryGetValue(name, out stored);
        await MediaAsync(context, stored ?? throw new Refusal(404, "notFound", "NoSuchKey"));
    }

    private void Check(SortedDictionary<string, Stored> bucket, string name, long? match)
    {
        lock (_lock)
            if (match is { } wanted && (bucket.TryGetValue(name, out Stored? stored) ? stored.Generation : 0) != wanted)
                throw new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
    }

    private Stored Store(SortedDictionary<string, Stored> bucket, string name, byte[] content, long? match)
    {
        lock (_lock)
        {
            Check(bucket, name, match);
            return bucket[name] = new(content, ++_generation);
        }
    }

    private static object Describe(string name, Stored stored) => new
    {
        kind = "storage#object",
        name,
        size = stored.Content.Length.ToString(CultureInfo.InvariantCulture),
        generation = stored.Generation.ToString(CultureInfo.InvariantCulture),
#pragma warning disable CA5351 // The API says so.
        md5Hash = Convert.ToBase64String(MD5.HashData(stored.Content)),
#pragma warning restore CA5351
    };

    private static byte[] Unpadded(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    private sealed record Stored(byte[] Content, long Generation);

    private sealed record Session(SortedDictionary<string, Stored> Bucket, string Name, long? Match, MemoryStream Received);

    private sealed class Refusal(int status, string reason, string message) : Exception(message)
    {
        public int Status { get; } = status;

        public string Reason { get; } = reason;
    }
}
