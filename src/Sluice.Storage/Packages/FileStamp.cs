using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Storage.Packages;

/// <summary>What a file system says of an open file. As long as all of it is the same, nobody wrote to the file: on the file systems that count, programs can set the time of modification, but not that of change.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file in it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its content was written last, in nanoseconds since 1970, or what a program set.</param>
/// <param name="Changed">When its content, name or rights were changed last, in nanoseconds since 1970.</param>
internal readonly record struct FileStamp(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    private const long Second = 1_000_000_000;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;

    // Those that set the time of change themselves and number files for good: ext2 to ext4, xfs, btrfs, overlayfs, tmpfs, zfs, f2fs, bcachefs (statfs(2)). Others take it from what a
    // program set (vfat, sshfs), or tell what they remember (NFS).
    private static readonly HashSet<uint> s_trusted = [0xEF53, 0x58465342, 0x9123683E, 0x794C7630, 0x01021994, 0x2FC12FC1, 0xF2F52010, 0xCA451A4E];

    /// <summary>The stamp of an open file; null where the system is not Linux, or its file system's times can be set.</summary>
    /// <param name="file">Open.</param>
    public static FileStamp? Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            // One layout on every processor, which fstat has not.
            int open = (int)file.DangerousGetHandle();
            return fstatfs(open, out Statfs system) == 0 && s_trusted.Contains(system.Type) && statx(open, "", EmptyPath, BasicStats, out Statx told) == 0 && (told.Mask & BasicStats) == BasicStats
                ? new(((ulong)told.DeviceMajor << 32) | told.DeviceMinor, told.Inode, (long)told.Size, told.Modified.Nanoseconds, told.Changed.Nanoseconds)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return null;
        }
        finally
        {
            if (isHeld)
                file.DangerousRelease();
        }
    }

    /// <summary>Whether the file was left alone for so long that a later write cannot have the same time: a tenth of a second, which is many ticks of the kernel's clock, or two
    /// seconds where the file system counts in seconds.</summary>
    /// <param name="now">The time before the file is read.</param>
    public bool IsSettled(DateTimeOffset now)
    {
        long last = Math.Max(Modified, Changed);
        return (now - DateTimeOffset.UnixEpoch).Ticks * 100 - last > (last % Second == 0 ? 2 * Second : Second / 10);
    }

    /// <summary>Its numbers.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device} {Inode} {Size} {Modified} {Changed}");

    [DllImport("libc", SetLastError = true)]
    private static extern int fstatfs(int file, out Statfs told);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int statx(int folder, string path, int flags, uint mask, out Statx told);

    /// <summary>The kernel's <c>struct statx</c> (man 2 statx).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct Statx
    {
        [FieldOffset(0)]
        public readonly uint Mask;

        [FieldOffset(32)]
        public readonly ulong Inode;

        [FieldOffset(40)]
        public readonly ulong Size;

        [FieldOffset(96)]
        public readonly StatxTime Changed;

        [FieldOffset(112)]
        public readonly StatxTime Modified;

        [FieldOffset(136)]
        public readonly uint DeviceMajor;

        [FieldOffset(140)]
        public readonly uint DeviceMinor;
    }

    /// <summary>The beginning of <c>struct statfs</c>: what kind of file system it is, whose lower half comes first wherever it is longer.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private readonly struct Statfs
    {
        [FieldOffset(0)]
        public readonly uint Type;
    }

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    private readonly struct StatxTime
    {
        [FieldOffset(0)]
        private readonly long _seconds;

        [FieldOffset(8)]
        private readonly uint _nanoseconds;

        public long Nanoseconds => _seconds * Second + _nanoseconds;
    }
}
