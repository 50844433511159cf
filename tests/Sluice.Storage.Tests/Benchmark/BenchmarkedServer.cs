using System.Globalization;
using Amazon.S3;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Benchmark;

/// <summary>A server that both sides use, directly or through a proxy that counts.</summary>
internal sealed class BenchmarkedServer : IAsyncDisposable
{
    private readonly string _system;
    private readonly string _folder;
    private readonly RadosGateway? _s3;
    private readonly Azurite? _azure;
    private readonly FaultProxy? _proxy;
    private int _port;
    private int _places;

    private BenchmarkedServer(string system, string folder, RadosGateway? s3, Azurite? azure)
    {
        (_system, _folder, _s3, _azure) = (system, folder, s3, azure);
        if (s3 is not null || azure is not null)
            _proxy = new(s3?.Port ?? azure!.Port, _ => null);
        Through(false);
    }

    /// <summary>Whether traffic can be counted.</summary>
    public bool Counts => _proxy is not null;

    /// <summary>Bytes both ways through the proxy so far.</summary>
    public long Bytes => _proxy is null ? 0 : _proxy.BytesUp + _proxy.BytesDown;

    /// <summary>What programs need to know; ours takes it from its own environment as well.</summary>
    /// <remarks>rclone 1.60 fails where AWS_CA_BUNDLE is set, whatever it is.</remarks>
    public Dictionary<string, string?> Environment { get; } = new() { ["AWS_CA_BUNDLE"] = null };

    public static async Task<BenchmarkedServer> StartAsync(string system, string folder)
    {
        var s3 = system == "S3" ? new RadosGateway() : null;
        var azure = system == "Azure" ? new Azurite() : null;
        if (s3 is not null)
            await (RadosGateway.IsInstalled ? s3.InitializeAsync() : throw new InvalidOperationException(RadosGateway.Missing));
        if (azure is not null)
            await (Azurite.IsInstalled ? azure.InitializeAsync() : throw new InvalidOperationException(Azurite.Missing));
        return new(system, folder, s3, azure);
    }

    /// <summary>Sends both sides through the proxy, or past it.</summary>
    public void Through(bool proxy)
    {
        _port = proxy && _proxy is not null ? _proxy.Port : _s3?.Port ?? _azure?.Port ?? 0;
        Set("SLUICE_BENCH_KEY", _s3?.Key ?? "");
        Set("SLUICE_BENCH_SECRET", _s3?.Secret ?? "");
        Set("SLUICE_BENCH_AZURE", Azurite.ConnectionStringAt(_port));
        string port = _port.ToString(CultureInfo.InvariantCulture);
        foreach ((string name, string value) in _system switch
        {
            "S3" => [("TYPE", "s3"), ("PROVIDER", "Ceph"), ("ENDPOINT", $"http://127.0.0.1:{port}"), ("ACCESS_KEY_ID", _s3!.Key), ("SECRET_ACCESS_KEY", _s3.Secret), ("NO_CHECK_BUCKET", "true")],
            "Azure" => [("TYPE", "azureblob"), ("SAS_URL", $"http://127.0.0.1:{port}/{Azurite.Account}?{_azure!.AccountSas("rwdlac", DateTimeOffset.UtcNow.AddHours(2))}")],
            _ => new (string, string)[] { ("TYPE", "local") },
        })
            Set("RCLONE_CONFIG_BENCH_" + name, value);
    }

    /// <summary>Makes an empty bucket, container or folder.</summary>
    public async Task<string> PlaceAsync()
    {
        string place = $"place{++_places}";
        if (_s3 is not null)
        {
            using AmazonS3Client client = _s3.Client();
            await client.PutBucketAsync(place);
        }
        else if (_azure is not null)
            await _azure.CreateContainerAsync(place);
        else
            Directory.CreateDirectory(Path.Combine(_folder, place));
        return place;
    }

    /// <summary>Our URI of a place.</summary>
    public string Location(string place) => _system switch
    {
        "S3" => $"s3://{place}?endpoint_url=http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}&aws_access_key_id=${{SLUICE_BENCH_KEY}}&aws_secret_access_key=${{SLUICE_BENCH_SECRET}}",
        "Azure" => $"az://{place}?azure_storage_connection_string=${{SLUICE_BENCH_AZURE}}",
        _ => StoreUri.OfFolder(Path.Combine(_folder, place)).AbsoluteUri,
    };

    /// <summary>rclone's name of a place.</summary>
    public string Remote(string place) => _system == "Local" ? Path.Combine(_folder, place) : $"bench:{place}";

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        if (_s3 is not null)
            await _s3.DisposeAsync();
        if (_azure is not null)
            await _azure.DisposeAsync();
    }

    private void Set(string name, string value)
    {
        Environment[name] = value;
        System.Environment.SetEnvironmentVariable(name, value);
    }
}
