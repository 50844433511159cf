using Sluice.Storage.Packages;

namespace Sluice.Deploy.Packaging;

/// <summary>Chooses the files of a package and how it is started.</summary>
/// <param name="Sources">The files.</param>
/// <param name="Launch">How it is started.</param>
/// <param name="LeftOut">Paths that an ignore file left out, sorted.</param>
/// <param name="IgnoredBy">The ignore files; empty where there is none.</param>
/// <param name="Script">The file-based program among the files, where they are source; null where they are a built program.</param>
internal sealed record PackageAssembly(IReadOnlyList<PackageSource> Sources, PackageLaunch Launch, IReadOnlyList<string> LeftOut, IReadOnlyList<string> IgnoredBy, string? Script = null)
{
    /// <summary>Chooses from a request.</summary>
    /// <exception cref="DeployException">The publish folder or the program that starts the flows is missing.</exception>
    public static PackageAssembly Of(DeployRequest request, string assembly)
    {
        if (request.StoreAsScript)
            return ScriptFiles.Of(request);
        if (!Directory.Exists(request.PublishDir))
            throw new DeployException((DeployCodes.ProgramMissing, $"The publish folder {request.PublishDir} does not exist: publish the project first."));
        string publishDir = Path.GetFullPath(request.PublishDir);
        IEnumerable<string> paths = request.Files is { } files
            ? files.Select(file => Relative(publishDir, file)).Distinct(StringComparer.Ordinal)
            : Directory.EnumerateFiles(publishDir, "*", SearchOption.AllDirectories).Select(file => Relative(publishDir, file));

        string? projectDir = request.Project is { } project ? Path.GetDirectoryName(Path.GetFullPath(project)) : null;
        IgnoreFile? ignore = IgnoreFile.Find(projectDir is null ? [publishDir] : [projectDir, publishDir]);
        ILookup<bool, string> kept = paths.ToLookup(path => ignore?.Ignores(path) != true);
        HashSet<string> names = new(kept[true], StringComparer.Ordinal);
        PackageLaunch launch = LaunchOf(request, assembly, names, kept[false]);
        return new(
            [.. names.Select(path => new PackageSource(path, Path.Combine(publishDir, path), Executable: path == launch.Executable))],
            launch,
            [.. kept[false].Order(StringComparer.Ordinal)],
            ignore?.Paths ?? []);
    }

    /// <summary>Hashes the files that changed since they were hashed on this machine.</summary>
    /// <param name="environment">Names the home, which keeps the digests.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<PackageContent> ReadAsync(DeployEnvironment environment, CancellationToken cancellationToken) => PackageContent.ReadAsync(
        Sources, cancellationToken, Sources is [var first, ..] ? KnownDigests.Of(Path.Combine(environment.Home.Cache, "digests"), Path.GetDirectoryName(first.FullPath)!, environment.Time) : null);

    private static string Relative(string publishDir, string file)
    {
        string relative = Path.IsPathFullyQualified(file) ? Path.GetRelativePath(publishDir, file) : file;
        return OperatingSystem.IsWindows() || !File.Exists(Path.Combine(publishDir, relative)) ? relative.Replace('\\', '/') : relative;
    }

    private static PackageLaunch LaunchOf(DeployRequest request, string assembly, HashSet<string> names, IEnumerable<string> leftOut)
    {
        // The apphost has the assembly's name: with .exe for Windows, without elsewhere.
        string? executable = ((string[])[assembly, assembly + ".exe"]).FirstOrDefault(names.Contains);
        string dll = assembly + ".dll";
        bool oneProgram = request.DeploymentMode is "single-file" or "native-aot";
        string? managed = !oneProgram && names.Contains(dll) ? dll : null;
        if (executable is not null || managed is not null)
            return new(executable, managed);
        string wanted = oneProgram ? assembly : dll;
        string? ignored = leftOut.FirstOrDefault(path => path == assembly || path == assembly + ".exe" || path == dll);
        throw new DeployException((DeployCodes.ProgramMissing, ignored is null
            ? $"The published files hold no {wanted}, which starts the flows (looked in {request.PublishDir})."
            : $"The ignore file leaves out {ignored}, which starts the flows: add the line !/{ignored} at its end."));
    }
}
