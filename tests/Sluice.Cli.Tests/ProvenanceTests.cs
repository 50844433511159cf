using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Storage.Trust;
using Sluice.Testing;
using YamlDotNet.RepresentationModel;

namespace Sluice.Cli.Tests;

/// <summary><c>key</c>, <c>package inspect</c>, policies, and the workflows of the samples, with the real program.</summary>
public sealed partial class ProvenanceTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples/ci"), "*.yml").Select(Path.GetFileName).OfType<string>()];

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_key_is_made_signs_is_shown_and_held_against_what_was_published()
    {
        string file = _sluice.Folder["release.key"];
        SluiceProgram.Outcome made = (await _sluice.RunAsync("key", "create", file)).Succeeded();
        string key = made.Output.Trim();
        key.ShouldStartWith("p256:");
        made.Error.ShouldContain("keep it secret");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await _sluice.RunAsync("key", "create", file)).FailedWith(1).ShouldContain("exists");
        (await _sluice.RunAsync("key", "show", file)).Succeeded().Output.Trim().ShouldBe(key);
        string pub = _sluice.Folder.Write("release.pub", (await _sluice.RunAsync("key", "show", file, "--pem")).Succeeded().Output);
        (await _sluice.RunAsync("key", "show", pub, "--output", "json")).Succeeded().Json.GetProperty("public").GetString().ShouldBe(key);
        (await _sluice.RunAsync("key", "show", _sluice.Folder["absent"])).FailedWith(1).ShouldContain("sluice key create");

        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        (await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--allowed-key", pub)).ExitCode.ShouldBe(1);
        SluiceProgram.Outcome unsigned = await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--provenance", "--allowed-key", pub);
        unsigned.ExitCode.ShouldBe(1);
        unsigned.Output.ShouldContain("https://slsa.dev/provenance/v1");
        unsigned.Error.ShouldContain("it is not signed");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--signing-key-file", file, "--summary", _sluice.Folder["summary.md"])).Succeeded().Output.ShouldContain("Signed with the key ");
        File.ReadAllText(_sluice.Folder["summary.md"]).ShouldContain("signed with the key `");

        JsonElement read = (await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--allowed-key", pub, "--output", "json")).Succeeded().Json;
        read.GetProperty("accepted").GetBoolean().ShouldBeTrue();
        read.GetProperty("signed_by")[0].GetString().ShouldBe(VerificationKey.Parse(key).Id);
        (await _sluice.RunAsync("package", "inspect", "Greet/by-hand")).Succeeded().Output.ShouldContain("--allowed-key checks it");
        using (JsonDocument sbom = JsonDocument.Parse((await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--sbom")).Succeeded().Output))
            sbom.RootElement.GetProperty("bomFormat").GetString().ShouldBe("CycloneDX");
        (await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--provenance")).Succeeded().Output.ShouldContain("https://slsa.dev/provenance/v1");
        (await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--signature")).Succeeded().Output.ShouldContain("payloadType");
        (await _sluice.RunAsync("package", "inspect", "Greet/nobody")).FailedWith(1).ShouldContain("there is no deployment");
    }

    /// <summary>What writes the provenance and what reads it, together: a clone of a real repository, with its origin's address as a team has it.</summary>
    [Fact]
    public async Task What_is_published_from_a_clean_clone_is_taken_and_from_a_changed_one_refused()
    {
        const string Address = "https://git.example/team/flows";
        GitRepository origin = await GitRepository.CreateAsync(_sluice.Folder["origin"]);
        string commit = await origin.CommitAsync("Paces", ("Paces.csproj", "<Project />"), ("PacesFlows.cs", "// flows"), ("notes.md", "Notes"), (".gitattributes", "* -text"));
        GitRepository clone = await GitRepository.CloneAsync(origin.Folder, _sluice.Folder["clone"]);
        await clone.GitAsync("remote", "set-url", "origin", "https://ada:canary-secret@git.example/team/flows.git");
        string published = Directory.CreateDirectory(Path.Combine(clone.Folder, "bin", "Release", "publish")).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            File.Copy(file, Path.Combine(published, Path.GetFileName(file)));
        string key = (await _sluice.RunAsync("key", "create", "release.key")).Succeeded().Output.Trim();

        (await InspectedAsync()).GetProperty("accepted").GetBoolean().ShouldBeTrue("it was just cloned, and what builds write is no change");
        JsonElement provenance = (await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--provenance")).Succeeded().Json;
        provenance.GetRawText().ShouldNotContain("canary-secret");
        JsonElement source = provenance.GetProperty("predicate").GetProperty("buildDefinition").GetProperty("resolvedDependencies")[0];
        source.GetProperty("uri").GetString().ShouldBe($"git+{Address}.git");
        source.GetProperty("digest").GetProperty("gitCommit").GetString().ShouldBe(commit);
        source.GetProperty("annotations").GetProperty("dirty").GetBoolean().ShouldBeFalse();
        provenance.GetProperty("predicate").GetProperty("runDetails").GetProperty("builder").GetProperty("version").GetProperty("dotnet-sdk").GetString().ShouldBe("10.0.100");

        // Another program, so that the package is another one, and files that nobody committed: one that is changed, or one that is new.
        foreach ((string file, string text) in new[] { ("notes.md", "Other notes"), ("New.cs", "// more flows") })
        {
            File.WriteAllText(Path.Combine(clone.Folder, file), text);
            File.WriteAllText(Path.Combine(published, "more.txt"), text);
            JsonElement refused = await InspectedAsync();
            refused.GetProperty("accepted").GetBoolean().ShouldBeFalse();
            refused.GetRawText().ShouldContain("changes that nobody committed");
            await clone.GitAsync("checkout", "--quiet", "--", ".");
            await clone.GitAsync("clean", "--quiet", "--force", "--", "*.cs");
            (await InspectedAsync()).GetProperty("accepted").GetBoolean().ShouldBeTrue("as the refusal says, it was published again without them");
        }

        await clone.GitAsync("remote", "set-url", "origin", "https://git.example/stranger/flows");
        File.WriteAllText(Path.Combine(published, "more.txt"), "stranger");
        (await InspectedAsync()).GetRawText().ShouldContain("it was built from the repository https://git.example/stranger/flows");

        async Task<JsonElement> InspectedAsync()
        {
            (await _sluice.RunAsync("deploy", "--assembly", Path.Combine(published, "Paces.dll"), "--sdk", "10.0.100", "--signing-key-file", "release.key")).Succeeded();
            SluiceProgram.Outcome inspected = await _sluice.RunAsync("package", "inspect", "Greet/by-hand", "--allowed-key", key, "--allowed-repository", Address, "--output", "json");
            inspected.ExitCode.ShouldBe(inspected.Json.GetProperty("accepted").GetBoolean() ? 0 : 1, inspected.ToString());
            return inspected.Json;
        }
    }

    [Fact]
    public async Task A_policy_of_the_settings_holds_for_the_run_that_is_watched_too()
    {
        await _sluice.DeployAsync();
        using var key = SigningKey.Create();
        (await _sluice.RunAsync("config", "set", "SLUICE_REQUIRE_SIGNATURE=true", $"SLUICE_ALLOWED_KEYS={key.Public}")).Succeeded();
        SluiceProgram.Outcome refused = await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch");
        refused.ExitCode.ShouldBe(1);
        (refused.Output + refused.Error).ShouldContain("is refused by the policy of this machine: it is not signed");
    }

    [Theory]
    [InlineData("nobody may sign", "--require-signature")]
    [InlineData("There is no key file", "--allowed-key", "absent.pub")]
    [InlineData("is no address of one", "--allowed-repository", "not a place")]
    public async Task A_policy_that_cannot_be_is_bad_usage(string message, params string[] options) =>
        (await _sluice.RunAsync(["worker", "start", .. options])).FailedWith(2).ShouldContain(message);

    [Fact]
    public async Task In_CI_an_error_is_an_annotation_too()
    {
        SluiceProgram.Outcome failed = await _sluice.With("GITHUB_ACTIONS", "true").RunAsync("deploy", "--assembly", "absent.dll");
        failed.ExitCode.ShouldBe(1);
        failed.Error.Split('\n').ShouldContain(line => line.StartsWith("::error title=SLC1001::", StringComparison.Ordinal));
        (await _sluice.RunAsync("deployment", "inspect", "a/b")).Error.Split('\n').ShouldContain(line => line.StartsWith("::error title=sluice::there is no deployment", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task A_workflow_of_the_samples_has_only_what_there_is(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Repository.Root, "samples/ci", name))));
        string[] lines = [.. yaml.Documents[0].AllNodes.OfType<YamlScalarNode>().SelectMany(node => (node.Value ?? "").Split('\n')).Distinct()];
        string targets = File.ReadAllText(Path.Combine(Repository.Root, "src/Sluice.Build/build/Sluice.targets"));
        string[] properties = [.. lines.SelectMany(line => Property().Matches(line)).Select(match => match.Groups[1].Value).Distinct()];
        properties.ShouldContain("SluicePlanOnly");
        properties.ShouldContain("SluiceEnvironment");
        lines.ShouldContain(line => line.Contains("sluice deployment prune --app Weather ", StringComparison.Ordinal) && line.EndsWith(" --delete --yes", StringComparison.Ordinal));
        properties.ShouldAllBe(property => targets.Contains($"$({property})", StringComparison.Ordinal));
        foreach (Match command in lines.SelectMany(line => Command().Matches(line)))
        {
            string[] verb = command.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string help = (await _sluice.RunAsync([.. verb, "--help"])).Succeeded().Output;
            foreach (Match option in Option().Matches(command.Value))
                help.ShouldContain(option.Value, customMessage: command.Value);
        }
    }

    [GeneratedRegex(@"-p:(Sluice\w+)=")]
    private static partial Regex Property();

    [GeneratedRegex(@"(?<![\w.])(?:\./)?sluice ((?:[a-z]+ )+)[^\n]*")]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<= )--[a-z-]+")]
    private static partial Regex Option();
}
