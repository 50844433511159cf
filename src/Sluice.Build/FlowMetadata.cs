using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;

namespace Sluice.Build;

/// <summary>Whether an assembly carries flows and deployments, read from its metadata without loading it.</summary>
/// <param name="HasFlows">It carries a flow.</param>
/// <param name="HasDeployments">It carries a flow with a deployment.</param>
internal readonly record struct FlowMetadata(bool HasFlows, bool HasDeployments)
{
    private const string Namespace = "Sluice.Runtime";
    private const string Name = "FlowManifestAttribute";

    public static FlowMetadata Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var image = new PEReader(file);
        if (!image.HasMetadata)
            return default;
        MetadataReader metadata = image.GetMetadataReader();
        if (!metadata.IsAssembly)
            return default;

        bool flows = false;
        foreach (CustomAttributeHandle handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (!IsManifest(metadata, attribute))
                continue;
            flows = true;
            // The blob: prolog (2 bytes), the version (4 bytes), the JSON.
            BlobReader blob = metadata.GetBlobReader(attribute.Value);
            blob.Offset = 6;
            using JsonDocument flow = JsonDocument.Parse(blob.ReadSerializedString() ?? "{}");
            if (flow.RootElement.TryGetProperty("deployments", out JsonElement deployments) && deployments.GetArrayLength() > 0)
                return new(true, true);
        }
        return new(flows, false);
    }

    private static bool IsManifest(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return false;
        EntityHandle parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
            return false;
        TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return metadata.StringComparer.Equals(type.Name, Name) && metadata.StringComparer.Equals(type.Namespace, Namespace);
    }
}
