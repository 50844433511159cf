using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Packages;

/// <summary>Files that did not change are not read again, and ones that did always are.</summary>
public sealed class KnownDigestsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static bool TellsChanges => OperatingSystem.IsLinux();

    public void Dispose() => _temp.Dispose();

    [Fact(Skip = "Only Linux tells of every change.", SkipUnless = nameof(TellsChanges))]
    public async Task Files_that_did_not_change_are_not_read_again()
    {
        for (int i = 0; i < 20; i++)
            _temp.Write($"bin/{i}.dll", $"content {i}");
        await SettleAsync();
        (PackageContent first, int none) = await ReadAsync();
        _temp.Write("bin/7.dll", "content X");
        (PackageContent second, int most) = await ReadAsync();
        await SettleAsync();
        (PackageContent third, int again) = await ReadAsync();
        (_, int all) = await ReadAsync();

        (none, most, again, all).ShouldBe((0, 19, 19, 20));
        second.Digest.ShouldNotBe(first.Digest);
        third.Digest.ShouldBe(second.Digest);
    }

    // Same size and same time of modification: what a copy that keeps times, or a build that sets them, leaves behind.
    [Fact(Skip = "Only Linux tells of every change.", SkipUnless = nameof(TellsChanges))]
    public async Task A_change_is_seen_whatever_was_done_to_hide_it()
    {
        var random = new Random(4);
        DateTime time = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (int i = 0; i < 6; i++)
            Write(i);
        await SettleAsync();
        int reused = 0;
        for (int round = 0; round < 40; round++)
        {
            int file = random.Next(6);
            string path = _temp[$"bin/{file}.dll"];
            switch (random.Next(6))
            {
                case 0:
                    Write(file);
                    break;
                case 1:
                    File.Copy(path, _temp["other"], overwrite: true);
                    File.WriteAllBytes(_temp["other"], Bytes());
                    File.SetLastWriteTimeUtc(_temp["other"], time);
                    File.Move(_temp["other"], path, overwrite: true);
                    break;
                case 2:
                    using (FileStream stream = File.OpenWrite(path))
                        stream.Write(Bytes(), 0, 10);
                    File.SetLastWriteTimeUtc(path, time);
                    break;
                case 3:
                    string other = _temp[$"bin/{(file + 1) % 6}.dll"];
                    File.Move(path, _temp["other"], overwrite: true);
                    File.Move(other, path);
                    File.Move(_temp["other"], other);
                    break;
                case 4:
                    await SettleAsync();
                    break;
                default:
                    break;
            }
            (PackageContent known, int count) = await ReadAsync();
            reused += count;
            PackageContent fresh = await PackageContent.ReadAsync(Sources(), Cancel);
            known.Files.ShouldBe(fresh.Files, $"round {round}");
        }
        reused.ShouldBeGreaterThan(40);

        void Write(int file)
        {
            string path = _temp.Write($"bin/{file}.dll", "");
            File.WriteAllBytes(path, Bytes());
            File.SetLastWriteTimeUtc(path, time);
        }

        byte[] Bytes()
        {
            byte[] bytes = new byte[100];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    [Theory]
    [InlineData(0, 99, false)]
    [InlineData(0, 101, true)]
    [InlineData(0, -5, false)]
    // In whole seconds: a file system that knows no finer ones.
    [InlineData(1_000, 1_999, false)]
    [InlineData(1_000, 2_001, true)]
    public void A_file_that_was_written_a_moment_ago_is_read_again_next_time(int nanosecondsOff, int milliseconds, bool isSettled)
    {
        long changed = DateTimeOffset.UnixEpoch.AddDays(20_000).ToUnixTimeMilliseconds() * 1_000_000;
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(20_000).AddMilliseconds(milliseconds);
        long last = nanosecondsOff == 0 ? changed + 1 : changed;

        new FileStamp(1, 2, 3, changed - 1, last).IsSettled(now).ShouldBe(isSettled);
    }

    [Fact(Skip = "Only Linux tells of every change.", SkipUnless = nameof(TellsChanges))]
    public async Task A_damaged_list_or_one_that_cannot_be_written_costs_time_alone()
    {
        _temp.Write("bin/a.dll", "a");
        await SettleAsync();
        await ReadAsync();
        string list = Directory.EnumerateFiles(_temp["digests"]).ShouldHaveSingleItem();
        string whole = File.ReadAllText(list);
        foreach (string damaged in (string[])["", "\0\0\0", "1 2 3", whole[..^20], whole.Replace(' ', '-'), new string('9', 3000) + " 1 1 1 1 " + new string('a', 64)])
        {
            File.WriteAllText(list, damaged);
            (PackageContent content, int reused) = await ReadAsync();
            reused.ShouldBe(0);
            content.Files.ShouldBe((await PackageContent.ReadAsync(Sources(), Cancel)).Files);
        }
        (await ReadAsync()).Reused.ShouldBe(1);
        Directory.Delete(_temp["digests"], recursive: true);
        _temp.Write("digests", "a file where the folder should be");
        (await ReadAsync()).Reused.ShouldBe(0);
    }

    // What the system tells is what the file system says by another way.
    [Fact(Skip = "Only Linux tells of every change.", SkipUnless = nameof(TellsChanges))]
    public async Task The_stamp_is_what_stat_says()
    {
        string path = _temp.Write("bin/a.dll", "twelve bytes");
        await using ProgramRun stat = await ProgramRun.CompleteAsync("stat", ["-c", "%Hd:%Ld %i %s %.9Y %.9Z", path]);
        string[] parts = stat.Output.Trim().Split(' ');
        using FileStream stream = File.OpenRead(path);

        FileStamp stamp = FileStamp.Of(stream.SafeFileHandle).ShouldNotBeNull();

        $"{stamp.Device >> 32}:{(uint)stamp.Device} {stamp.Inode} {stamp.Size} {Seconds(stamp.Modified)} {Seconds(stamp.Changed)}".ShouldBe(string.Join(' ', parts));

        static string Seconds(long nanoseconds) => $"{nanoseconds / 1_000_000_000}.{nanoseconds % 1_000_000_000:D9}";
    }

    // /proc gives every look at a file new times of its own.
    [Fact(Skip = "Only Linux tells of every change.", SkipUnless = nameof(TellsChanges))]
    public void File_systems_whose_times_mean_nothing_give_no_stamp()
    {
        using FileStream stream = File.OpenRead("/proc/version");

        FileStamp.Of(stream.SafeFileHandle).ShouldBeNull();
    }

    private IReadOnlyList<PackageSource> Sources() =>
        [.. Directory.EnumerateFiles(_temp["bin"]).Order(StringComparer.Ordinal).Select(path => new PackageSource(Path.GetFileName(path), path))];

    private async Task<(PackageContent Content, int Reused)> ReadAsync()
    {
        var known = KnownDigests.Of(_temp["digests"], _temp["bin"], TimeProvider.System);
        return (await PackageContent.ReadAsync(Sources(), Cancel, known), known.Reused);
    }

    // Until the file system gives a later time than all files have, by more than what counts as a moment.
    private async Task SettleAsync()
    {
        FileStamp[] stamps = [.. Sources().Select(source =>
        {
            using FileStream stream = File.OpenRead(source.FullPath);
            return FileStamp.Of(stream.SafeFileHandle)!.Value;
        })];
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (!stamps.All(stamp => stamp.IsSettled(DateTimeOffset.UtcNow)))
            await Task.Delay(10, bound.Token);
    }
}
