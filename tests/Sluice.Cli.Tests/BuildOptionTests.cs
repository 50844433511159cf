using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Each option of <c>deployment build</c> by itself: what it changes in the file, and that it changes nothing else.</summary>
public sealed class BuildOptionTests(BuildOptionTests.Files files) : IClassFixture<BuildOptionTests.Files>
{
    /// <summary>Option, and the lines that the file has then and has not without it.</summary>
    public static TheoryData<string[], string[]> Lines => new()
    {
        { ["--version", "7"], ["version: '7'"] },
        { ["-v", "7.1-a"], ["version: 7.1-a"] },
        { ["--description", "By night"], ["description: By night"] },
        { ["-d", "By day"], ["description: By day"] },
        { ["--tag", "a", "-t", "b"], ["tags:", "- a", "- b"] },
        { ["--work-queue", "slow"], ["work_queue_name: slow"] },
        { ["-q", "slow"], ["work_queue_name: slow"] },
        // Workers of a pool read the command of the overrides, agents that of the block.
        { ["--pool", "etl"], ["work_pool_name: etl", "  command: sluice flow-run execute"] },
        { ["-p", "etl"], ["work_pool_name: etl", "  command: sluice flow-run execute"] },
        { ["--limit", "3"], ["concurrency_limit: 3"] },
        { ["-l", "3"], ["concurrency_limit: 3"] },
        { ["--cron", "0 6 * * *"], ["schedule:", "  cron: 0 6 * * *", "  timezone: null", "  day_or: true"] },
        { ["--cron", "0 6 1 * 1", "--day-or", "false", "--timezone", "Europe/Paris"], ["schedule:", "  cron: 0 6 1 * 1", "  timezone: Europe/Paris", "  day_or: false"] },
        { ["--interval", "900"], ["schedule:", "  interval: 900", "  timezone: null"] },
        { ["--interval", "PT15M", "--anchor-date", "2026-01-31T06:00:00Z"], ["schedule:", "  interval: 900", "  anchor_date: '2026-01-31T06:00:00+00:00'", "  timezone: null"] },
        { ["--rrule", "FREQ=DAILY;BYHOUR=6", "--timezone", "Europe/Paris"], ["schedule:", "  rrule: FREQ=DAILY;BYHOUR=6", "  timezone: Europe/Paris"] },
        { ["--param", "name=Ada", "--param", "times=2"], ["parameters:", "  name: Ada", "  times: 2"] },
        { ["--params", """{"name": "7", "times": 3}"""], ["parameters:", "  name: '7'", "  times: 3"] },
        { ["--override", "env.LEVEL=2", "--override", "image=team/x:1"], ["  env:", "    LEVEL: '2'", "  image: team/x:1"] },
        { ["--infra", "docker-container"], ["  type: docker-container", "  block_type_slug: docker-container", "  _block_type_slug: docker-container"] },
        { ["-i", "kubernetes-job"], ["  type: kubernetes-job", "  block_type_slug: kubernetes-job", "  _block_type_slug: kubernetes-job"] },
        { ["--infra-block", "docker-container/prod"], s_block },
        { ["-ib", "docker-container/prod"], s_block },
        { ["--storage-block", "s3/prod"], ["# storage: s3/prod", .. s_storage] },
        { ["-sb", "s3/prod", "--path", "/flows/my own/"], ["# storage: s3/prod/flows/my own", .. s_storage] },
        { ["-sb", "s3/prod/?region=eu", "--path", "flows"], ["# storage: s3/prod/flows?region=eu", .. s_storage] },
        { ["--storage", "s3://bucket/all?region=eu&endpoint=http://127.0.0.1:9", "--path", "flows"], ["# storage: s3://bucket/all/flows?region=eu&endpoint=http://127.0.0.1:9"] },
        { ["--storage-block", "s3://bucket?region=eu", "--path", "my own"], ["# storage: s3://bucket/my%20own?region=eu"] },
        { ["--storage-block", "s3://bucket/", "--path", "a/b"], ["# storage: s3://bucket/a/b"] },
        { ["--storage-key", "teams/greet"], ["# storage-key: teams/greet"] },
    };

    private static readonly string[] s_storage = ["storage:", "  _block_type_slug: s3", "  _block_document_name: prod"];

    private static readonly string[] s_block = ["  _block_type_slug: docker-container", "  _block_document_name: prod", "  _is_anonymous: false", "  block_type_slug: docker-container"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task An_option_changes_its_own_lines(string[] options, string[] lines)
    {
        string[] plain = await files.PlainAsync(), changed = await files.BuildAsync(["--skip-upload", .. options]);
        Own(changed).Except(Own(plain)).ShouldBe(lines);

        // What the digest, the hashes of lines, the time and the code's own words say is tested where they are written.
        static IEnumerable<string> Own(string[] text) => text.Where(line =>
            !line.StartsWith("# digest: ", StringComparison.Ordinal) && !line.StartsWith("# lines: ", StringComparison.Ordinal) && !line.StartsWith("# declared: ", StringComparison.Ordinal)
            && !line.StartsWith("timestamp: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_goes_where_storage_path_and_key_say_whether_build_stores_it_or_apply()
    {
        string store = files.Program.Folder["store"];
        string[] options = ["--storage-block", store, "--path", "flows/own", "--storage-key", "teams/greet"];
        string place = $"{new Uri(store).AbsoluteUri}/flows/own/teams/greet";

        (await files.BuildAsync(options)).ShouldContain(line => line.StartsWith($"    SLUICE_PACKAGE: {place}#sha256=", StringComparison.Ordinal));
        File.Exists(Path.Combine(store, "flows", "own", "teams", "greet", "manifest.json")).ShouldBeTrue();
        Directory.Delete(store, recursive: true);

        (await files.BuildAsync([.. options, "--skip-upload"])).ShouldNotContain(line => line.Contains("SLUICE_PACKAGE", StringComparison.Ordinal));
        Directory.Exists(store).ShouldBeFalse("nothing is stored");
        (await files.Program.RunAsync("deployment", "apply", files.Last, "--upload")).Succeeded();
        (await files.Program.RunAsync("deployment", "inspect", "Greet/nightly")).Succeeded().Output.ShouldContain($"{place}#sha256=");
    }

    /// <summary>A home for all rows, and a file that was built without options.</summary>
    public sealed class Files : IDisposable
    {
        private readonly Lazy<Task<string[]>> _plain;
        private int _count;

        public Files() => _plain = new(() => BuildAsync(["--skip-upload"]));

        internal SluiceProgram Program { get; } = new();

        /// <summary>The file of the last build.</summary>
        internal string Last => $"{_count}.yaml";

        public void Dispose() => Program.Dispose();

        internal Task<string[]> PlainAsync() => _plain.Value;

        internal async Task<string[]> BuildAsync(string[] options)
        {
            string file = $"{Interlocked.Increment(ref _count)}.yaml";
            (await Program.RunAsync(["deployment", "build", $"{PacesHome.Assembly}:Greet", "--name", "nightly", "-o", file, .. options])).Succeeded();
            return await File.ReadAllLinesAsync(Program.Folder[file], Cancel);
        }
    }
}
