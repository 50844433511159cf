using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Sluice.Deploy.Tests;

/// <summary>Writes assemblies that carry a manifest, as the compiler does after the generator.</summary>
internal static class FlowAssembly
{
    /// <summary>Writes an assembly.</summary>
    /// <param name="path">Where.</param>
    /// <param name="flows">The JSON of each flow.</param>
    /// <param name="name">The assembly's name.</param>
    /// <param name="version">The manifest's version.</param>
    /// <param name="runtime">The core library it refers to: any framework's will do, since nothing is loaded.</param>
    /// <param name="attribute">The attribute's namespace and name.</param>
    public static string Write(string path, IEnumerable<string> flows, string name = "Weather", int version = 1, string runtime = "System.Runtime", (string, string)? attribute = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString(name + ".dll"), metadata.GetOrAddGuid(new Guid("3c1f2f4e-4c4f-4d4e-9a52-7c6a3a5d7b11")), default, default);
        AssemblyDefinitionHandle assembly = metadata.AddAssembly(metadata.GetOrAddString(name), new Version(1, 0, 0, 0), default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(0, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        Reference(metadata, runtime);
        AssemblyReferenceHandle sluice = Reference(metadata, "Sluice");
        (string ns, string type) = attribute ?? ("Sluice.Runtime", "FlowManifestAttribute");
        TypeReferenceHandle attributeType = metadata.AddTypeReference(sluice, metadata.GetOrAddString(ns), metadata.GetOrAddString(type));
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature(isInstanceMethod: true).Parameters(2, r => r.Void(), p =>
        {
            p.AddParameter().Type().Int32();
            p.AddParameter().Type().String();
        });
        MemberReferenceHandle constructor = metadata.AddMemberReference(attributeType, metadata.GetOrAddString(".ctor"), metadata.GetOrAddBlob(signature));
        foreach (string flow in flows)
        {
            var value = new BlobBuilder();
            value.WriteUInt16(1);
            value.WriteInt32(version);
            value.WriteSerializedString(flow);
            value.WriteUInt16(0);
            metadata.AddCustomAttribute(assembly, constructor, metadata.GetOrAddBlob(value));
        }
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        using FileStream file = File.Create(path);
        image.WriteContentTo(file);
        return path;
    }

    private static AssemblyReferenceHandle Reference(MetadataBuilder metadata, string name) =>
        metadata.AddAssemblyReference(metadata.GetOrAddString(name), new Version(1, 0, 0, 0), default, default, 0, default);
}
