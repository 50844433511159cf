using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sluice.Testing.Containers;

/// <summary>A real container registry (the CNCF distribution's <c>docker-registry</c>) with users and passwords, on 127.0.0.1 by plain HTTP.</summary>
public sealed class ContainerRegistry : IAsyncDisposable
{
    public const string User = "deploy";

    private static readonly Lock s_trusting = new();

    private readonly TempFolder _temp = new();
    private readonly ProgramRun _server;

    private ContainerRegistry(int port, string password, string users, bool readOnly)
    {
        _temp.Write("htpasswd", users);
        Port = port;
        Password = password;
        _temp.Write("config.yml", string.Create(CultureInfo.InvariantCulture, $"""
            version: 0.1
            log:
              level: warn
            storage:
              filesystem:
                rootdirectory: {_temp["data"]}
              delete:
                enabled: true
              maintenance:
                readonly:
                  enabled: {(readOnly ? "true" : "false")}
            http:
              addr: 127.0.0.1:{port}
            auth:
              htpasswd:
                realm: test
                path: {_temp["htpasswd"]}
            """));
        // It takes any variable of this beginning for one of its settings; this one is Podman's.
        _server = ProgramRun.Start("docker-registry", ["serve", _temp["config.yml"]], new Dictionary<string, string?> { ["REGISTRY_AUTH_FILE"] = null });
    }

    /// <summary>Why tests cannot run without it.</summary>
    public const string Missing = "docker-registry or apache2-utils is not installed; .ci/run installs them.";

    public static bool IsInstalled { get; } = File.Exists("/usr/bin/docker-registry") && File.Exists("/usr/bin/htpasswd");

    public int Port { get; }

    public string Password { get; }

    /// <summary>As image names begin.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>A Docker configuration that holds the password, as docker login writes it.</summary>
    public string DockerConfig => _temp["docker"];

    /// <summary>Where the registry keeps its files.</summary>
    public string Data => _temp["data"];

    public static async Task<ContainerRegistry> StartAsync(string password = "a password", bool readOnly = false)
    {
        await using ProgramRun hash = await ProgramRun.CompleteAsync("htpasswd", ["-Bbn", User, password]);
        var registry = new ContainerRegistry(FreePort.Take(1)[0], password, hash.Output, readOnly);
        string auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password}"));
        registry._temp.Write("docker/config.json", JsonSerializer.Serialize(new { auths = new Dictionary<string, object> { [registry.Host] = new { auth } } }));
        Trust(registry.Port);
        using var client = new HttpClient();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using HttpResponseMessage _ = await client.GetAsync(new Uri($"http://{registry.Host}/v2/"), bound.Token);
                return registry;
            }
            catch (HttpRequestException)
            {
                if (registry._server.Process.HasExited)
                    throw new InvalidOperationException($"docker-registry ended: {registry._server.Error}");
                await Task.Delay(50, bound.Token);
            }
        }
    }

    /// <summary>Lets this process and its children speak plain HTTP to a port of 127.0.0.1.</summary>
    public static void Trust(int port)
    {
        const string variable = "DOTNET_CONTAINER_INSECURE_REGISTRIES";
        lock (s_trusting)
            Environment.SetEnvironmentVariable(variable, string.Create(CultureInfo.InvariantCulture, $"{Environment.GetEnvironmentVariable(variable)};127.0.0.1:{port}").TrimStart(';'));
    }

    /// <summary>A client that is signed in.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://{Host}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _temp.Dispose();
    }
}
