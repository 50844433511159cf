using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Connection;

/// <summary><c>$SLUICE_HOME/server.json</c>: where user code finds a running server. Written when it listens, removed when it ends.</summary>
internal sealed class ServerRecord : IDisposable
{
    private readonly string _path;

    private ServerRecord(string path) => _path = path;

    public static ServerRecord Write(SluiceHome home, Uri url, DateTimeOffset started)
    {
        Directory.CreateDirectory(home.Root);
        AtomicFile.Write(home.ServerRecord, JsonFile.Bytes(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("url", url.AbsoluteUri);
            writer.WriteNumber("pid", Environment.ProcessId);
            writer.WriteString("started", started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("version", ProductVersion.Text);
            writer.WriteEndObject();
        }));
        return new(home.ServerRecord);
    }

    /// <summary>Removes the record, unless another server has written its own since.</summary>
    public void Dispose()
    {
        try
        {
            using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(_path));
            if (record.RootElement.GetProperty("pid").GetInt32() == Environment.ProcessId)
                File.Delete(_path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody has cleaned up already: nothing is left to remove.
        }
    }
}
