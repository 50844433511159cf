using System.Globalization;
using System.Net;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

/// <summary>Sluice's extensions, and what stands in for them on a Prefect server.</summary>
public sealed partial class HttpOrchestrationApi
{
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan PrefectPoll = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<ApiInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        if (_info is { IsSluice: false } prefect)
        {
            return prefect; // it has no change feed, whose newest number would be told here
        }

        ApiCall call = Get("/sluice/info");
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        ApiInfo info;
        if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            string version = await VersionAsync(cancellationToken).ConfigureAwait(false);
            info = new ApiInfo("prefect", version, Endpoint.Url, 0);
        }
        else
        {
            info = _transport.Read(call, _transport.Check(call, answer), Json.ApiInfo) with { Location = Endpoint.Url };
        }

        _transport.Server = $"{(info.IsSluice ? "Sluice" : "Prefect")} {info.Version}";
        return _info = info;
    }

    private async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        ApiCall call = Get("/admin/version");
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);

        // A workspace of Prefect Cloud may have no such path; what is served there is generation 3.
        return answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden && Endpoint.Url.Contains("/workspaces/", StringComparison.Ordinal)
            ? "3 (Cloud)"
            : _transport.Read(call, _transport.Check(call, answer), WireJson.Default.String);
    }

    /// <summary>Opens a result that Sluice's server keeps (<see cref="ResultData.StorageKey"/> begins with <see cref="ResultData.ServerFolder"/>): JSON of any size.</summary>
    /// <param name="flowRunId">The run.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The JSON; null where the server has none of this run.</returns>
    /// <exception cref="OrchestrationException">The server cannot be asked, or is none of Sluice.</exception>
    public Task<Stream?> OpenResultAsync(Guid flowRunId, CancellationToken cancellationToken) =>
        _transport.OpenAsync(Get($"/{ResultData.ServerFolder}{flowRunId:D}"), cancellationToken);

    /// <inheritdoc/>
    public async Task RenewLeasesAsync(IReadOnlyList<RunLease> runs, TimeSpan lease, CancellationToken cancellationToken)
    {
        // Prefect has no leases on runs: there a lost run is found by its missing heartbeat events, which the flow program sends.
        if (runs.Count > 0 && await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            Dictionary<Guid, Guid> attempts = runs.Where(run => run.Attempt is not null).DistinctBy(run => run.FlowRunId).ToDictionary(run => run.FlowRunId, run => run.Attempt!.Value);
            LeaseRenewal renewal = new() { FlowRunIds = [.. runs.Select(run => run.FlowRunId)], LeaseSeconds = lease.TotalSeconds, Attempts = attempts.Count > 0 ? attempts : null };
            // A connection that died unseen must not outlast the lease: another one is tried while there is time.
            ApiCall call = Post("/sluice/leases/renew", renewal, WireJson.Default.LeaseRenewal) with { Timeout = lease / 3, Attempts = 2 };
            await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task CreateEventsAsync(IReadOnlyList<EventCreate> events, CancellationToken cancellationToken)
    {
        if (events.Count > 0 && await ProbeAsync(cancellationToken).ConfigureAwait(false) is { IsSluice: false, IsPrefect2: false })
        {
            await _transport.SendAsync(Post("/events", events, Json.IReadOnlyListEventCreate), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <remarks>On a Prefect server the answer is <paramref name="after"/> plus one: something may have changed.</remarks>
    public async Task<long> WaitForChangeAsync(long after, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(timeout < PrefectPoll ? timeout : PrefectPoll, Time, cancellationToken).ConfigureAwait(false);
            return after + 1;
        }

        long started = Time.GetTimestamp();
        while (true)
        {
            TimeSpan left = timeout - Time.GetElapsedTime(started);
            TimeSpan ask = left < TimeSpan.Zero ? TimeSpan.Zero : left > LongestPoll ? LongestPoll : left;
            string seconds = ask.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            ApiCall call = Get(string.Create(CultureInfo.InvariantCulture, $"/sluice/changes?after={after}&timeout={seconds}"));
            long change = (await _transport.SendAsync(call, WireJson.Default.ChangeAnswer, cancellationToken).ConfigureAwait(false)).Change;
            if (change != after || left <= LongestPoll)
            {
                return change;
            }
        }
    }

    /// <summary>What only Sluice's server filters by is sent to no other.</summary>
    private async ValueTask CheckAsync(DeploymentFilter? filter, CancellationToken cancellationToken)
    {
        if (filter?.Labels is not null && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
            throw new OrchestrationException(OrchestrationErrorKind.Unsupported, $"{Endpoint} is {_transport.Server}, which does not filter deployments by labels.") { Field = "deployments.labels" };
    }

    private async ValueTask<bool> IsSluiceAsync(CancellationToken cancellationToken) => (await ProbeAsync(cancellationToken).ConfigureAwait(false)).IsSluice;

    private async ValueTask<bool> IsPrefect2Async(CancellationToken cancellationToken) => (await ProbeAsync(cancellationToken).ConfigureAwait(false)).IsPrefect2;

    /// <summary>What the other side is. It is asked once, whoever wants to know at the same time.</summary>
    private async ValueTask<ApiInfo> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_info is { } known)
        {
            return known;
        }

        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _info ?? await GetInfoAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }
}
