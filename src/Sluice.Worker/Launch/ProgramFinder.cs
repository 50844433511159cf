namespace Sluice.Worker.Launch;

/// <summary>Finds programs in the environment of the run, which need not be the worker's own.</summary>
internal static class ProgramFinder
{
    /// <summary>
    /// The absolute path of a program: a name without a separator is looked up on the run's PATH, anything else is relative to the working folder.
    /// </summary>
    /// <exception cref="LaunchException">There is none, or it may not be executed.</exception>
    public static string Find(string program, string workingDirectory, IDictionary<string, string?> environment)
    {
        if (program.Contains('/') || (OperatingSystem.IsWindows() && program.Contains('\\')))
        {
            string path = Path.GetFullPath(program, workingDirectory);
            foreach (string candidate in Candidates(path, environment))
            {
                if (!File.Exists(candidate))
                    continue;
                return IsExecutable(candidate) ? candidate : throw new LaunchException($"'{candidate}' may not be executed: give it execute permission (chmod +x)");
            }

            throw new LaunchException($"there is no program '{path}' on the worker's machine");
        }

        environment.TryGetValue("PATH", out string? searchPath);
        return FindOnPath(program, searchPath, environment)
            ?? throw new LaunchException($"there is no program '{program}' on the PATH of the worker: install it there, or name it with its full path");
    }

    /// <summary>The first executable file of that name on a search path, or null.</summary>
    public static string? FindOnPath(string program, string? searchPath, IDictionary<string, string?> environment) =>
        (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .SelectMany(folder => Candidates(Path.Combine(folder, program), environment))
            .FirstOrDefault(candidate => File.Exists(candidate) && IsExecutable(candidate));

    /// <summary>Whether the file may be executed.</summary>
    public static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static IEnumerable<string> Candidates(string path, IDictionary<string, string?> environment)
    {
        if (!OperatingSystem.IsWindows() || Path.HasExtension(path))
            return [path];
        environment.TryGetValue("PATHEXT", out string? extensions);
        return (extensions ?? ".EXE;.CMD;.BAT").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(extension => path + extension);
    }
}
