using Sluice.Storage.Packages;

namespace Sluice.Deploy.Packaging;

/// <summary>
/// Chooses the files of a file-based program that is stored as source: its own file, what it includes (<c>#:include</c>), and what is found in its folder of the files
/// that MSBuild and <c>dotnet</c> read besides. A nuget.config is never stored, since it may hold credentials: workers restore from their own sources.
/// </summary>
internal static class ScriptFiles
{
    /// <summary>Chooses from a request.</summary>
    /// <exception cref="DeployException">It is no file-based program, or it needs what a package of source cannot hold.</exception>
    public static PackageAssembly Of(DeployRequest request)
    {
        if (request.EntryPointFile is not { } entry)
            throw Refused($"SluiceStoreAsScript stores a file-based program (dotnet publish flow.cs), and {Path.GetFileName(request.Project ?? request.Assembly)} is a project: leave it out, or publish to a git repository, whose projects workers build");
        entry = Path.GetFullPath(entry);
        string script = Path.GetFileName(entry), folder = Path.GetDirectoryName(entry)!;
        if (request.ScriptReferences.Count > 0)
            throw Refused($"{script} references {string.Join(" and ", request.ScriptReferences.Select(reference => Path.GetFileName(reference)))} (#:project), which a package of its source does not hold: reference a package, include the files, or leave SluiceStoreAsScript out");
        List<string> files = [entry, .. request.ScriptFiles.Select(Path.GetFullPath)];
        if (Path.Combine(folder, "global.json") is var sdk && File.Exists(sdk))
            files.Add(sdk);
        if (files.Where(file => Path.GetRelativePath(folder, file) is var relative && (relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative))).ToArray() is { Length: > 0 } outside)
            throw Refused($"{script} is built with {string.Join(" and ", outside)}, outside of its folder, so that the package would not hold it: move it beside {script} (an own Directory.Build.props there hides one above), or leave SluiceStoreAsScript out");
        return new(
            [.. files.Select(file => new PackageSource(Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), file)).DistinctBy(file => file.Path)],
            new(null, null),
            [],
            [],
            script);
    }

    private static DeployException Refused(string message) => new((DeployCodes.ScriptRefused, message + "."));
}
