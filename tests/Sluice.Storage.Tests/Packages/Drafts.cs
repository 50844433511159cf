using System.Text.Json;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Tests.Packages;

/// <summary>Drafts for tests.</summary>
internal static class Drafts
{
    public static PackageDraft Of(PackageContent content) => new()
    {
        Content = content,
        Name = "Test flow",
        Manifest = JsonDocument.Parse("""{"manifest_version":1,"assembly":"a","flows":[]}""").RootElement,
        Launch = new(null, "a.dll"),
        TargetFramework = "net10.0",
        DeploymentMode = "framework-dependent",
        Version = "1.0.0",
        Commit = "abcdef",
    };
}
