using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Server.Http.Live;

namespace Sluice.Server.Http;

/// <summary>
/// What every request passes: who it is from, which API version it speaks, and, since a flow run is the execution of a program, that no web page
/// in a browser of this machine is behind it.
/// </summary>
internal sealed class ApiGate
{
    /// <summary>Names that nobody outside can make lead here; two are what containers call the machine they run on.</summary>
    private static readonly FrozenSet<string> LocalNames = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "localhost", "host.docker.internal", "host.containers.internal");

    private static readonly Version OldestVersion = new(0, 8, 0);
    private readonly byte[][] _credentials;
    private readonly string[] _ownNames;
    private readonly LoginGuard? _guard;

    public ApiGate(ApiHostOptions options, IPAddress address)
    {
        List<string> credentials = [];
        if (options.Token is { } token)
        {
            credentials.Add("Bearer " + token);
        }

        if (options.AuthString is { } authString)
        {
            credentials.Add("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(authString)));
        }

        _credentials = [.. credentials.Select(Digest)];
        // Listening on the network without credentials, by somebody's will: there the machine's own name and the one that was given are known too.
        _ownNames = IPAddress.IsLoopback(address) ? [] : [Environment.MachineName, options.Host];
        _guard = _credentials.Length > 0 ? new(options.Time, options.Report) : null;
    }

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        Harden(http.Response.Headers);
        IPAddress? address = http.Connection.RemoteIpAddress;
        if (_guard?.Wait(address) is { } wait && !IsProbe(http.Request))
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Answer.Exception(StatusCodes.Status429TooManyRequests, "Too many requests without the right credentials.").WriteAsync(http);
            return;
        }

        if (Refusal(http.Request) is { } refusal)
        {
            if (refusal.Status == StatusCodes.Status401Unauthorized)
            {
                Failed(http.Request);
            }

            await refusal.WriteAsync(http);
            return;
        }

        if (_guard is not null && http.Request.Headers.Authorization.Count > 0 && Admits(http.Request))
        {
            _guard.Passed(address);
        }

        await next(http);
        if (!http.Response.HasStarted && http.Response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
        {
            bool unknown = http.Response.StatusCode == StatusCodes.Status404NotFound;
            await Answer.Problem(http.Response.StatusCode, unknown ? "Not Found" : "Method Not Allowed").WriteAsync(http);
        }
    }

    /// <summary>For browsers: an answer is nothing to be guessed at, kept, framed or read by pages of others.</summary>
    private static void Harden(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
    }

    private Answer? Refusal(HttpRequest request)
    {
        if (!IsProbe(request) && !IsSocket(request) && !Admits(request))
        {
            return Answer.Exception(StatusCodes.Status401Unauthorized, "Unauthorized");
        }

        if (IsForeign(request))
        {
            return Answer.Problem(StatusCodes.Status403Forbidden, "Requests from web pages of other origins are refused.");
        }

        string? version = request.Headers[HttpTransport.VersionHeader];
        if (version is null)
        {
            return null;
        }

        if (version.Split('.').Length != 3 || !Version.TryParse(version, out Version? spoken))
        {
            return Answer.Problem(StatusCodes.Status400BadRequest, $"Invalid {HttpTransport.VersionHeader} header format. Expected header in format 'x.y.z' but received {version}.");
        }

        return spoken >= OldestVersion ? null : Answer.Problem(
            StatusCodes.Status400BadRequest,
            $"The request specified API version {version} but this server requires version {OldestVersion} or higher.");
    }

    private static bool IsProbe(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && (request.Path == ApiRoutes.Prefix + "/health" || request.Path == ApiRoutes.Prefix + "/ready");

    /// <summary>A WebSocket on a route of sockets, which asks for credentials itself: browsers and Prefect's clients send them in a message.</summary>
    private static bool IsSocket(HttpRequest request) =>
        request.HttpContext.WebSockets.IsWebSocketRequest && request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<SocketEndpoint>() is not null;

    /// <summary>Whether the request's header names one of the server's credentials, or the server asks for none.</summary>
    public bool Admits(HttpRequest request) => IsKnown(request.Headers.Authorization.ToString());

    /// <summary>Whether a token is the API key or the auth string, or the server asks for none.</summary>
    public bool Admits(string? token) =>
        _credentials.Length == 0 || token is not null && (IsKnown("Bearer " + token) | IsKnown("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(token))));

    /// <summary>Counts a request that came with wrong credentials, or without.</summary>
    public void Failed(HttpRequest request) => _guard?.Failed(request.HttpContext.Connection.RemoteIpAddress);

    /// <summary>Digests are compared, in constant time, so that neither the credentials nor their length can be guessed from the time it takes.</summary>
    private bool IsKnown(string authorization)
    {
        if (_credentials.Length == 0)
        {
            return true;
        }

        byte[] sent = Digest(authorization);
        bool known = false;
        foreach (byte[] credential in _credentials)
        {
            known |= CryptographicOperations.FixedTimeEquals(sent, credential);
        }

        return known;
    }

    /// <summary>A page of another origin says so in Origin; one that was resolved to this machine (DNS rebinding) shows in Host.</summary>
    private bool IsForeign(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        if (origin is not null && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        return _credentials.Length == 0 && request.Host is { HasValue: true, Host: var host }
            && !LocalNames.Contains(host) && !IPAddress.TryParse(host, out _) && !_ownNames.Contains(host, StringComparer.OrdinalIgnoreCase);
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
