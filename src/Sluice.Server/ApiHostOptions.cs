using System.Net;
namespace Sluice.Server;

/// <summary>Where and for whom a server listens.</summary>
public sealed record ApiHostOptions
{
    /// <summary>The address.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>When set, every request but <c>GET /api/health</c> and <c>/api/ready</c> needs <c>Authorization: Bearer</c> with this token (what <c>PREFECT_API_KEY</c> sends).</summary>
    public string? Token { get; init; }

    /// <summary>When set, <c>user:password</c> that requests need as <c>Authorization: Basic</c> (what <c>PREFECT_API_AUTH_STRING</c> sends).</summary>
    public string? AuthString { get; init; }

    /// <summary>Whether writes need a CSRF token (Prefect's <c>PREFECT_SERVER_CSRF_PROTECTION_ENABLED</c>): clients get one at <c>/api/csrf-token</c>. Needs the embedded API.</summary>
    public bool CsrfProtection { get; init; }

    /// <summary>Whether it may listen where others than this machine's programs reach it although it asks for no credentials.</summary>
    public bool AllowUnauthenticated { get; init; }

    /// <summary>Where <c>PUT /api/sluice/results/{flow_run_id}</c> stores results; null refuses them.</summary>
    public string? ResultsFolder { get; init; }

    /// <summary>
    /// Copies a result that a run's state places elsewhere (an object of a store) to a stream, for <c>GET /api/sluice/results/{flow_run_id}</c>; answers false, before it writes, where it may
    /// not be read or is gone. Null: none is read.
    /// </summary>
    public Func<string, Stream, CancellationToken, Task<bool>>? CopyResult { get; init; }

    /// <summary>The largest result, in bytes: 1 GiB unless set.</summary>
    public long MaxResultBytes { get; init; } = 1L << 30;

    /// <summary>The clock of the API, by which new objects are told from old ones.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes a line for whoever runs the server, about an error inside it; stderr unless set. Callers are told nothing but that there was one.</summary>
    public Action<string> Report { get; init; } = line => Console.Error.WriteLine("sluice: " + line);

    /// <summary>How long a message may wait for the reader of a WebSocket; whoever reads nothing for so long is cut off.</summary>
    internal TimeSpan SlowestReader { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may take to send its headers.</summary>
    internal TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Finds the addresses of a name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Leaves Sluice's own routes out, as on a Prefect server, to test what the client does then.</summary>
    internal bool PrefectOnly { get; init; }

    /// <summary>Sees every request that is let in before it is answered, to test what clients send.</summary>
    internal Func<Microsoft.AspNetCore.Http.HttpContext, Microsoft.AspNetCore.Http.RequestDelegate, Task>? Front { get; init; }
}
