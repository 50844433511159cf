using System.Collections.Immutable;
using System.Reflection.Metadata;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Json;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>
/// Finds the flows in the manifest attributes of references. Runs once for each reference object, which compilations share until it changes, so that an
/// edit in the project itself reads nothing.
/// </summary>
internal static class ReferencedFlows
{
    private const string Assembly = "Sluice";
    private const string Namespace = "Sluice.Runtime";
    private const string Name = "FlowManifestAttribute";
    private const int Version = 1;

    /// <summary>The reference's flows that have deployments, in their order.</summary>
    public static ImmutableArray<ReferencedFlow> Read(MetadataReference reference, CancellationToken cancellation)
    {
        var flows = ImmutableArray.CreateBuilder<ReferencedFlow>();
        foreach ((string assembly, string json) in reference switch
        {
            PortableExecutableReference file => OfFile(file),
            CompilationReference project => OfProject(project.Compilation),
            _ => [],
        })
        {
            cancellation.ThrowIfCancellationRequested();
            // What another tool wrote into the attribute is no manifest, and no reason to fail.
            if (JsonParser.Parse(json, out _) is { Kind: JsonKind.Object } flow && Text(flow, "name") is { } name
                && flow.Members.Any(member => member.Name == "deployments" && member.Value.Items.Count > 0))
                flows.Add(new(assembly, name, json));
        }
        return flows.ToImmutable();
    }

    private static string? Text(JsonNode node, string name) =>
        node.Members.FirstOrDefault(member => member.Name == name)?.Value is { Kind: JsonKind.String } text ? text.Text : null;

    private static IEnumerable<(string Assembly, string Json)> OfProject(Compilation compilation)
    {
        // Projects without Sluice are told by one look, before any attribute is bound.
        if (compilation.GetTypeByMetadataName($"{Namespace}.{Name}") is not { } type)
            return [];
        return compilation.Assembly.GetAttributes()
            .Where(attribute => SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, type) && attribute.ConstructorArguments is [{ Value: Version }, { Value: string }])
            .Select(attribute => (compilation.Assembly.Name, (string)attribute.ConstructorArguments[1].Value!));
    }

    private static List<(string Assembly, string Json)> OfFile(PortableExecutableReference file)
    {
        var found = new List<(string, string)>();
        try
        {
            // The compilation holds the metadata already; this reads no file.
            if (file.GetMetadata() is AssemblyMetadata assembly && assembly.GetModules() is [var module, ..])
                Read(module.GetMetadataReader(), found);
        }
        catch (Exception damaged) when (damaged is BadImageFormatException or System.IO.IOException or ObjectDisposedException or ArgumentException)
        {
            // The compiler itself says what is wrong with a reference that cannot be read.
            found.Clear();
        }
        return found;
    }

    private static void Read(MetadataReader metadata, List<(string, string)> found)
    {
        if (!metadata.IsAssembly || !metadata.AssemblyReferences.Any(reference => metadata.StringComparer.Equals(metadata.GetAssemblyReference(reference).Name, Assembly)))
            return;
        AssemblyDefinition assembly = metadata.GetAssemblyDefinition();
        foreach (CustomAttributeHandle handle in assembly.GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (!IsManifest(metadata, attribute))
                continue;
            // ECMA-335 II.23.3: the prolog 0x0001, then the constructor's arguments: the version and the JSON.
            BlobReader blob = metadata.GetBlobReader(attribute.Value);
            if (blob.ReadUInt16() == 1 && blob.ReadInt32() == Version && blob.ReadSerializedString() is { } json)
                found.Add((metadata.GetString(assembly.Name), json));
        }
    }

    private static bool IsManifest(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference || metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } parent)
            return false;
        TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return metadata.StringComparer.Equals(type.Name, Name) && metadata.StringComparer.Equals(type.Namespace, Namespace);
    }
}
