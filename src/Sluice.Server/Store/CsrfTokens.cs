using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Store;

/// <summary>A token that lets a client write, as Prefect answers it.</summary>
internal sealed record CsrfToken
{
    public required Guid Id { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }

    public required string Token { get; init; }

    public required string Client { get; init; }

    public required DateTimeOffset Expiration { get; init; }
}

/// <summary>The tokens that clients were given, one each. Only their digests are kept, so whoever reads the database has none.</summary>
internal static class CsrfTokens
{
    /// <summary>Prefect's <c>PREFECT_SERVER_CSRF_TOKEN_EXPIRATION</c>.</summary>
    private static readonly TimeSpan _life = TimeSpan.FromHours(1);

    public static CsrfToken Create(Scope scope, string client)
    {
        scope.Quietly();
        scope.Db.Execute($"DELETE FROM csrf_token WHERE expiration <= {scope.Now}");
        CsrfToken token = new()
        {
            Id = scope.NewId(),
            Created = scope.Now,
            Updated = scope.Now,
            Token = RandomNumberGenerator.GetHexString(64, lowercase: true),
            Client = client,
            Expiration = scope.Now + _life,
        };
        scope.Db.Execute($"""
            INSERT INTO csrf_token (client, id, created, updated, token, expiration) VALUES ({client}, {token.Id}, {token.Created}, {token.Updated}, {Digest(token.Token)}, {token.Expiration})
            ON CONFLICT (client) DO UPDATE SET updated = excluded.updated, token = excluded.token, expiration = excluded.expiration
            """);
        return token;
    }

    public static bool IsValid(Scope scope, string client, string token) =>
        scope.Db.Query($"SELECT token FROM csrf_token WHERE client = {client} AND expiration > {scope.Now}", row => row.Text()) is [var kept]
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(kept), Encoding.ASCII.GetBytes(Digest(token)));

    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
