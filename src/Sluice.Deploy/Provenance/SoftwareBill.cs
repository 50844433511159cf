using System.Text.Json;

namespace Sluice.Deploy.Provenance;

/// <summary>Writes a parts list as CycloneDX 1.6 (ECMA-424). The same package gives the same bytes: its serial number comes from the digest, and it has no time.</summary>
internal static class SoftwareBill
{
    /// <summary>Writes one.</summary>
    /// <param name="parts">What the program is made of.</param>
    /// <param name="name">The program's name.</param>
    /// <param name="version">Its version; null for none.</param>
    /// <param name="digest">The package's digest.</param>
    public static byte[] Write(SoftwareParts parts, string name, string? version, string digest)
    {
        string own = $"app:{name}@{version}";
        return JsonDocuments.Write(json =>
        {
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteString("serialNumber", SerialNumber(digest));
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteStartObject("tools");
            json.WriteStartArray("components");
            json.WriteStartObject();
            json.WriteString("type", "application");
            json.WriteString("name", "Sluice");
            json.WriteString("version", JsonDocuments.ToolVersion);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("component");
            json.WriteString("type", "application");
            json.WriteString("bom-ref", own);
            json.WriteString("name", name);
            if (version is not null)
                json.WriteString("version", version);
            json.WriteEndObject();
            json.WriteStartArray("properties");
            json.WriteStartObject();
            json.WriteString("name", "sluice:package:digest");
            json.WriteString("value", digest);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("components");
            foreach (SoftwarePart part in parts.Parts)
                Write(json, part);
            json.WriteEndArray();
            json.WriteStartArray("dependencies");
            WriteNeeds(json, own, parts.Needs);
            foreach (SoftwarePart part in parts.Parts.Where(part => !part.IsFile))
                WriteNeeds(json, part.Reference, part.Needs);
            json.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter json, SoftwarePart part)
    {
        json.WriteStartObject();
        json.WriteString("type", part.IsFile ? "file" : "library");
        json.WriteString("bom-ref", part.Reference);
        json.WriteString("name", part.Name);
        if (!string.IsNullOrEmpty(part.Version))
            json.WriteString("version", part.Version);
        if ((part.Sha512 ?? part.Sha256) is { } hash)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", part.Sha512 is not null ? "SHA-512" : "SHA-256");
            json.WriteString("content", hash);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        if (part.PackageUrl is { } url)
            json.WriteString("purl", url);
        json.WriteEndObject();
    }

    private static void WriteNeeds(Utf8JsonWriter json, string reference, IReadOnlyList<string> needs)
    {
        json.WriteStartObject();
        json.WriteString("ref", reference);
        json.WriteStartArray("dependsOn");
        foreach (string need in needs)
            json.WriteStringValue(need);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A UUID of version 8 (RFC 9562, 5.8) from the digest.</summary>
    private static string SerialNumber(string digest)
    {
        byte[] bytes = Convert.FromHexString(digest.AsSpan(0, 32));
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return $"urn:uuid:{new Guid(bytes, bigEndian: true):D}";
    }
}
