using Microsoft.AspNetCore.Http;
using Sluice.Server;

namespace Sluice.Testing.Prefect;

/// <summary>A server that answers as Prefect 3.8.3: the embedded server without Sluice's own routes.</summary>
public sealed class Prefect3Server : PrefectServer
{
    private readonly CsrfTokens _csrf = new();
    private ApiHost _host = null!;

    private Prefect3Server(PrefectServerOptions options)
        : base(OpenApiRequests.Prefect3, options)
    {
    }

    /// <summary>The CSRF tokens that it gave out.</summary>
    public CsrfTokens Csrf => _csrf;

    /// <summary>Starts a server on a free loopback port.</summary>
    public static async Task<Prefect3Server> StartAsync(PrefectServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        Prefect3Server server = new(options ?? new());
        await server.OpenStoreAsync(cancellationToken);
        server._host = await ApiHost.StartAsync(server.Store, new()
        {
            Token = server.Options.ApiKey,
            AuthString = server.Options.AuthString,
            Time = server.Options.Time,
            PrefectOnly = true,
            Front = server.PassAsync,
        }, cancellationToken);
        server.Url = server._host.Url;
        return server;
    }

    private protected override ValueTask StopAsync() => _host.DisposeAsync();

    private async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        (SentRequest request, _, IReadOnlyList<Misfit> misfits) = await TakeAsync(http);
        await AnswerOrFailAsync(http, request, () => AnswerAsync(http, next, request, misfits));
    }

    private async Task AnswerAsync(HttpContext http, RequestDelegate next, SentRequest request, IReadOnlyList<Misfit> misfits)
    {
        if (Options.Csrf && await _csrf.AnswerAsync(http))
        {
            return;
        }

        if (request.Path == "/admin/version" && Options.Version is { } version)
        {
            await AnswerAsync(http, StatusCodes.Status200OK, version);
        }
        else if (misfits.Count > 0)
        {
            await RefuseAsync(http, request, misfits);
        }
        else
        {
            await next(http);
        }
    }
}
