using System.Runtime.InteropServices;

namespace Sluice.Deploy.Packaging;

/// <summary>Whether a machine can run what was published for a runtime identifier.</summary>
internal static class RuntimeIdentifiers
{
    /// <summary>False only where it is sure that the machine cannot.</summary>
    /// <param name="published">As <c>linux-x64</c>; null is portable.</param>
    /// <param name="machine">The machine's own, as <see cref="RuntimeInformation.RuntimeIdentifier"/>.</param>
    public static bool CanRun(string? published, string machine)
    {
        if (string.IsNullOrEmpty(published) || published is "any" || published == machine)
            return true;
        (string? system, string? libc, string? architecture) = Split(published);
        (string? ownSystem, string? ownLibc, string? ownArchitecture) = Split(machine);
        if (system is null || ownSystem is null)
            return true;
        if (system != ownSystem && !(system == "unix" && ownSystem is "linux" or "osx"))
            return false;
        if (system == "linux" && libc != ownLibc)
            return false;
        return architecture is null || ownArchitecture is null || architecture == ownArchitecture || (ownSystem, ownArchitecture, architecture) is
            ("win", "x64", "x86") or ("win", "arm64", "x64" or "x86") or ("osx", "arm64", "x64");
    }

    // Identifiers of distributions (debian.12-x64) and of systems without workers (android-arm64) have no known system.
    private static (string? System, string? Libc, string? Architecture) Split(string rid)
    {
        string[] parts = rid.Split('-');
        string system = parts[0].Split('.')[0];
        string? known = system is "linux" or "win" or "osx" or "unix" ? system : system.StartsWith("win", StringComparison.Ordinal) ? "win" : null;
        string? libc = parts.Skip(1).FirstOrDefault(p => p is "musl" or "bionic");
        return (known, libc, parts.Skip(1).FirstOrDefault(p => p is "x64" or "x86" or "arm64" or "arm" or "armv6" or "s390x" or "ppc64le" or "loongarch64" or "riscv64"));
    }
}
