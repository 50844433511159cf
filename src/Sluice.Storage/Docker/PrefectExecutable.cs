using System.Buffers.Binary;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Docker;

/// <summary>
/// The native executable named <c>prefect</c> that an image gets: the program's own, under that name. Workers of Prefect whose job names no command start
/// <c>prefect flow-run execute</c>, and so run the flow in an image that has no Python.
/// </summary>
/// <remarks>The apphost of a .NET program is bound to its assembly by a relative path inside of it, so that a copy beside the assembly starts the same program.</remarks>
internal static class PrefectExecutable
{
    /// <summary>What workers start where a job names no command.</summary>
    public static readonly IReadOnlyList<string> Command = ["prefect", "flow-run", "execute"];

    /// <summary>PATH in .NET's own images for Linux.</summary>
    public const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // ELF's interpreter stands right after its headers.
    private const int Head = 4096;

    /// <summary>Finds the executable that can stand in.</summary>
    /// <param name="draft">The program.</param>
    /// <param name="runtimes">For which systems the image is.</param>
    /// <param name="baseImage">What it is built on; null is .NET's own.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>Its file among the package's; or, in place of it, why the image can have none.</returns>
    public static async Task<(PackageFile? File, string? Problem)> FindAsync(ImageDraft draft, IReadOnlyList<string> runtimes, string? baseImage, CancellationToken cancellationToken)
    {
        string mend = $"publish for one system (-r {runtimes[0]})";
        if (runtimes.Count > 1)
            return (null, $"it is for several processors, and an executable is for one: {mend}, or leave it where workers keep entry points");
        if (draft.Launch.Executable is not { } name || draft.Content.Files.FirstOrDefault(file => file.Path == name) is not { } program)
            return (null, $"the published files hold no executable (UseAppHost=false?): {mend}");
        string own = NameBeside(name, runtimes[0]);
        if (name != own && draft.Content.Files.Any(file => file.Path == own))
            return (null, $"the published files hold a '{own}' of their own");
        byte[] head = new byte[Head];
        await using (Stream stream = draft.Content.Open(program))
            head = head[..await stream.ReadAtLeastAsync(head, Head, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)];
        bool isMusl = runtimes[0].Contains("musl", StringComparison.Ordinal)
            || (draft.Settings.Family ?? "").Contains("alpine", StringComparison.OrdinalIgnoreCase) || (baseImage ?? "").Contains("alpine", StringComparison.OrdinalIgnoreCase);
        return Runs(head, runtimes[0], isMusl) ? (program, null) : (null, $"'{name}' is no executable for {runtimes[0]}{(isMusl ? " with musl" : "")}: publish with -r {(isMusl ? runtimes[0].Replace("linux-x", "linux-musl-x", StringComparison.Ordinal).Replace("linux-a", "linux-musl-a", StringComparison.Ordinal) : runtimes[0])}");
    }

    /// <summary>Where <c>prefect</c> lies: beside the executable it is a copy of.</summary>
    public static string NameBeside(string executable, string runtime) =>
        executable[..(executable.LastIndexOf('/') + 1)] + (runtime.StartsWith("win", StringComparison.Ordinal) ? "prefect.exe" : "prefect");

    private static bool Runs(ReadOnlySpan<byte> head, string runtime, bool isMusl)
    {
        if (runtime.StartsWith("win", StringComparison.Ordinal))
            return head.StartsWith("MZ"u8);
        int? machine = runtime[(runtime.LastIndexOf('-') + 1)..] switch { "x64" => 62, "arm64" => 183, "arm" => 40, "x86" => 3, "s390x" => 22, "ppc64le" => 21, "riscv64" => 243, "loongarch64" => 258, _ => null };
        if (head.Length < 20 || !head.StartsWith("\u007FELF"u8))
            return false;
        bool bigEndian = head[5] == 2;
        int ofFile = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(head[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(head[18..]);
        // A static executable names no interpreter, and runs with either library.
        return (machine is null || machine == ofFile) && head.IndexOf(isMusl ? "/ld-linux"u8 : "/ld-musl"u8) < 0;
    }
}
