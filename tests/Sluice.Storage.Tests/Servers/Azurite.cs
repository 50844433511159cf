using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Servers;

/// <summary>The Azure Blob emulator, which checks signatures as Azure does, started once for the tests that need it.</summary>
public sealed class Azurite : IAsyncLifetime
{
    /// <summary>Why tests are skipped without it.</summary>
    public const string Missing = "azurite is not installed; .ci/run installs it (npm ci in tests/Sluice.Storage.Tests/Servers/azurite).";

    public const string Account = "testaccount";
    public static readonly string Key = Convert.ToBase64String([.. Enumerable.Range(0, 64).Select(i => (byte)(i * 7))]);

    private static readonly string s_program = Path.Combine(Repository.Root, "tests", "Sluice.Storage.Tests", "Servers", "azurite", "node_modules", ".bin", "azurite-blob");
    private readonly TempFolder _temp = new();
    private ProgramRun? _run;

    public static bool IsInstalled => File.Exists(s_program);

    public int Port { get; private set; }

    public string ConnectionString => ConnectionStringAt(Port);

    public static string ConnectionStringAt(int port, string? key = null) => $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key ?? Key};BlobEndpoint=http://127.0.0.1:{port}/{Account};";

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
            return;
        Port = FreePort.Take(1)[0];
        _run = ProgramRun.Start(
            s_program, ["--blobHost", "127.0.0.1", "--blobPort", $"{Port}", "--location", _temp.Path, "--disableTelemetry"],
            new Dictionary<string, string?> { ["AZURITE_ACCOUNTS"] = $"{Account}:{Key}" });
        await _run.WaitForLineAsync(line => line.Contains("successfully listens", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
    }

    /// <summary>A SAS for the account's blobs and containers, signed here by the REST reference's rule "Create an account SAS".</summary>
    public string AccountSas(string permissions, DateTimeOffset until)
    {
        const string version = "2021-12-02";
        string expiry = until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        string text = string.Join('\n', Account, permissions, "b", "sco", "", expiry, "", "https,http", version, "", "");
        string signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text)));
        return $"sv={version}&ss=b&srt=sco&sp={permissions}&se={Uri.EscapeDataString(expiry)}&spr={Uri.EscapeDataString("https,http")}&sig={Uri.EscapeDataString(signature)}";
    }

    /// <summary>Makes a container.</summary>
    public async Task CreateContainerAsync(string name)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PutAsync(new Uri($"http://127.0.0.1:{Port}/{Account}/{name}?restype=container&{AccountSas("c", DateTimeOffset.UtcNow.AddHours(1))}"), new ByteArrayContent([]));
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
            await _run.DisposeAsync();
        _temp.Dispose();
    }
}
