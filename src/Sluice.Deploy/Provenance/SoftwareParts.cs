using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Deploy.Packaging;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Provenance;

/// <summary>What a program is made of.</summary>
/// <param name="Parts">By reference in ordinal order.</param>
/// <param name="Needs">References of the parts that the program itself needs.</param>
internal sealed partial record SoftwareParts(IReadOnlyList<SoftwarePart> Parts, IReadOnlyList<string> Needs)
{
    private const string RuntimePack = "runtimepack.";

    /// <summary>Reads what there is: the <c>deps.json</c> that was published, else the one that the build made, else the files themselves.</summary>
    /// <param name="request">Names the build's.</param>
    /// <param name="files">The package's files.</param>
    /// <param name="content">The same, hashed.</param>
    /// <param name="assembly">The program's name.</param>
    /// <param name="unreadable">The file that is no <c>deps.json</c> though it should be; null mostly.</param>
    public static SoftwareParts Read(DeployRequest request, PackageAssembly files, PackageContent content, string assembly, out string? unreadable)
    {
        unreadable = null;
        if (files.Script is not null)
            return OfScript(files.Sources);
        string? published = files.Sources.FirstOrDefault(source => source.Path == assembly + ".deps.json")?.FullPath;
        // What becomes one file has it inside.
        if ((published ?? (File.Exists(request.DepsFile) ? request.DepsFile : null)) is { } deps)
        {
            try
            {
                return OfDependencies(File.ReadAllBytes(deps), assembly);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                unreadable = deps;
            }
        }
        return new([.. content.Files.Select(file => new SoftwarePart("file:" + file.Path, file.Path, null) { Sha256 = file.Sha256, IsFile = true })], []);
    }

    /// <summary>Reads a <c>deps.json</c>.</summary>
    /// <remarks>Rule: dotnet/sdk, documentation/specs/runtime-configuration-file.md.</remarks>
    internal static SoftwareParts OfDependencies(byte[] json, string assembly)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        Dictionary<string, string[]> needs = NeedsOf(root);
        var references = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var libraries = new List<(string Name, SoftwarePart Part)>();
        string? own = null;
        foreach (JsonProperty library in root.GetProperty("libraries").EnumerateObject())
        {
            (string name, string version) = Split(library.Name);
            string type = library.Value.GetProperty("type").GetString() ?? "";
            if (type == "project" && name.Equals(assembly, StringComparison.OrdinalIgnoreCase))
            {
                own = name;
                continue;
            }
            string shown = type == "runtimepack" && name.StartsWith(RuntimePack, StringComparison.Ordinal) ? name[RuntimePack.Length..] : name;
            bool isPackage = type is "package" or "runtimepack";
            string reference = isPackage ? PackageUrl(shown, version) : $"{type}:{name}@{version}";
            references[name] = reference;
            libraries.Add((name, new(reference, shown, version) { PackageUrl = isPackage ? reference : null, Sha512 = Sha512Of(library.Value) }));
        }
        return new(
            [.. libraries.Select(library => library.Part with { Needs = Of(library.Name) }).DistinctBy(part => part.Reference).OrderBy(part => part.Reference, StringComparer.Ordinal)],
            own is null ? [] : Of(own));

        string[] Of(string name) => needs.TryGetValue(name, out string[]? names)
            ? [.. names.Select(needed => references.GetValueOrDefault(needed)).OfType<string>().Distinct().Order(StringComparer.Ordinal)]
            : [];
    }

    // The target that was published is the one with a runtime identifier, where there is one.
    private static Dictionary<string, string[]> NeedsOf(JsonElement root)
    {
        var needs = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        string? target = root.TryGetProperty("runtimeTarget", out JsonElement named) && named.TryGetProperty("name", out JsonElement name) ? name.GetString() : null;
        if (target is null || !root.GetProperty("targets").TryGetProperty(target, out JsonElement libraries))
            return needs;
        foreach (JsonProperty library in libraries.EnumerateObject())
        {
            needs[Split(library.Name).Name] = library.Value.TryGetProperty("dependencies", out JsonElement dependencies)
                ? [.. dependencies.EnumerateObject().Select(dependency => dependency.Name)] : [];
        }
        return needs;
    }

    private static string? Sha512Of(JsonElement library)
    {
        const string prefix = "sha512-";
        return library.TryGetProperty("sha512", out JsonElement hash) && hash.GetString() is { } text && text.StartsWith(prefix, StringComparison.Ordinal)
            ? Convert.ToHexStringLower(Convert.FromBase64String(text[prefix.Length..])) : null;
    }

    private static (string Name, string Version) Split(string library) => library.IndexOf('/', StringComparison.Ordinal) is var at and > 0 ? (library[..at], library[(at + 1)..]) : (library, "");

    /// <summary>A package of NuGet as purl-spec writes it.</summary>
    private static string PackageUrl(string name, string? version) => $"pkg:nuget/{Uri.EscapeDataString(name)}{(string.IsNullOrEmpty(version) ? "" : "@" + Uri.EscapeDataString(version))}";

    /// <summary>The packages that a file-based program names: workers restore what they need in turn.</summary>
    private static SoftwareParts OfScript(IEnumerable<PackageSource> sources)
    {
        SoftwarePart[] parts = [.. sources.Where(source => source.Path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
            .SelectMany(source => File.ReadLines(source.FullPath))
            .Select(line => Directive().Match(line)).Where(match => match.Success)
            .Select(match => (Name: match.Groups["name"].Value, Version: match.Groups["version"] is { Success: true, Value: var version } && !version.Contains('*', StringComparison.Ordinal) ? version : null))
            .Select(package => new SoftwarePart(PackageUrl(package.Name, package.Version), package.Name, package.Version) { PackageUrl = PackageUrl(package.Name, package.Version) })
            .DistinctBy(part => part.Reference).OrderBy(part => part.Reference, StringComparer.Ordinal)];
        return new(parts, [.. parts.Select(part => part.Reference)]);
    }

    [GeneratedRegex(@"^#:(?:package|sdk)\s+(?<name>[A-Za-z0-9._-]+)(?:\s*@\s*(?<version>\S+))?\s*$")]
    private static partial Regex Directive();
}

/// <summary>One part of a program.</summary>
/// <param name="Reference">Its reference within the list.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version; null where nobody says one.</param>
internal sealed record SoftwarePart(string Reference, string Name, string? Version)
{
    /// <summary>Its package URL; null of what comes from no registry.</summary>
    public string? PackageUrl { get; init; }

    /// <summary>Lower-case hex SHA-512 of the package; null where nobody says it.</summary>
    public string? Sha512 { get; init; }

    /// <summary>Lower-case hex SHA-256 of a file.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether it is a file of the package rather than a library.</summary>
    public bool IsFile { get; init; }

    /// <summary>References of the parts that it needs.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];
}
