using System.Diagnostics;
using Sluice.Worker.Launch;

namespace Sluice.Worker;

/// <summary>A program of this machine that a worker runs a deployment by, without any package.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Arguments">Its arguments: the assembly, where the program is <c>dotnet</c>.</param>
/// <param name="Folder">The folder that it runs in.</param>
public sealed record ServedProgram(string Path, IReadOnlyList<string> Arguments, string Folder)
{
    /// <summary>How a built or published assembly is started here: by <c>dotnet</c>, or by the executable beside it where that brings its runtime along.</summary>
    /// <param name="assembly">The absolute path of the <c>.dll</c>.</param>
    /// <exception cref="IOException">It cannot be started; the message says why.</exception>
    public static ServedProgram Of(string assembly)
    {
        string folder = System.IO.Path.GetDirectoryName(assembly)!;
        string settings = System.IO.Path.ChangeExtension(assembly, ".runtimeconfig.json");
        if (File.Exists(settings) && !File.ReadAllText(settings).Contains("\"includedFrameworks\"", StringComparison.Ordinal))
        {
            return DotnetHost.Find(new ProcessStartInfo().Environment) is { } dotnet
                ? new(dotnet, [assembly], folder)
                : throw new IOException($"'{assembly}' needs a .NET runtime, and there is no dotnet on this machine (DOTNET_HOST_PATH, DOTNET_ROOT and PATH were tried): install it.");
        }
        string executable = OperatingSystem.IsWindows() ? System.IO.Path.ChangeExtension(assembly, ".exe") : assembly[..^".dll".Length];
        return File.Exists(executable) && ProgramFinder.IsExecutable(executable)
            ? new(executable, [], folder)
            : throw new IOException($"'{assembly}' is a library: name a program, whose .runtimeconfig.json lies beside it.");
    }
}
