using System.ComponentModel;

namespace Sluice.Runtime;

/// <summary>Carries one flow of the manifest inside the assembly. Written by the generator, read from metadata by the deploy tool.</summary>
/// <param name="version">The manifest's version: 1.</param>
/// <param name="json">One element of the manifest's <c>flows</c> array, as compact JSON.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class FlowManifestAttribute(int version, string json) : Attribute
{
    /// <summary>The manifest's version.</summary>
    public int Version { get; } = version;

    /// <summary>One flow of the manifest.</summary>
    public string Json { get; } = json;
}
