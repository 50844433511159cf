using System.Diagnostics;
using Sluice.Testing;

namespace Sluice.Server.Tests;

/// <summary>A small file system of its own: the honest full or read-only disk. The test is skipped where mounting is not allowed.</summary>
internal sealed class Mount : IDisposable
{
    private readonly TempFolder _folder = new();

    private Mount(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root on Linux");
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", Path), "this machine does not allow mounting");
    }

    public string Path => _folder.Path;

    public static Mount Tmpfs(string size) => new(size);

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path).ShouldBeTrue();

    public void Grow(string size) => Run("mount", "-o", $"remount,size={size}", Path).ShouldBeTrue();

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
