using System.Diagnostics;
using System.Text.Json;
using Sluice.Cli.CommandLine;

namespace Sluice.Cli.Services;

/// <summary>A program that a verb builds or publishes from a project or a <c>.cs</c> file.</summary>
/// <param name="Assembly">Its assembly, in the folder that was published.</param>
/// <param name="TargetFramework">As <c>net10.0</c>; null where nothing was built.</param>
/// <param name="Version">The project's version.</param>
/// <param name="Commit">The git commit, where the build knows it.</param>
/// <param name="Sdk">The .NET SDK that built it.</param>
internal sealed record ProjectProgram(string Assembly, string? TargetFramework, string? Version, string? Commit, string? Sdk)
{
    private const int ToldLines = 20;

    public static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <summary>The project that a user names: a project, a <c>.cs</c> file, or a folder with one project.</summary>
    /// <param name="target">What the user wrote.</param>
    /// <param name="done">What is to be done with it, as <c>served</c>.</param>
    public static string ProjectOf(string target, string done)
    {
        string path = Path.GetFullPath(target);
        if (Directory.Exists(path))
        {
            string[] projects = [.. Directory.EnumerateFiles(path, "*.*proj").Order(StringComparer.Ordinal)];
            return projects is [var only] ? only : throw CliException.BadUsage(projects.Length == 0
                ? $"there is no project in '{path}': name a project, a .cs file or a built assembly"
                : $"there are several projects in '{path}': name one of {string.Join(", ", projects.Select(Path.GetFileName))}");
        }
        if (!File.Exists(path))
            throw CliException.BadUsage($"'{target}' does not exist: name a project, a .cs file, a folder with a project or a built assembly");
        string extension = Path.GetExtension(path);
        return extension == ".cs" || extension.EndsWith("proj", StringComparison.Ordinal) ? path
            : throw CliException.BadUsage($"'{target}' cannot be {done}: name a project, a .cs file, a folder with a project or a built assembly (.dll)");
    }

    /// <summary>Builds a project.</summary>
    /// <returns>Its assembly.</returns>
    public static async Task<string> BuildAsync(Invocation call, string project, CancellationToken cancellationToken)
    {
        call.Screen.Note($"Building {Path.GetFileName(project)} …");
        string assembly = await RunAsync(call, project, ["build", project, "-t:Build", "-getProperty:TargetPath"], "build", cancellationToken);
        return IsAssembly(assembly) ? assembly : throw new CliException($"'{project}' builds no single assembly: where it has several target frameworks, build it and name the .dll");
    }

    /// <summary>Publishes a project to its folder, and deploys nothing.</summary>
    public static async Task<ProjectProgram> PublishAsync(Invocation call, string project, CancellationToken cancellationToken)
    {
        call.Screen.Note($"Publishing {Path.GetFileName(project)} …");
        // A file-based program is published as native code where nobody says otherwise, and its assembly is what says which flows it has.
        string answer = await RunAsync(
            call, project,
            ["publish", project, .. Path.GetExtension(project) == ".cs" ? (string[])["-p:PublishAot=false"] : [], "-getProperty:PublishDir", "-getProperty:AssemblyName", "-getProperty:TargetFramework", "-getProperty:Version", "-getProperty:SourceRevisionId", "-getProperty:NETCoreSdkVersion", "-getProperty:MSBuildProjectDirectory"],
            "publish", cancellationToken);
        using JsonDocument document = JsonDocument.Parse(answer);
        JsonElement properties = document.RootElement.GetProperty("Properties");
        string? Read(string name) => properties.GetProperty(name).GetString() is { Length: > 0 } text ? text : null;
        string folder = Path.GetFullPath((Read("PublishDir") ?? "").Replace('\\', Path.DirectorySeparatorChar), Read("MSBuildProjectDirectory") ?? Path.GetDirectoryName(project)!);
        string assembly = Path.Combine(folder, Read("AssemblyName") + ".dll");
        return File.Exists(assembly) ? new(assembly, Read("TargetFramework"), Read("Version"), Read("SourceRevisionId"), Read("NETCoreSdkVersion"))
            : throw new CliException($"'{project}' publishes no {Path.GetFileName(assembly)} to {folder}: where it is published as one file or as native code, or has several target frameworks, publish it without and name the .dll");
    }

    private static async Task<string> RunAsync(Invocation call, string project, string[] arguments, string verb, CancellationToken cancellationToken)
    {
        string answer = Path.GetTempFileName();
        try
        {
            // Building deploys nothing; the switch keeps it so whatever the project's own hooks are.
            var start = new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet",
                [.. arguments, "-c", "Release", "-nologo", "-tl:off", "-v:quiet", "-p:SluiceDeploy=false", "-getResultOutputFile:" + answer])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetDirectoryName(project)!,
            };
            using Process build = Process.Start(start)!;
            Task<string> output = build.StandardOutput.ReadToEndAsync(cancellationToken), error = build.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await build.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                build.Kill(entireProcessTree: true);
                throw;
            }
            string[] lines = (await output + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (build.ExitCode != 0)
            {
                foreach (string line in lines.Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Distinct().Take(ToldLines))
                    call.Screen.Note(line);
                throw new CliException($"'{project}' does not {verb}: mend it, or see 'dotnet {verb} {Path.GetFileName(project)}'");
            }
            return (await File.ReadAllTextAsync(answer, cancellationToken)).Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CliException($"'{project}' cannot be built: there is no .NET SDK here ({e.Message}). Build it elsewhere and name the .dll", ExitCodes.Failed, e);
        }
        finally
        {
            File.Delete(answer);
        }
    }
}
