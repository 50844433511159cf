using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.Versions;
using Sluice.Storage;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>Each apply that changed something leaves one document, and each deployment that it changed points to it.</summary>
public sealed class VersionRecordTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Versions => Path.Combine(_bench.Home.Storage, "versions");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_publish_records_what_it_changed_and_the_deployments_point_to_it()
    {
        _bench.Variables["GITLAB_CI"] = "true";
        _bench.Variables["CI_COMMIT_REF_NAME"] = "main";
        _bench.Variables["CI_COMMIT_AUTHOR"] = "Ada Example <ada@example.org>";
        DeployOutcome outcome = await _bench.DeployAsync(_bench.Request with { Sdk = "10.0.100" });

        outcome.Deployments.Select(d => d.Number).ShouldBe([1, 1]);
        string file = Directory.GetFiles(Versions, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
        Path.GetRelativePath(Versions, file).Replace('\\', '/').ShouldMatch("^weather/2026-11-22t08-30-00-000000-00-00-[0-9a-f]{12}\\.json$");
        VersionPointer daily = await PointerAsync("daily"), manual = await PointerAsync("manual");
        (daily.Number, daily.Location, daily.Digest).ShouldBe((1, StoreUri.OfFolder(file), manual.Digest));

        await using var records = new VersionRecords(StorageSources.Environment);
        AppliedVersions document = await records.ReadAsync(daily, Cancel);
        (document.App, document.Environment, document.Created, document.Build.Commit, document.Build.Branch, document.Build.Author, document.Build.Sdk, document.Build.Builder, document.Build.Dirty)
            .ShouldBe(("Weather", null, _bench.Time.GetUtcNow(), "0123456789abcdef0123", "main", "Ada Example <ada@example.org>", "10.0.100", "GitLab CI", null));
        AppliedVersion version = await records.ReadAsync(daily, "Weather report/daily", Cancel);
        (version.Number, version.Previous, version.RolledBackTo, version.Package).ShouldBe((1, null, null, $"{outcome.PackageUri}#sha256={outcome.PackageSha256}"));
        version.Declared.Entrypoint.ShouldBe("Weather.dll!Weather.Flows.Build");
        version.Declared.ParameterOpenapiSchema!.Value.GetProperty("required")[0].GetString().ShouldBe("city");
        version.Declared.JobVariables!["env"].TryGetProperty(VersionPointer.Variable, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_what_changed_gets_the_next_number_and_points_back_to_the_one_before()
    {
        await _bench.DeployAsync();
        VersionPointer first = await PointerAsync("daily");
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = "Oslo");
        DeployOutcome outcome = await _bench.DeployAsync();

        outcome.Deployments.Select(d => d.Number).ShouldBe([2, 1]);
        VersionPointer second = await PointerAsync("daily");
        (await PointerAsync("manual")).ShouldBe(first);
        await using var records = new VersionRecords(StorageSources.Environment);
        AppliedVersions document = await records.ReadAsync(second, Cancel);
        AppliedVersion version = document.Deployments.ShouldHaveSingleItem();
        (version.Name, version.Number, version.Previous).ShouldBe(("daily", 2, first.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_unchanged_publish_a_plan_and_one_that_applies_nothing_write_no_record(int? generation)
    {
        await using PrefectServer? server = generation is null ? null : await StartAsync(generation.Value);
        (await _bench.RunAsync(server: server?.Url)).Outcome.ShouldNotBeNull();
        string[] files = Directory.GetFiles(Versions, "*", SearchOption.AllDirectories);

        (await _bench.RunAsync(server: server?.Url)).Outcome!.HasChanges.ShouldBeFalse();
        _bench.Temp.Write("publish/Weather.dll", "another program");
        (await _bench.RunAsync(_bench.Request with { PlanOnly = true }, server?.Url)).Outcome!.HasChanges.ShouldBeTrue();
        (await _bench.RunAsync(_bench.Request with { SkipApply = true }, server?.Url)).Outcome.ShouldNotBeNull();

        Directory.GetFiles(Versions, "*", SearchOption.AllDirectories).ShouldBe(files);
    }

    [Theory]
    [InlineData("versions", null, "file:///")]
    [InlineData(null, "versions", "file:///")]
    public async Task Records_go_where_the_packages_go_unless_another_store_is_named(string? storage, string? records, string scheme)
    {
        string? store = storage is null ? null : _bench.Temp["elsewhere"], named = records is null ? null : _bench.Temp["elsewhere"];
        await _bench.DeployAsync(_bench.Request with { Storage = store, Records = named });
        VersionPointer pointer = await PointerAsync("daily");
        pointer.Location.AbsoluteUri.ShouldStartWith(scheme);
        pointer.Location.LocalPath.ShouldStartWith(_bench.Temp["elsewhere"]);
        Directory.Exists(Versions).ShouldBeFalse();
    }

    [Fact]
    public async Task Programs_that_are_installed_have_their_records_in_the_home()
    {
        _bench.ChangeFlow(flow =>
        {
            foreach (JsonNode? deployment in flow["deployments"]!.AsArray())
                deployment!["job_variables"] = new JsonObject { ["command"] = "/opt/flows/App" };
        });
        await _bench.DeployAsync(_bench.Request with { Storage = "installed" });
        (await PointerAsync("daily")).Location.LocalPath.ShouldStartWith(_bench.Home.Storage);
        await using var records = new VersionRecords(StorageSources.Environment);
        (await records.ReadAsync(await PointerAsync("daily"), "Weather report/daily", Cancel)).Package.ShouldBeNull();
    }

    [Fact]
    public async Task A_record_that_was_changed_lost_or_is_newer_is_refused_with_one_line()
    {
        await _bench.DeployAsync();
        VersionPointer pointer = await PointerAsync("daily");
        string file = pointer.Location.LocalPath;
        byte[] bytes = await File.ReadAllBytesAsync(file, Cancel);

        bytes[^2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        (await RefusedAsync(pointer)).Kind.ShouldBe(StorageErrorKind.Damaged);

        byte[] newer = """{"record_version":2}"""u8.ToArray();
        await File.WriteAllBytesAsync(file, newer, Cancel);
        VersionPointer toNewer = pointer with { Digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(newer)) };
        (await RefusedAsync(toNewer)).Kind.ShouldBe(StorageErrorKind.Invalid);

        File.Delete(file);
        StorageException lost = await RefusedAsync(pointer);
        lost.Kind.ShouldBe(StorageErrorKind.NotFound);
        lost.Message.ShouldNotContain("\n");
        (await RefusedAsync(pointer with { Location = new("file:///etc/passwd") })).Kind.ShouldBe(StorageErrorKind.Damaged);
    }

    [Theory]
    [InlineData("s3://b/x", "?endpoint_url=http://127.0.0.1:1/${CANARY}")]
    [InlineData("s3://b/x", "?region=%24%7BCANARY%7D")]
    [InlineData("az://b/x", "?azure_storage_sas_token=${CANARY}")]
    [InlineData("smb://evil.example/x", "")]
    [InlineData("webhook+https://evil.example/x", "")]
    [InlineData("file://evil.example/x", "")]
    public async Task A_pointer_opens_no_store_that_could_take_secrets_away(string store, string query)
    {
        VersionPointer pointer = new(1, new($"{store}/versions/app/2026-11-22t06-00-00-000000-00-00-0123456789ab.json{query}"), new string('a', 64));
        StorageException refused = await RefusedAsync(pointer);
        refused.Kind.ShouldBe(StorageErrorKind.Invalid);
        refused.Message.ShouldContain("set SLUICE_RECORDS to its whole URI");
    }

    [Fact]
    public async Task What_cannot_be_read_now_stops_a_publish_and_is_not_taken_for_lost()
    {
        await _bench.DeployAsync();
        VersionPointer pointer = await PointerAsync("daily");
        byte[] newer = """{"record_version":2}"""u8.ToArray();
        await File.WriteAllBytesAsync(pointer.Location.LocalPath, newer, Cancel);
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(newer));
        VersionHistory.IsLost(await RefusedAsync(pointer with { Digest = digest })).ShouldBeFalse();
    }

    [Fact]
    public async Task Members_that_a_later_Sluice_adds_are_passed_over()
    {
        await _bench.DeployAsync();
        VersionPointer pointer = await PointerAsync("daily");
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(pointer.Location.LocalPath, Cancel))!;
        json["something"] = new JsonObject { ["new"] = 1 };
        json["deployments"]![0]!["declared"]!["later"] = true;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(json);
        await File.WriteAllBytesAsync(pointer.Location.LocalPath, bytes, Cancel);
        await using var records = new VersionRecords(StorageSources.Environment);
        AppliedVersion version = await records.ReadAsync(pointer with { Digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)) }, "Weather report/daily", Cancel);
        version.Declared.Parameters!["city"].GetString().ShouldBe("Seattle");
    }

    [Fact]
    public async Task No_record_holds_a_secret_of_the_store_or_of_the_repository()
    {
        const string canary = "canary-3f1b";
        _bench.Variables["GITHUB_ACTIONS"] = "true";
        _bench.Variables["GITHUB_SERVER_URL"] = $"https://user:{canary}@git.example";
        _bench.Variables["GITHUB_REPOSITORY"] = "team/flows";
        _bench.Variables["GITHUB_RUN_ID"] = "7";
        await _bench.DeployAsync();
        VersionPointer pointer = await PointerAsync("daily");
        await using var records = new VersionRecords(StorageSources.Environment);
        BuildFacts build = (await records.ReadAsync(pointer, Cancel)).Build;
        (build.Repository, build.BuildUrl).ShouldBe(("https://git.example/team/flows", "https://git.example/team/flows/actions/runs/7"));
        (await File.ReadAllTextAsync(pointer.Location.LocalPath, Cancel)).ShouldNotContain(canary);
    }

    [Fact]
    public async Task A_thousand_deployments_that_point_to_one_record_cost_one_read()
    {
        await _bench.DeployAsync();
        VersionPointer pointer = await PointerAsync("daily");
        await using var records = new VersionRecords(StorageSources.Environment);
        await records.ReadAsync(pointer, Cancel);
        File.Delete(pointer.Location.LocalPath);
        for (int i = 0; i < 1000; i++)
            (await records.ReadAsync(pointer, "Weather report/daily", Cancel)).Number.ShouldBe(1);
    }

    [Fact]
    public async Task A_publish_that_fails_leaves_the_pointers_and_the_numbers_as_they_were()
    {
        await _bench.DeployAsync();
        VersionPointer before = await PointerAsync("daily");
        _bench.Temp.Write("publish/Weather.dll", "another program");
        (await _bench.RunAsync(_bench.Request with { WorkPool = "no-such" })).Outcome.ShouldBeNull();
        (await PointerAsync("daily")).ShouldBe(before);
        (await _bench.DeployAsync()).Deployments.Select(one => one.Number).ShouldBe([2, 2]);
    }

    [Theory]
    [InlineData("git+https://git.example/team/flows", true)]
    [InlineData("docker://registry.example/team", true)]
    [InlineData("s3://bucket/flows", false)]
    [InlineData(null, false)]
    public void Records_that_stay_on_this_machine_are_told_of_where_the_packages_do_not(string? storage, bool told)
    {
        var writer = new VersionWriter(new(StorageSources.Environment), _bench.Environment());
        (writer.Note(null, [storage]) is not null).ShouldBe(told);
        writer.Note("s3://bucket/records", [storage]).ShouldBeNull();
        writer.StoreOf("s3://bucket/records", [storage]).ShouldBe(new Uri("s3://bucket/records"));
    }

    public static TheoryData<string> NoPointers => ["", "1", "1 file:///a", "0 file:///a#sha256=" + new string('a', 64), "x file:///a#sha256=" + new string('a', 64), "1 a#sha256=" + new string('a', 64), "1 file:///a#sha256=" + new string('A', 64), "+1 file:///a#sha256=" + new string('a', 64)];

    [Theory]
    [MemberData(nameof(NoPointers))]
    public void What_is_no_pointer_is_none(string text) => VersionPointer.TryParse(text).ShouldBeNull();

    [Fact]
    public void A_pointer_is_read_as_it_is_written()
    {
        var pointer = new VersionPointer(12, new("s3://bucket/flows%20x/versions/app/2026.json?region=eu"), new string('a', 64));
        VersionPointer.TryParse(pointer.ToString()).ShouldBe(pointer);
    }

    private static async Task<PrefectServer> StartAsync(int generation) =>
        generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);

    private static async Task<StorageException> RefusedAsync(VersionPointer pointer)
    {
        await using var records = new VersionRecords(StorageSources.Environment);
        return await Should.ThrowAsync<StorageException>(() => records.ReadAsync(pointer, "Weather report/daily", Cancel));
    }

    private async Task<VersionPointer> PointerAsync(string name) => VersionPointer.Of((await _bench.LiveAsync(name))!.JobVariables).ShouldNotBeNull();
}
