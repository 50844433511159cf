using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing;

/// <summary>
/// git over HTTP on 127.0.0.1: nginx before git's own <c>git-http-backend</c>, and a check of each request's credentials that the test decides. Several hosts are
/// emulated by the first part of the path; below <c>/old/</c> the server speaks git's first protocol only, which gives branches and tags but no single commits.
/// </summary>
public sealed class GitServer : IAsyncDisposable
{
    /// <summary>Why tests are skipped without it.</summary>
    public const string Missing = "nginx, fcgiwrap or git is not installed; .ci/run installs them.";

    private const string Nginx = "/usr/sbin/nginx", Fcgiwrap = "/usr/sbin/fcgiwrap", Backend = "/usr/lib/git-core/git-http-backend";

    private readonly TempFolder _temp = new();
    private readonly HttpListener _guard = new();
    private readonly List<ProgramRun> _programs = [];
    private readonly Func<GitRequest, bool>? _allow;
    private Task _guarding = Task.CompletedTask;

    private GitServer(Func<GitRequest, bool>? allow) => _allow = allow;

    /// <summary>Whether its programs are there.</summary>
    public static bool IsInstalled { get; } = ((string[])[Nginx, Fcgiwrap, Backend]).All(File.Exists);

    /// <summary>Its port.</summary>
    public int Port { get; private set; }

    /// <summary>Its address, without a slash at the end.</summary>
    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>What it was asked.</summary>
    public ConcurrentQueue<GitRequest> Requests { get; } = new();

    /// <summary>Starts the server.</summary>
    /// <param name="allow">Whether a request's credentials will do; null to let everybody in.</param>
    public static async Task<GitServer> StartAsync(Func<GitRequest, bool>? allow = null)
    {
        var server = new GitServer(allow);
        int[] ports = FreePort.Take(2);
        server.Port = ports[0];
        server._guard.Prefixes.Add($"http://127.0.0.1:{ports[1]}/");
        server._guard.Start();
        server._guarding = server.GuardAsync();
        Directory.CreateDirectory(server._temp["repos"]);
        string socket = server._temp["fcgi.sock"];
        server._programs.Add(ProgramRun.Start(Fcgiwrap, ["-c", "4", "-s", "unix:" + socket]));
        // After the configuration that the project's other components were tried with; the check by auth_request is ours.
        string backend = $"include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME {Backend}; fastcgi_param GIT_HTTP_EXPORT_ALL \"\"; fastcgi_param GIT_PROJECT_ROOT {server._temp["repos"]}; "
            + $"fastcgi_param PATH_INFO $uri; fastcgi_buffering off; fastcgi_request_buffering off; fastcgi_pass unix:{socket};";
        string conf = server._temp.Write("nginx.conf", $$"""
            daemon off; pid {{server._temp["nginx.pid"]}}; error_log {{server._temp["error.log"]}}; worker_processes 1; {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            events {}
            http { access_log off; client_body_temp_path {{server._temp["t1"]}}; proxy_temp_path {{server._temp["t2"]}}; fastcgi_temp_path {{server._temp["t3"]}}; uwsgi_temp_path {{server._temp["t4"]}};
             scgi_temp_path {{server._temp["t5"]}}; client_max_body_size 0;
             server { listen 127.0.0.1:{{server.Port.ToString(CultureInfo.InvariantCulture)}}; auth_request /guard;
              location = /guard { internal; proxy_pass http://127.0.0.1:{{ports[1].ToString(CultureInfo.InvariantCulture)}}; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header X-Uri $request_uri; }
              location /old/ { {{backend}} }
              location / { fastcgi_param GIT_PROTOCOL $http_git_protocol; {{backend}} } } }

            """);
        server._programs.Add(ProgramRun.Start(Nginx, ["-e", server._temp["error.log"], "-c", conf]));
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", server.Port);
                if (File.Exists(socket))
                    return server;
            }
            catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(60) && server._programs.All(program => !program.Process.HasExited))
            {
                // Not yet.
            }
        }
    }

    /// <summary>Lets a bare repository be reached under a path as well, as <c>github/acme/flows.git</c>.</summary>
    public void Show(string repository, string path)
    {
        string link = _temp["repos", path];
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, repository);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ProgramRun program in _programs)
            await program.DisposeAsync();
        _guard.Close();
        await _guarding;
        _temp.Dispose();
    }

    private async Task GuardAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _guard.GetContextAsync();
                var request = new GitRequest(context.Request.Headers["X-Uri"] ?? "", context.Request.Headers["Authorization"]);
                Requests.Enqueue(request);
                bool allowed = _allow?.Invoke(request) ?? true;
                context.Response.StatusCode = allowed ? 200 : 401;
                if (!allowed)
                    context.Response.AddHeader("WWW-Authenticate", "Basic realm=\"git\"");
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }
}

/// <summary>A request to a <see cref="GitServer"/>.</summary>
/// <param name="Path">Its path with the query.</param>
/// <param name="Authorization">Its credentials as they were sent.</param>
public sealed record GitRequest(string Path, string? Authorization);
