using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>
/// Views of Prefect's registry of collections. Its CLI takes the base job template of a new work pool from the one of workers; the templates here are
/// our own, for Prefect's process, Docker and Kubernetes workers and for ours.
/// </summary>
internal static class CollectionViews
{
    private static readonly Lazy<byte[]> Workers = new(ReadWorkers);

    /// <summary>The view as JSON; null where there is none of that name.</summary>
    public static byte[]? Find(string name) => name switch
    {
        "aggregate-worker-metadata" => Workers.Value,
        "aggregate-block-metadata" or "aggregate-flow-metadata" => "{}"u8.ToArray(),
        _ => null,
    };

    private static byte[] ReadWorkers()
    {
        using Stream stream = typeof(CollectionViews).Assembly.GetManifestResourceStream("Sluice.Server.Http.worker-metadata.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach (JsonProperty collection in document.RootElement.EnumerateObject())
            {
                collection.WriteTo(writer);
            }

            writer.WriteStartObject("sluice");
            writer.WriteStartObject(DotnetPool.Type);
            writer.WriteString("type", DotnetPool.Type);
            writer.WriteString("display_name", ".NET");
            writer.WriteString("description", "Runs are processes that a Sluice worker starts, from packages that dotnet publish has made.");
            writer.WriteNull("documentation_url");
            writer.WriteString("install_command", "dotnet tool install --global Sluice.Cli");
            writer.WriteBoolean("is_beta", false);
            writer.WriteNull("logo_url");
            writer.WritePropertyName("default_base_job_configuration");
            DotnetPool.BaseJobTemplate.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
