using Sluice.Deploy.Files;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Files;

public sealed class FileFuzzTests : IDisposable
{
    private static readonly string[] s_bits =
        ["\t", "\n", ":", " ", "- ", "#", "'", "\"", "{", "}", "[", "]", "&a", "*a", "!x", "null", "yes", "0", "|", ">", "%", "---", "...", "é", "😀", "\u0085", "\uFEFF", "\0", "name: x\n", "? ", "schedules:\n", "cron: '* * * * *'\n", "\r"];

    private readonly FileBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Random_edits_are_faults_with_a_place_or_files_and_never_anything_else()
    {
        string text = File.ReadAllText((await _bench.BuildAsync()).File);
        string open = string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("# digest", StringComparison.Ordinal)));
        var random = new Random(Fuzz.Seed);
        int read = 0, refused = 0;
        for (int i = 0; i < Fuzz.Count(2_000); i++)
        {
            string edited = random.Next(2) == 0 ? open : text;
            for (int edits = random.Next(1, 4); edits > 0; edits--)
                edited = Edit(random, edited);
            (DeploymentFile? file, IReadOnlyList<FileFault> faults) = Should.NotThrow(() => DeploymentFileReader.Read("f.yaml", edited), $"seed {Fuzz.Seed}, input {i}:\n{edited}");
            (file is null).ShouldBe(faults.Count > 0);
            faults.ShouldAllBe(fault => fault.Line >= 1 && fault.Line <= edited.Split('\n').Length + 1 && fault.Column >= 1 && !fault.Message.Contains('\n'), $"seed {Fuzz.Seed}, input {i}:\n{edited}");
            (read, refused) = file is null ? (read, refused + 1) : (read + 1, refused);
        }
        read.ShouldBePositive();
        refused.ShouldBePositive();
    }

    /// <summary>JSON is read to a depth of 64; dotted names and nested values add up.</summary>
    [Fact]
    public async Task However_deep_overrides_and_parameters_are_they_are_applied_or_faults_with_a_place()
    {
        string file = (await _bench.BuildAsync()).File, text = File.ReadAllText(file);
        int applied = 0, refused = 0;
        foreach (string key in (string[])["infra_overrides", "parameters"])
        {
            foreach ((int parts, int depth) in ((int, int)[])[(1, 1), (16, 1), (17, 1), (5_000, 1), (1, 38), (16, 38), (16, 39), (1, 40), (1, 70), (16, 70)])
            {
                string value = $"{string.Concat(Enumerable.Repeat("{a: ", depth))}1{new string('}', depth)}";
                File.WriteAllText(file, text.Replace($"\n{key}:\n", $"\n{key}:\n  {string.Join('.', Enumerable.Repeat("x", parts))}: {value}\n", StringComparison.Ordinal));
                (DeploymentFile? read, IReadOnlyList<FileFault> faults) = Should.NotThrow(() => DeploymentFileReader.Read("f.yaml", File.ReadAllText(file)), $"{key}: {parts} parts, {depth} deep");
                (read is null).ShouldBe(faults.Count > 0);
                (applied, refused) = read is null ? (applied, refused + 1) : (applied + 1, refused);
                if (read is not null)
                    await _bench.AppliedAsync(file);
            }
        }
        (applied, refused).ShouldBe((4, 16), "the flow has no parameter x");
    }

    [Fact]
    public async Task Of_randomly_edited_files_all_are_applied_or_none()
    {
        BuildResult built = await _bench.RunAsync();
        string[] texts = [.. built.Files.Select(file => string.Join('\n', File.ReadAllLines(file.File).Where(line => !line.StartsWith("# digest", StringComparison.Ordinal))))];
        var random = new Random(Fuzz.Seed);
        for (int i = 0; i < Fuzz.Count(60); i++)
        {
            (DateTimeOffset?, DateTimeOffset?) before = await UpdatedAsync();
            string[] files = [.. texts.Select((text, n) => _bench.Temp.Write($"edited/{n}.yaml", n == random.Next(2) ? Edit(random, text) : text))];
            DeployResult result = await _bench.ApplyAsync(files);
            if (result.Outcome is null)
                (await UpdatedAsync()).ShouldBe(before, $"seed {Fuzz.Seed}, input {i}: {string.Join('\n', result.Diagnostics)}");
            else
                result.Outcome.Deployments.Count.ShouldBe(2);
        }
    }

    private async Task<(DateTimeOffset?, DateTimeOffset?)> UpdatedAsync() => ((await _bench.LiveAsync("daily"))?.Updated, (await _bench.LiveAsync("manual"))?.Updated);

    private static string Edit(Random random, string text)
    {
        int at = random.Next(text.Length + 1), length = Math.Min(random.Next(12), text.Length - at);
        return random.Next(3) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, s_bits[random.Next(s_bits.Length)]),
            _ => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
        };
    }
}
