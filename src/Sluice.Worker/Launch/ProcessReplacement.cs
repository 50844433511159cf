using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sluice.Worker.Launch;

/// <summary>Puts a program in the place of this process, which .NET has no call for: same process id, same parent, nothing in between.</summary>
internal static class ProcessReplacement
{
    /// <summary>Does not return when it succeeds.</summary>
    /// <exception cref="Win32Exception">The program cannot be executed.</exception>
    public static void Execute(string program, IReadOnlyList<string> arguments, string folder, IDictionary<string, string?> environment)
    {
        string?[] argv = [program, .. arguments, null];
        string?[] envp = [.. environment.Where(variable => variable.Value is not null).Select(variable => $"{variable.Key}={variable.Value}"), null];
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder;
        Console.Out.Flush();
        Console.Error.Flush();
        execve(program, argv, envp);
        int error = Marshal.GetLastPInvokeError();
        Environment.CurrentDirectory = before;
        throw new Win32Exception(error);
    }

    // LPStr is UTF-8 on Unix.
    [DllImport("libc", SetLastError = true)]
    private static extern int execve(
        [MarshalAs(UnmanagedType.LPStr)] string path,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] argv,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] envp);
}
