using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Cli.Tests;

/// <summary>The variables by which networks name their way out. The proxy answers for the server, whose name leads nowhere.</summary>
public sealed class ProxyTests : IAsyncLifetime, IDisposable
{
    private readonly SluiceProgram _sluice = new();
    private readonly ConcurrentQueue<string> _asked = [];
    private WebApplication? _proxy;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _proxy = builder.Build();
        _proxy.Run(async http =>
        {
            _asked.Enqueue($"{http.Request.Method} {http.Request.Host}{http.Request.Path}");
            http.Response.StatusCode = http.Request.Path == "/api/sluice/info" ? 404 : 200;
            await http.Response.WriteAsJsonAsync<object>(http.Request.Path == "/api/admin/version" ? "3.8.3" : Array.Empty<string>());
        });
        await _proxy.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _proxy!.DisposeAsync();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Requests_go_through_the_proxy_that_the_environment_names_but_for_the_hosts_that_it_excepts()
    {
        // What this machine's own network needs says nothing here.
        foreach (string variable in (string[])["http_proxy", "no_proxy", "NO_PROXY"])
            _sluice.With(variable, null);
        _sluice.With("PREFECT_API_URL", "http://prefect.invalid/api").With("HTTP_PROXY", _proxy!.Urls.First());
        (await _sluice.RunAsync("flow", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        _asked.ShouldContain("POST prefect.invalid/api/flows/filter");

        _asked.Clear();
        _sluice.With("NO_PROXY", "prefect.invalid");
        (await _sluice.RunAsync("flow", "ls")).FailedWith(1).ShouldContain("prefect.invalid");
        _asked.ShouldBeEmpty();
    }
}
