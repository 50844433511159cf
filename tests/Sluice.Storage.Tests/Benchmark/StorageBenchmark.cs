using System.Diagnostics;
using System.Globalization;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Benchmark;

/// <summary>
/// Publishes and pulls packages, next to rclone with the same folders and the same server in the same run, in turns. Both sides are programs that start, work and
/// end; <i>running</i> is our work alone in a program that did it before. Traffic is counted by a proxy, in a round of its own, both ways.
/// </summary>
internal static class StorageBenchmark
{
    private static readonly (string Name, int Files, int Bytes)[] s_packages = [("200 files, 100 MB", 200, 100_000_000), ("30 files, 5 MB", 30, 5_000_000)];

    /// <summary>Measures and prints Markdown.</summary>
    /// <param name="rounds">How often each step is timed; the median counts.</param>
    /// <param name="systems">Which; empty is all.</param>
    public static async Task<int> RunAsync(int rounds, string[] systems)
    {
        using var temp = new TempFolder();
        Console.WriteLine($"Median of {rounds} rounds. A *one-line change* changes one assembly of 30 KB. Packages are versions that stay, so what rclone does for the same is a copy into a new folder; *in place* is its copy over the version before. *Sluice* is a program that starts, works and ends, as rclone does, compiled ahead of time as the packaged tool is; *running* is the same work in a program that did it before: what is left when the start of .NET is not counted.\n");
        foreach (string system in (string[])["Local", "S3", "Azure"])
        {
            if (systems.Length > 0 && !systems.Contains(system))
                continue;
            await using BenchmarkedServer server = await BenchmarkedServer.StartAsync(system, temp[system]);
            foreach ((string name, int files, int bytes) in s_packages)
            {
                string folder = temp[$"{system}-{files}"];
                Fill(folder, files, bytes);
                Console.Error.WriteLine($"… {system}, {name}");
                var run = new Side(server, folder, temp);
                Dictionary<string, Row> rows = await run.MeasureAsync(rounds);
                Print($"{system}, {name}", rows, counted: system != "Local");
            }
        }
        return 0;
    }

    private static void Print(string title, Dictionary<string, Row> rows, bool counted)
    {
        Console.WriteLine($"### {title}\n");
        Console.WriteLine("| step | Sluice | running | rclone | times as fast | running | Sluice's traffic | rclone's | times as much |\n|---|---|---|---|---|---|---|---|---|");
        foreach ((string step, Row row) in rows)
        {
            double ours = Median(row.Ours), theirs = Median(row.Theirs), running = Median(row.Running);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {step} | {ours * 1000:F0} ms | {running * 1000:F0} ms | {theirs * 1000:F0} ms | {theirs / ours:F1} | {theirs / running:F1} | {Bytes(row.OurBytes)} | {Bytes(row.TheirBytes)} | {(counted && row.OurBytes > 0 ? $"{(double)row.TheirBytes / row.OurBytes:F1}" : "")} |"));
        }
        Console.WriteLine();

        string Bytes(long bytes) => counted ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:N0} KB") : "";
    }

    // As a self-contained program is: a few large files, many of some hundred KB, one small assembly that changes. Nothing compresses, nothing is there twice.
    private static void Fill(string folder, int files, int bytes)
    {
        var random = new Random(files);
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        double[] weights = [.. Enumerable.Range(1, files - 1).Select(i => i % 20 == 0 ? 12.0 : 0.2 + (i % 7) / 3.0)];
        double unit = (bytes - 30_000) / weights.Sum();
        Write("a.dll", 30_000);
        for (int file = 0; file < weights.Length; file++)
            Write(file % 9 == 0 ? $"data/file{file}.bin" : $"Library{file}.dll", (int)(weights[file] * unit));

        void Write(string name, int size)
        {
            byte[] content = new byte[size];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }
    }

    internal static double Median(List<double> values) => values.Count == 0 ? double.NaN : values.Order().ElementAt(values.Count / 2);

    internal sealed class Row
    {
        public List<double> Ours { get; } = [];

        public List<double> Running { get; } = [];

        public List<double> Theirs { get; } = [];

        public long OurBytes { get; set; }

        public long TheirBytes { get; set; }
    }

    /// <summary>The steps with one package on one server.</summary>
    private sealed class Side(BenchmarkedServer server, string folder, TempFolder temp)
    {
        private readonly Dictionary<string, Row> _rows = [];
        private int _changes;

        public async Task<Dictionary<string, Row>> MeasureAsync(int rounds)
        {
            for (int round = 0; round < rounds; round++)
                await RoundAsync(round, counted: false);
            if (server.Counts)
                await RoundAsync(0, counted: true);
            return _rows;
        }

        private async Task RoundAsync(int round, bool counted)
        {
            server.Through(counted);
            string ours = await server.PlaceAsync(), theirs = await server.PlaceAsync(), running = await server.PlaceAsync();
            string cache = temp[$"cache-{Guid.NewGuid():N}"], copy = temp[$"copy-{Guid.NewGuid():N}"];
            string live = "", liveRunning = "";

            await StepAsync("first upload", () => PublishAsync(""), () => RcloneAsync(folder, server.Remote(theirs) + "/1"), () => PublishHereAsync(""));
            await StepAsync("unchanged", () => PublishAsync(live), () => RcloneAsync(folder, server.Remote(theirs) + "/1"), () => PublishHereAsync(liveRunning));
            Change();
            await StepAsync("one-line change", () => PublishAsync(live), () => RcloneAsync(folder, server.Remote(theirs) + "/2"), () => PublishHereAsync(liveRunning));
            Change();
            await StepAsync("one-line change, rclone in place", () => PublishAsync(live), () => RcloneAsync(folder, server.Remote(theirs) + "/2"), () => PublishHereAsync(liveRunning));
            await StepAsync("cold pull", () => PullAsync(cache), () => RcloneAsync(server.Remote(theirs) + "/2", copy), () => PullHereAsync(cache + "-running"));
            await StepAsync("warm pull", () => PullAsync(cache), () => RcloneAsync(server.Remote(theirs) + "/2", copy), () => PullHereAsync(cache + "-running"));

            async Task PublishAsync(string before) => live = (await OursAsync("publish", server.Location(ours), folder, before, cache + "-digests")).Trim();
            async Task PublishHereAsync(string before) => liveRunning = await Child.PublishAsync(server.Location(running), folder, before, cache + "-digests-running");
            Task PullAsync(string into) => OursAsync("pull", live, into);
            Task PullHereAsync(string into) => new PackageCache(into).GetAsync(PackageReference.TryParse(liveRunning)!, default);

            async Task StepAsync(string step, Func<Task> us, Func<Task> them, Func<Task> here)
            {
                if (!_rows.TryGetValue(step, out Row? row))
                    _rows.Add(step, row = new());
                if (counted)
                {
                    long before = server.Bytes;
                    await us();
                    long between = server.Bytes;
                    await them();
                    (row.OurBytes, row.TheirBytes) = (between - before, server.Bytes - between);
                    await here();
                    return;
                }
                (List<double> Times, Func<Task> Work)[] sides = [(row.Ours, us), (row.Theirs, them), (row.Running, here)];
                // Each goes first as often as the others, and none meets what another left for the disk to write.
                for (int i = 0; i < sides.Length; i++)
                {
                    (List<double> times, Func<Task> work) = sides[(round + i) % sides.Length];
                    await CompleteAsync("sync", [], []);
                    times.Add(await TimedAsync(work));
                }
            }
        }

        private void Change()
        {
            string path = Path.Combine(folder, "a.dll");
            byte[] content = File.ReadAllBytes(path);
            BitConverter.TryWriteBytes(content.AsSpan(1000), ++_changes);
            // As a compiler does: all of it is written anew.
            File.WriteAllBytes(path, content);
        }

        // As a publish starts the tool.
        private Task<string> OursAsync(params string[] arguments) =>
            CompleteAsync(Child.Program, ["child", .. arguments], new(server.Environment) { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1", ["DOTNET_TieredPGO"] = "0" });

        private Task<string> RcloneAsync(string from, string to) => CompleteAsync("rclone", ["copy", from, to], server.Environment);

        private static async Task<string> CompleteAsync(string program, string[] arguments, Dictionary<string, string?> environment)
        {
            await using ProgramRun run = await ProgramRun.CompleteAsync(program, arguments, environment);
            return run.Process.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.Process.ExitCode}: {run.Error}");
        }

        private static async Task<double> TimedAsync(Func<Task> work)
        {
            var clock = Stopwatch.StartNew();
            await work();
            return clock.Elapsed.TotalSeconds;
        }
    }
}
