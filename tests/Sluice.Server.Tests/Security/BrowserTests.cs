using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Server.Tests.Security;

/// <summary>A real browser on this machine shows somebody else's page, which tries all that a page can to have the server of this machine run something.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(120);
    private static readonly string? _chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource<string> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;
    private WebApplication _evil = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, default);
        // The server that is easiest to attack: it asks for nothing.
        _host = await ApiHost.StartAsync(_store, new(), default);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        _evil = builder.Build();
        _evil.Run(async http =>
        {
            if (http.Request.Path == "/told")
            {
                using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
                _told.TrySetResult(await reader.ReadToEndAsync());
                return;
            }
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync(Page());
        });
        await _evil.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _evil.StopAsync();
        await _evil.DisposeAsync();
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1"), InlineData("evil.example")]
    public async Task A_page_of_another_origin_can_neither_run_nor_read_anything(string host)
    {
        Assert.SkipWhen(_chromium is null, "There is no Chromium on this machine (Debian: chromium).");
        await using ProgramRun browser = Browse($"http://{host}:{new Uri(_evil.Urls.First()).Port}/");

        string told = await _told.Task.WaitAsync(_bound, TestContext.Current.CancellationToken);

        // What was tried, in the page's order: none was answered in a way that the page could read.
        told.Split('\n').ShouldBe(["json: refused", "simple: refused", "put: refused", "delete: refused", "read: refused", "form: sent", "socket in: refused", "socket out: refused"]);
        (await _store.ListFlowsAsync(new(), default)).ShouldBeEmpty();
        (await _store.ListVariablesAsync(new(), default)).ShouldBeEmpty();
        (await _store.ListFlowRunsAsync(new(), default)).ShouldBeEmpty();
    }

    /// <summary>DNS rebinding: the page's own host name leads to the server after a while, so that the browser takes both for one origin.</summary>
    [Fact]
    public async Task A_host_name_that_was_made_lead_here_is_refused()
    {
        Assert.SkipWhen(_chromium is null, "There is no Chromium on this machine (Debian: chromium).");
        await using ProgramRun browser = Browse($"http://rebound.example:{_host.Url.Port}/api/hello", "--dump-dom");
        (await browser.WaitForExitAsync(_bound)).ShouldBe(0, browser.Error);
        browser.Output.ShouldContain("Requests from web pages of other origins are refused.");
        browser.Output.ShouldNotContain("👋");
    }

    private ProgramRun Browse(string url, params string[] more) => ProgramRun.Start(_chromium!,
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--no-proxy-server",
        "--host-resolver-rules=MAP *.example 127.0.0.1", $"--user-data-dir={_folder["profile"]}", .. more, url,
    ]);

    private string Page() => """
        <!doctype html><body><form id=form method=post enctype="text/plain" target=frame action="API/flows/"><input name='{"name":"form","a":"' value='"}'></form><iframe name=frame></iframe>
        <script>
        const api = "API", told = [];
        const send = (path, options) => fetch(api + path, options).then(answer => answer.type === "opaque" ? "opaque" : "answered " + answer.status, () => "refused");
        const socket = (path, message) => new Promise(done => {
          const open = new WebSocket(api.replace("http", "ws") + path, "prefect");
          open.onopen = () => { open.send(message); done("open"); };
          open.onerror = () => done("refused");
        });
        (async () => {
          const json = { "Content-Type": "application/json" };
          told.push("json: " + await send("/flows/", { method: "POST", headers: json, body: '{"name":"json"}' }));
          told.push("simple: " + await send("/flows/", { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: '{"name":"simple"}' }));
          told.push("put: " + await send("/sluice/results/8d7d2149-03d4-47de-a411-fd9caac3b515", { method: "PUT", body: "1" }));
          told.push("delete: " + await send("/variables/name/x", { method: "DELETE" }));
          told.push("read: " + await send("/hello", {}));
          const frame = document.querySelector("iframe");
          const loaded = new Promise(done => frame.onload = done);
          document.querySelector("form").submit();
          await loaded;
          told.push("form: sent");
          told.push("socket in: " + await socket("/events/in", '{"type":"auth","token":null}'));
          told.push("socket out: " + await socket("/events/out", '{"type":"auth","token":null}'));
          await fetch("/told", { method: "POST", body: told.join("\n") });
        })();
        </script>
        """.Replace("API", _host.Url.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);
}
