using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Sluice.Storage.Docker;

/// <summary>
/// The project whose <c>PublishContainer</c> makes an image of files that are published already. It is one of its own, so that the image holds exactly the package,
/// nothing of the user's build runs a second time, and file-based programs and <c>sluice deploy --assembly</c> have images too.
/// </summary>
internal static class ContainerProject
{
    /// <summary>The file that the project writes the image's digest to.</summary>
    public const string DigestFile = "digest.txt";

    /// <summary>Writes the project.</summary>
    /// <param name="plan">The image.</param>
    /// <param name="files">The folder of its files.</param>
    /// <param name="registry">The registry; null for this machine's engine.</param>
    /// <param name="engine">The engine's program, where there is no registry.</param>
    public static string Write(ImagePlan plan, string files, string? registry, string? engine)
    {
        var properties = new List<(string Name, string? Value)>
        {
            ("ImportDirectoryBuildProps", "false"),
            ("ImportDirectoryBuildTargets", "false"),
            ("ImportDirectoryPackagesProps", "false"),
            ("MSBuildEnableWorkloadResolver", "false"),
            ("TargetFramework", plan.TargetFramework),
            ("OutputType", "Exe"),
            ("AssemblyName", plan.Assembly),
            ("Version", plan.Version),
            ("EnableDefaultItems", "false"),
            ("IsPublishable", "true"),
            ("EnableSdkContainerSupport", "true"),
            ("SelfContained", plan.IsSelfContained ? "true" : "false"),
            ("PublishAot", plan.DeploymentMode == "native-aot" ? "true" : null),
            ("PublishDir", files + Path.DirectorySeparatorChar),
            ("ContainerRegistry", registry ?? ""),
            ("LocalRegistry", engine switch { "docker" => "Docker", "podman" => "Podman", _ => "" }),
            ("ContainerRepository", plan.Repository),
            ("ContainerImageTag", plan.Tag),
            ("ContainerImageTags", ""),
            ("ContainerImageName", ""),
            ("ContainerArchiveOutputPath", ""),
            ("ContainerBaseImage", plan.BaseImage ?? ""),
            ("ContainerFamily", plan.Settings.Family ?? ""),
            ("ContainerUser", plan.Settings.User ?? ""),
            ("ContainerWorkingDirectory", plan.WorkingDirectory),
            // The program as the image's entry point: whatever command a worker gives then comes as arguments, which a flow program with a run passes over.
            ("ContainerAppCommandInstruction", "Entrypoint"),
            plan.RuntimeIdentifiers.Count == 1 ? ("ContainerRuntimeIdentifier", plan.RuntimeIdentifiers[0]) : ("ContainerRuntimeIdentifiers", string.Join(';', plan.RuntimeIdentifiers)),
        };
        var items = new XElement("ItemGroup",
            plan.Command.Select(word => new XElement("ContainerAppCommand", new XAttribute("Include", Escape(word)))),
            plan.Labels.Select(label => new XElement("ContainerLabel", new XAttribute("Include", Escape(label.Key)), new XAttribute("Value", Escape(label.Value)))),
            plan.Environment.Where(variable => plan.SearchPath is null || variable.Key != "PATH").Concat(plan.SearchPath is { } path ? [new("PATH", path)] : []).Select(variable => new XElement("ContainerEnvironmentVariable", new XAttribute("Include", Escape(variable.Key)), new XAttribute("Value", Escape(variable.Value)))),
            plan.Frameworks.Select(framework => new XElement("FrameworkReference", new XAttribute("Include", framework))));
        var project = new XElement("Project",
            new XElement("PropertyGroup", properties.Where(p => p.Value is not null).Select(p => new XElement(p.Name, p.Name == "ContainerRuntimeIdentifiers" ? p.Value : Escape(p.Value!)))),
            new XElement("Import", new XAttribute("Project", "Sdk.props"), new XAttribute("Sdk", "Microsoft.NET.Sdk")),
            items,
            new XElement("Import", new XAttribute("Project", "Sdk.targets"), new XAttribute("Sdk", "Microsoft.NET.Sdk")),
            // The files are published: for each processor of an image for several, the SDK would ask for it again.
            new XElement("Target", new XAttribute("Name", "Publish")),
            new XElement("Target", new XAttribute("Name", "WriteDigest"), new XAttribute("AfterTargets", "PublishContainer"),
                new XElement("WriteLinesToFile", new XAttribute("File", Path.Combine(Path.GetDirectoryName(files)!, DigestFile)), new XAttribute("Lines", "$(GeneratedContainerDigest)"), new XAttribute("Overwrite", "true"))));
        return project.ToString();
    }

    /// <summary>The shared frameworks that a program names beside .NET itself, by its <c>runtimeconfig.json</c>: they choose .NET's own base image.</summary>
    public static IReadOnlyList<string> FrameworksIn(byte[] runtimeConfiguration)
    {
        using JsonDocument json = JsonDocument.Parse(runtimeConfiguration);
        if (!json.RootElement.TryGetProperty("runtimeOptions", out JsonElement options))
            return [];
        var names = new List<string>();
        foreach (string property in (string[])["frameworks", "includedFrameworks"])
        {
            if (options.TryGetProperty(property, out JsonElement several))
                names.AddRange(several.EnumerateArray().Select(one => one.GetProperty("name").GetString()!));
        }
        if (options.TryGetProperty("framework", out JsonElement single))
            names.Add(single.GetProperty("name").GetString()!);
        return [.. names.Distinct().Where(name => name != "Microsoft.NETCore.App").Order(StringComparer.Ordinal)];
    }

    // MSBuild's escapes: "How to: Escape special characters in MSBuild".
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
            escaped.Append(c is '%' or '$' or '@' or '\'' or ';' or '?' or '*' or '(' or ')' ? $"%{(int)c:X2}" : c.ToString());
        return escaped.ToString();
    }
}
