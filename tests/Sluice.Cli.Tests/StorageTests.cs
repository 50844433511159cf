using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary><c>storage ls|verify|gc</c> on the store of a home.</summary>
public sealed class StorageTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Packages_are_listed_with_the_deployments_that_use_them()
    {
        (await _sluice.RunAsync("storage", "ls")).Succeeded().Error.ShouldContain("No packages in file://");
        (await _sluice.RunAsync("storage", "ls", "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(0);
        (await _sluice.RunAsync("storage", "ls", "--storage", _sluice.Folder["nowhere"])).FailedWith(1).ShouldContain("nowhere does not exist");
        (await _sluice.RunAsync("storage", "gc", "--apply", "--storage", _sluice.Folder["nowhere"])).FailedWith(1).ShouldContain("nowhere does not exist");
        await _sluice.DeployAsync();
        JsonElement package = (await _sluice.RunAsync("storage", "ls", "--output", "json")).Succeeded().Json.EnumerateArray().ShouldHaveSingleItem();
        package.Text("package")!.ShouldStartWith("paces/20");
        package.Text("digest")!.Length.ShouldBe(64);
        package.GetProperty("files").GetInt32().ShouldBeGreaterThan(2);
        package.GetProperty("used_by").EnumerateArray().Select(user => user.GetString()).ShouldContain("Greet/by-hand");
        string table = (await _sluice.RunAsync("storage", "ls")).Succeeded().Output;
        table.ShouldContain(package.Text("package")!);
        table.ShouldContain("Greet/by-hand, Greet/each-second");
        // A folder is a store's name too.
        (await _sluice.RunAsync("storage", "ls", "--storage", _sluice.Home.Storage, "--output", "json")).Succeeded().Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Damage_is_found_named_and_mended_as_the_line_says()
    {
        await _sluice.DeployAsync();
        (await _sluice.RunAsync("storage", "verify")).Succeeded().Output.ShouldContain("all whole.");
        string blob = Directory.EnumerateFiles(Path.Combine(_sluice.Home.Storage, "blobs"), "*", SearchOption.AllDirectories).First(file => new FileInfo(file).Length > 0);
        byte[] content = await File.ReadAllBytesAsync(blob);
        content[0] ^= 1;
        await File.WriteAllBytesAsync(blob, content);

        (await _sluice.RunAsync("storage", "verify", "--quick")).Succeeded().Output.ShouldContain("all there.");
        SluiceProgram.Outcome found = await _sluice.RunAsync("storage", "verify");
        found.ExitCode.ShouldBe(1);
        found.Output.ShouldContain($"{Path.GetFileName(blob)} is damaged, which paces/");
        found.Output.ShouldContain("from the store, then publish the projects again.");
        SluiceProgram.Outcome json = await _sluice.RunAsync("storage", "verify", "--output", "json");
        json.ExitCode.ShouldBe(1);
        json.Json.GetProperty("damages")[0].Text("kind").ShouldBe("damaged");

        File.Delete(blob);
        (await _sluice.RunAsync("storage", "verify", "--output", "json")).Json.GetProperty("damages")[0].Text("kind").ShouldBe("missing");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        (await _sluice.RunAsync("storage", "verify")).Succeeded();
    }

    [Fact]
    public async Task What_nobody_uses_is_said_first_and_removed_when_asked_to()
    {
        await _sluice.DeployAsync();
        string used = Directory.EnumerateFiles(_sluice.Home.Storage, "manifest.json", SearchOption.AllDirectories).Single();
        // A package of last year, of one small file.
        string blob = new('c', 64), folder = "paces/2025-01-01t00-00-00-000000-00-00";
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(used))!;
        manifest["folder"] = folder;
        manifest["created"] = "2025-01-01T00:00:00+00:00";
        JsonArray files = manifest["files"]!.AsArray();
        while (files.Count > 1)
            files.RemoveAt(1);
        files[0]!["sha256"] = blob;
        files[0]!["size"] = 3;
        string path = files[0]!["path"]!.GetValue<string>(), mode = files[0]!["mode"]!.GetValue<string>();
        manifest["launch"] = new JsonObject { ["executable"] = null, ["assembly"] = path };
        manifest["digest"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{mode} {blob} {path}\n")));
        string old = Path.Combine(_sluice.Home.Storage, folder, "manifest.json"), content = Path.Combine(_sluice.Home.Storage, "blobs", "sha256", "cc", blob);
        foreach ((string file, string text) in new[] { (old, manifest.ToJsonString()), (content, "old") })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text);
        }

        SluiceProgram.Outcome patient = (await _sluice.RunAsync("storage", "gc")).Succeeded();
        patient.Output.ShouldContain("Would remove 0 packages and 0 blobs (0 B)");
        patient.Output.ShouldContain("1 package in no use stays until it has been so for 7 d");
        patient.Error.ShouldContain("Nothing was removed: write --apply.");
        SluiceProgram.Outcome dry = (await _sluice.RunAsync("storage", "gc", "--grace", "0")).Succeeded();
        dry.Output.ShouldContain($"would remove {folder} (");
        dry.Output.ShouldContain("Would remove 1 package and 1 blob (3 B)");
        File.Exists(old).ShouldBeTrue();

        // What an interrupted publish needs is named by its journal alone.
        string journal = Path.Combine(_sluice.Home.Storage, "journal", "server", "paces", "001.json");
        Directory.CreateDirectory(Path.GetDirectoryName(journal)!);
        File.WriteAllText(journal, "{}");
        (await _sluice.RunAsync("storage", "gc", "--grace", "0d", "--apply")).FailedWith(1).ShouldContain("sluice deploy recover");
        File.Delete(journal);
        JsonElement done = (await _sluice.RunAsync("storage", "gc", "--grace", "0d", "--apply", "--output", "json")).Succeeded().Json;
        (done.GetProperty("applied").GetBoolean(), done.GetProperty("blobs").GetInt32(), done.GetProperty("bytes").GetInt64(), done.GetProperty("used").GetInt32()).ShouldBe((true, 1, 3, 1));
        (File.Exists(old), File.Exists(content), File.Exists(used)).ShouldBe((false, false, true));
        (await _sluice.RunAsync("storage", "verify")).Succeeded();
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch")).Succeeded();

        (await _sluice.RunAsync("storage", "gc", "--cache", "--apply")).Succeeded().Output.ShouldContain("Removed 0 programs");
        string program = Directory.EnumerateDirectories(Path.Combine(_sluice.Home.Cache, "packages")).ShouldHaveSingleItem();
        Directory.SetLastWriteTimeUtc(program, DateTime.UtcNow.AddDays(-8));
        (await _sluice.RunAsync("storage", "gc", "--cache")).Succeeded().Output.ShouldContain($"would remove {program} (");
        // A run that takes it makes it young again.
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch")).Succeeded();
        (await _sluice.RunAsync("storage", "gc", "--cache", "--output", "json")).Succeeded().Json.GetProperty("programs").GetArrayLength().ShouldBe(0);
        (await _sluice.RunAsync("storage", "gc", "--cache", "--grace", "0", "--apply")).Succeeded().Output.ShouldContain("Removed 1 program (");
        Directory.EnumerateFileSystemEntries(Path.Combine(_sluice.Home.Cache, "packages")).ShouldBeEmpty();
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch")).Succeeded();
        (await _sluice.RunAsync("storage", "gc", "--cache", "--results")).FailedWith(2).ShouldContain("leave out --results");

        foreach (string wrong in new[] { "soon", "-1", "d", "1w" })
            (await _sluice.RunAsync("storage", "gc", $"--grace={wrong}")).FailedWith(2).ShouldContain($"--grace '{wrong}' is not a duration");
        (await _sluice.RunAsync("storage", "gc", "--storage", "ftp://nowhere")).FailedWith(1).ShouldContain("ftp");
        (await _sluice.RunAsync("storage", "gc", "--also", "http://127.0.0.1:9/api")).FailedWith(1).ShouldContain("http://127.0.0.1:9/api");
    }

    [Fact]
    public async Task Another_server_gets_only_the_credentials_that_are_meant_for_it()
    {
        const string canary = "admin:canary-4d7e";
        await _sluice.DeployAsync();
        await using ProgramRun server = _sluice.With("PREFECT_SERVER_API_AUTH_STRING", canary).Start("server", "start", "--port", "0");
        string url = (await server.WaitForLineAsync(line => line.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound))["Server: ".Length..].Trim();

        // Were they sent, it would let them in.
        _sluice.With("PREFECT_API_AUTH_STRING", canary);
        (await _sluice.RunAsync("storage", "gc", "--also", url)).FailedWith(1).ShouldContain($"{url} of --also refused the credentials (401): set SLUICE_ALSO_API_KEY, or SLUICE_ALSO_API_AUTH_STRING to user:password");
        (await _sluice.RunAsync("storage", "gc", "--api-url", url, "--also", url)).Succeeded();
        (await _sluice.With("PREFECT_API_AUTH_STRING", null).With("SLUICE_ALSO_API_AUTH_STRING", canary).RunAsync("storage", "gc", "--also", url)).Succeeded();
        (await _sluice.RunAsync("storage", "gc", "--also", url.Replace("://", $"://{canary}@", StringComparison.Ordinal))).FailedWith(2)
            .ShouldSatisfyAllConditions(error => error.ShouldContain("--also takes no user and password in its URL"), error => error.ShouldNotContain("canary"));
    }

    [Fact]
    public async Task Results_of_runs_on_another_server_of_the_store_are_kept()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var other = new SluiceProgram();
        await using IOrchestrationApi ours = await _sluice.OpenApiAsync(), theirs = await other.OpenApiAsync();
        await using ApiHost host = await ApiHost.StartAsync(theirs, new(), cancel);
        string[] results = [await ResultAsync(ours), await ResultAsync(theirs), Result(Guid.NewGuid())];

        (await _sluice.RunAsync("storage", "gc", "--results", "--also", host.Url.AbsoluteUri, "--apply", "--output", "json")).Succeeded().Json.GetProperty("results").GetInt32().ShouldBe(1);
        results.Select(File.Exists).ShouldBe([true, true, false]);
        (await _sluice.RunAsync("storage", "gc", "--results", "--apply", "--output", "json")).Succeeded().Json.GetProperty("results").GetInt32().ShouldBe(1, "nobody named the other server");
        results.Select(File.Exists).ShouldBe([true, false, false]);

        async Task<string> ResultAsync(IOrchestrationApi api) =>
            Result((await api.CreateFlowRunAsync(new() { FlowId = (await api.EnsureFlowAsync(new() { Name = "Greet" }, cancel)).Id }, cancel)).Id);

        string Result(Guid run)
        {
            string file = Path.Combine(_sluice.Home.Storage, "results", "greet", $"{run:D}-0123abcd.json");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "{}");
            return file;
        }
    }
}
