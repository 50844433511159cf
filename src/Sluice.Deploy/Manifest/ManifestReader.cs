using System.Buffers;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;

namespace Sluice.Deploy.Manifest;

/// <summary>
/// Reads the manifest from the attributes <c>Sluice.Runtime.FlowManifestAttribute</c> in an assembly's metadata. The assembly is never loaded, so it
/// may be of any framework and platform and none of its code runs.
/// </summary>
public static class ManifestReader
{
    private const string Namespace = "Sluice.Runtime";
    private const string Name = "FlowManifestAttribute";

    /// <summary>Reads an assembly; one without flows gives a manifest without flows.</summary>
    /// <exception cref="ManifestException">The file is missing, no .NET assembly, damaged, or from a newer Sluice.</exception>
    public static ReadManifest Read(string assembly)
    {
        try
        {
            using var file = new FileStream(assembly, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using var image = new PEReader(file);
            if (!image.HasMetadata)
                throw new ManifestException($"{assembly} holds no .NET metadata: name the compiled assembly (.dll), not a native program.");
            MetadataReader metadata = image.GetMetadataReader();
            if (!metadata.IsAssembly)
                throw new ManifestException($"{assembly} is a module, not an assembly.");
            string name = metadata.GetString(metadata.GetAssemblyDefinition().Name);
            return Parse(assembly, name, Flows(assembly, metadata));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ManifestException($"{assembly} does not exist: build the project first.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"{assembly} cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentOutOfRangeException or OverflowException or InvalidOperationException)
        {
            throw new ManifestException($"{assembly} is damaged or no .NET assembly ({e.Message}): build the project again.", e);
        }
    }

    private static List<string> Flows(string assembly, MetadataReader metadata)
    {
        var flows = new List<string>();
        foreach (CustomAttributeHandle handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (!IsManifest(metadata, attribute))
                continue;
            // ECMA-335 II.23.3: the prolog 0x0001, then the constructor's arguments: the version and the JSON.
            BlobReader blob = metadata.GetBlobReader(attribute.Value);
            if (blob.ReadUInt16() != 1)
                throw new BadImageFormatException("an attribute without prolog");
            int version = blob.ReadInt32();
            if (version != 1)
            {
                throw new ManifestException(string.Create(
                    CultureInfo.InvariantCulture, $"{assembly} carries a manifest of version {version}, and this Sluice reads 1: use the same version of Sluice to build and to deploy."));
            }
            flows.Add(blob.ReadSerializedString() ?? throw new BadImageFormatException("a manifest attribute without text"));
        }
        return flows;
    }

    private static bool IsManifest(MetadataReader metadata, CustomAttribute attribute)
    {
        EntityHandle type = attribute.Constructor.Kind switch
        {
            HandleKind.MemberReference => metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent,
            HandleKind.MethodDefinition => metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType(),
            _ => default,
        };
        (StringHandle ns, StringHandle name) = type.Kind switch
        {
            HandleKind.TypeReference => (metadata.GetTypeReference((TypeReferenceHandle)type).Namespace, metadata.GetTypeReference((TypeReferenceHandle)type).Name),
            HandleKind.TypeDefinition => (metadata.GetTypeDefinition((TypeDefinitionHandle)type).Namespace, metadata.GetTypeDefinition((TypeDefinitionHandle)type).Name),
            _ => default,
        };
        return metadata.StringComparer.Equals(name, Name) && metadata.StringComparer.Equals(ns, Namespace);
    }

    private static ReadOnlyMemory<byte> Compose(string assembly, List<string> flows)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("manifest_version", 1);
            json.WriteString("assembly", assembly);
            json.WriteStartArray("flows");
            foreach (string flow in flows)
                json.WriteRawValue(flow);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.WrittenMemory;
    }

    private static ReadManifest Parse(string assembly, string name, List<string> flows)
    {
        try
        {
            ReadOnlyMemory<byte> json = Compose(name, flows);
            FlowsManifest manifest = JsonSerializer.Deserialize(json.Span, DeployJson.Default.FlowsManifest)!;
            using JsonDocument document = JsonDocument.Parse(json);
            return new(manifest, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new ManifestException($"The manifest in {assembly} is not what Sluice writes ({e.Message}): build the project again.", e);
        }
    }
}

/// <summary>A manifest as it was read.</summary>
/// <param name="Manifest">What deploying needs of it.</param>
/// <param name="Json">All of it.</param>
public sealed record ReadManifest(FlowsManifest Manifest, JsonElement Json);
