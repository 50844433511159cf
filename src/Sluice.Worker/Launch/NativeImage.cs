using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sluice.Worker.Launch;

/// <summary>Whether an executable file is for this machine, by its header: the apphost of a portable package is of the machine that published it.</summary>
internal static class NativeImage
{
    /// <summary>False where the file is for another operating system or processor, or where it is no executable at all.</summary>
    public static bool RunsHere(string path)
    {
        Span<byte> head = stackalloc byte[20];
        using (FileStream file = File.OpenRead(path))
        {
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return false;
        }

        return RunsHere(head);
    }

    private static bool RunsHere(ReadOnlySpan<byte> head)
    {
        if (OperatingSystem.IsWindows())
            return head.StartsWith("MZ"u8);
        if (OperatingSystem.IsMacOS())
        {
            // A thin 64-bit image names its processor; a universal one is taken to hold this one.
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(head);
            return magic == 0xBEBAFECA
                || (magic == 0xFEEDFACF && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) == (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? 0x0100000Cu : 0x01000007u));
        }

        int? machine = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => 62,
            Architecture.Arm64 => 183,
            Architecture.X86 => 3,
            Architecture.Arm or Architecture.Armv6 => 40,
            Architecture.S390x => 22,
            Architecture.Ppc64le => 21,
            Architecture.RiscV64 => 243,
            Architecture.LoongArch64 => 258,
            _ => null,
        };
        if (!head.StartsWith("\u007FELF"u8))
            return false;
        bool bigEndian = head[5] == 2;
        return machine is null || machine == (bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(head[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(head[18..]));
    }
}
