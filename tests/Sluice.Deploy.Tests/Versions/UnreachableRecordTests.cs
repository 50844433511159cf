using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Secrets;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>A record whose store cannot be asked now may be whole: a publish that went on without it would overwrite what people changed.</summary>
public sealed class UnreachableRecordTests : IDisposable
{
    private const int CutConnection = 0, HalfAnAnswer = 200;

    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(403, true)]
    [InlineData(403, false)]
    [InlineData(CutConnection, true)]
    [InlineData(HalfAnAnswer, true)]
    public async Task A_record_store_that_cannot_be_asked_stops_a_publish_before_anything_is_stored(int status, bool isProgramNew)
    {
        await _bench.DeployAsync();
        using var server = new BrokenStore(status);
        await using var network = new FaultProxy(server.Port, _ => status switch
        {
            CutConnection => new() { Refuse = true },
            // Whatever is asked for, as by a proxy that knows no ranges.
            HalfAnAnswer => new() { Answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n{\"record_version\": 1, " },
            _ => null,
        });
        await PointAsync(network.Port);
        _bench.Sources = new(new Canary(), StorageSources.Environment.Blocks);
        _bench.Variables[VersionRecords.StoresVariable] = string.Create(
            CultureInfo.InvariantCulture, $"s3://records?endpoint_url=http://127.0.0.1:{network.Port}&aws_access_key_id=${{ID}}&aws_secret_access_key=${{SECRET}}");
        Deployment before = (await _bench.LiveAsync("daily"))!;
        string[] files = Files();
        if (isProgramNew)
            _bench.Temp.Write("publish/Weather.dll", "another program");
        else
            _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = "Oslo");

        DeployError error = await _bench.FailAsync();

        error.Code.ShouldBe(DeployCodes.StorageFailed, error.Message);
        error.Message.ShouldNotContain("canary-7f3a");
        Files().ShouldBe(files, "nothing is stored");
        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(await _bench.LiveAsync("daily")), JsonSerializer.SerializeToElement(before)).ShouldBeTrue("nothing is applied");
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_bench.Home.Storage, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The record lies where the server says, and a person changed the city.</summary>
    private async Task PointAsync(int port)
    {
        await using IOrchestrationApi api = await _bench.OpenAsync();
        Deployment live = (await api.FindDeploymentAsync("Weather report", "daily", Cancel))!;
        VersionPointer pointer = VersionPointer.Of(live.JobVariables)!;
        string key = string.Join('/', pointer.Location.AbsolutePath.Split('/')[^3..]);
        JsonObject env = JsonNode.Parse(live.JobVariables["env"].GetRawText())!.AsObject();
        env[VersionPointer.Variable] = (pointer with { Location = new(string.Create(CultureInfo.InvariantCulture, $"s3://records/{key}?endpoint_url=http://127.0.0.1:{port}")) }).ToString();
        await api.UpdateDeploymentAsync(live.Id, new()
        {
            JobVariables = new Dictionary<string, JsonElement>(live.JobVariables) { ["env"] = JsonElement.Parse(env.ToJsonString()) },
            Parameters = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Rome\"") },
        }, Cancel);
    }

    private sealed class Canary : ISecretSource
    {
        public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) => new(name is "ID" or "SECRET" ? "canary-7f3a" : null);
    }

    /// <summary>A server that answers one status to all.</summary>
    private sealed class BrokenStore : IDisposable
    {
        private readonly HttpListener _listener = new();

        public BrokenStore(int status)
        {
            Port = FreePort.Take(1)[0];
            _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/"));
            _listener.Start();
            _ = AnswerAsync(_listener, status);
        }

        public int Port { get; }

        public void Dispose() => _listener.Close();

        private static async Task AnswerAsync(HttpListener listener, int status)
        {
            while (listener.IsListening)
            {
                HttpListenerContext asked;
                try
                {
                    asked = await listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                asked.Response.StatusCode = status;
                asked.Response.Close();
            }
        }
    }
}
