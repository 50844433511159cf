using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using Sluice.Deploy.Provenance;
using Sluice.Orchestration;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Provenance;

/// <summary>What a publish says of its package: parts list, provenance, signature.</summary>
public sealed class PackageDescriptionTests : IDisposable
{
    private const string Deps = """
        {
          "runtimeTarget": {"name": ".NETCoreApp,Version=v10.0/linux-x64"},
          "targets": {
            ".NETCoreApp,Version=v10.0": {},
            ".NETCoreApp,Version=v10.0/linux-x64": {
              "Weather/1.2.0": {"dependencies": {"Acme.Climate": "2.1.0-rc.1+build.7", "Weather.Core": "1.2.0", "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64": "10.0.1"}},
              "Weather.Core/1.2.0": {"dependencies": {"acme.base": "1.0.0"}},
              "Acme.Climate/2.1.0-rc.1+build.7": {"dependencies": {"Acme.Base": "1.0.0"}},
              "Acme.Base/1.0.0": {},
              "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.1": {}
            }
          },
          "libraries": {
            "Weather/1.2.0": {"type": "project", "serviceable": false, "sha512": ""},
            "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.1": {"type": "runtimepack", "serviceable": false, "sha512": ""},
            "Weather.Core/1.2.0": {"type": "project", "serviceable": false, "sha512": ""},
            "Acme.Climate/2.1.0-rc.1+build.7": {"type": "package", "serviceable": true, "sha512": "sha512-QtpQzuSZVyTPCuHW058yCs9Nj0394uUkNyFHS813nOmK9UgUdBdaprJ5PPsBgsQIpxADTsTkbaMMonykem6qdw=="},
            "Acme.Base/1.0.0": {"type": "package", "serviceable": true, "sha512": "sha512-SwcbEBtkECq3D2oywvHkm46fyrX9Dd2JPWphDnHUc2+cUWR1Mdo41atAjh/9iZjgQxuvbKfZKXqostT/LZfefA=="}
          }
        }
        """;

    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    private async Task<InspectedPackage> ReadAsync(PackagePolicy? policy = null)
    {
        Deployment live = (await _bench.LiveAsync("daily")).ShouldNotBeNull();
        PackageReference package = PackageReference.TryParse(live.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!)!;
        return await InspectedPackage.ReadAsync(package, null, policy, Cancel);
    }

    private static async Task<JsonNode> ValidAsync(byte[]? sbom)
    {
        string text = Encoding.UTF8.GetString(sbom.ShouldNotBeNull());
        JsonSchema schema = await JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "tests/data/cyclonedx-1.6.schema.json"), Cancel);
        schema.Validate(text).ShouldBeEmpty();
        JsonNode bill = JsonNode.Parse(text)!;
        string[] references = [.. bill["components"]!.AsArray().Append(bill["metadata"]!["component"]).Select(component => component!["bom-ref"]!.GetValue<string>())];
        references.ShouldBeUnique();
        bill["dependencies"]!.AsArray().SelectMany(dependency => dependency!["dependsOn"]!.AsArray().Select(needed => needed!.GetValue<string>()).Append(dependency["ref"]!.GetValue<string>())).ShouldBeSubsetOf(references);
        return bill;
    }

    [Fact]
    public async Task The_parts_list_names_packages_with_versions_hashes_and_what_needs_what()
    {
        _bench.Temp.Write("publish/Weather.deps.json", Deps);
        await _bench.DeployAsync(_bench.Request with { Files = ["Weather.dll", "Weather.deps.json"] });
        InspectedPackage package = await ReadAsync();
        JsonNode bill = await ValidAsync(package.Sbom);

        bill["serialNumber"]!.GetValue<string>()[9..17].ShouldBe(package.Manifest.Digest[..8]);
        bill["metadata"]!["component"]!["name"]!.GetValue<string>().ShouldBe("Weather");
        bill["metadata"]!["component"]!["version"]!.GetValue<string>().ShouldBe("1.2.0");
        bill["components"]!.AsArray().Select(part => ((string?)part!["purl"], part["name"]!.GetValue<string>(), part["version"]!.GetValue<string>(), ((string?)part["hashes"]?[0]?["content"])?[..8])).ShouldBe(
        [
            ("pkg:nuget/Acme.Base@1.0.0", "Acme.Base", "1.0.0", "4b071b10"),
            ("pkg:nuget/Acme.Climate@2.1.0-rc.1%2Bbuild.7", "Acme.Climate", "2.1.0-rc.1+build.7", "42da50ce"),
            ("pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@10.0.1", "Microsoft.NETCore.App.Runtime.linux-x64", "10.0.1", null),
            (null, "Weather.Core", "1.2.0", null),
        ]);
        Needs("app:Weather@1.2.0").ShouldBe(["pkg:nuget/Acme.Climate@2.1.0-rc.1%2Bbuild.7", "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@10.0.1", "project:Weather.Core@1.2.0"]);
        Needs("project:Weather.Core@1.2.0").ShouldBe(["pkg:nuget/Acme.Base@1.0.0"]);

        IEnumerable<string> Needs(string reference) => bill["dependencies"]!.AsArray().Single(dependency => dependency!["ref"]!.GetValue<string>() == reference)!["dependsOn"]!.AsArray().Select(needed => needed!.GetValue<string>());
    }

    [Theory]
    [InlineData("the build's", new[] { "Acme.Base", "Acme.Climate", "Microsoft.NETCore.App.Runtime.linux-x64", "Weather.Core" }, null)]
    [InlineData("none", new[] { "Weather.dll", "data/cities.csv" }, null)]
    [InlineData("broken", new[] { "Weather.deps.json", "Weather.dll" }, "SLC1124")]
    public async Task Where_no_list_was_published_the_build_has_one_or_the_files_are_the_parts(string what, string[] parts, string? warning)
    {
        DeployRequest request = _bench.Request;
        if (what == "the build's")
            request = request with { DepsFile = _bench.Temp.Write("bin/Weather.deps.json", Deps), DeploymentMode = "single-file", Files = ["Weather"] };
        if (what == "broken")
            request = request with { Files = ["Weather.dll", "Weather.deps.json"] };
        _bench.Temp.Write("publish/Weather", "one file");
        _bench.Temp.Write("publish/Weather.deps.json", """{"libraries": []}""");
        DeployResult result = await _bench.RunAsync(request);
        result.Succeeded.ShouldBeTrue();
        result.Diagnostics.Select(d => d.Code).Where(code => code == "SLC1124").FirstOrDefault().ShouldBe(warning);
        (await ValidAsync((await ReadAsync()).Sbom))["components"]!.AsArray().Select(part => part!["name"]!.GetValue<string>()).ShouldBe(parts);
    }

    [Fact]
    public async Task The_parts_of_a_script_are_the_packages_that_it_names()
    {
        string script = _bench.Temp.Write("flows/weather.cs", """
            #:package Acme.Climate@2.1.0
            #:package Acme.Base@1.*
            #:package Sluice
            #:property Nullable=enable
            Console.WriteLine("#:package No.One@1.0.0");
            """);
        await _bench.DeployAsync(_bench.Request with { EntryPointFile = script, StoreAsScript = true });
        (await ValidAsync((await ReadAsync()).Sbom))["components"]!.AsArray().Select(part => part!["purl"]!.GetValue<string>())
            .ShouldBe(["pkg:nuget/Acme.Base", "pkg:nuget/Acme.Climate@2.1.0", "pkg:nuget/Sluice"]);
    }

    [Fact]
    public async Task The_same_package_has_the_same_parts_list_byte_for_byte()
    {
        await _bench.DeployAsync();
        byte[] first = (await ReadAsync()).Sbom!;
        using var other = new DeployBench();
        other.Time.Advance(TimeSpan.FromDays(3));
        await other.DeployAsync();
        PackageReference package = PackageReference.TryParse((await other.LiveAsync("daily"))!.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!)!;
        (await InspectedPackage.ReadAsync(package, null, null, Cancel)).Sbom.ShouldBe(first);
    }

    [Fact]
    public async Task The_provenance_says_repository_commit_builder_and_SDK_and_no_credentials()
    {
        _bench.Variables["GITHUB_ACTIONS"] = "true";
        _bench.Variables["GITHUB_SERVER_URL"] = "https://user:canary-secret@git.example";
        _bench.Variables["GITHUB_REPOSITORY"] = "team/flows";
        _bench.Variables["GITHUB_RUN_ID"] = "42";
        await _bench.DeployAsync(_bench.Request with { Sdk = "10.0.100", SigningKeyFile = null });
        InspectedPackage package = await ReadAsync();
        string text = Encoding.UTF8.GetString(package.Provenance!);
        JsonNode statement = JsonNode.Parse(text)!;

        text.ShouldNotContain("canary-secret");
        text.ShouldNotContain(_bench.Temp.Path);
        statement["_type"]!.GetValue<string>().ShouldBe("https://in-toto.io/Statement/v1");
        statement["predicateType"]!.GetValue<string>().ShouldBe("https://slsa.dev/provenance/v1");
        statement["subject"]![0]!["digest"]!["sha256"]!.GetValue<string>().ShouldBe(package.Manifest.Digest);
        JsonNode source = statement["predicate"]!["buildDefinition"]!["resolvedDependencies"]![0]!;
        source["uri"]!.GetValue<string>().ShouldBe("git+https://git.example/team/flows");
        source["digest"]!["gitCommit"]!.GetValue<string>().ShouldBe("0123456789abcdef0123");
        JsonNode run = statement["predicate"]!["runDetails"]!;
        run["builder"]!["id"]!.GetValue<string>().ShouldBe("urn:sluice:builder:GitHub%20Actions");
        run["builder"]!["version"]!["dotnet-sdk"]!.GetValue<string>().ShouldBe("10.0.100");
        run["metadata"]!["invocationId"]!.GetValue<string>().ShouldBe("https://git.example/team/flows/actions/runs/42");
    }

    [Fact]
    public async Task A_key_signs_the_package_once_and_its_text_is_nowhere()
    {
        using var key = SigningKey.Create();
        string secret = key.ToPem().Split('\n')[1];
        string file = _bench.Temp.Write("release.key", key.ToPem());
        var policy = new PackagePolicy { Keys = [key.Public] };

        DeployOutcome unsigned = await _bench.DeployAsync();
        (await ReadAsync(policy)).Refusal.ShouldNotBeNull().ShouldContain("it is not signed");

        // A plan with a key tells that the package is exchanged for one that is signed.
        DeployRequest signing = _bench.Request with { SigningKeyFile = file };
        (await _bench.DeployAsync(signing with { PlanOnly = true })).Deployments.Select(d => d.Outcome).Distinct().ShouldBe(["updated"]);
        DeployOutcome signed = await _bench.DeployAsync(signing);
        (signed.UploadedFiles, signed.PackageSha256, signed.SignedBy).ShouldBe((0, unsigned.PackageSha256, key.Public.Id));
        _bench.Output.ShouldContain($"Signed with the key {key.Public.Id[..16]}");
        (await ReadAsync(policy)).Refusal.ShouldBeNull();

        (await _bench.DeployAsync(signing with { PlanOnly = true })).HasChanges.ShouldBeFalse();
        (await _bench.DeployAsync(signing)).ApiWrites.ShouldBe(0);
        _bench.Variables["SLUICE_SIGNING_KEY"] = key.ToPem();
        (await _bench.DeployAsync()).ApiWrites.ShouldBe(0);

        foreach (string path in Directory.EnumerateFiles(_bench.Home.Root, "*", SearchOption.AllDirectories))
            File.ReadAllText(path, Encoding.Latin1).ShouldNotContain(secret, customMessage: path);
        _bench.Output.ShouldNotContain(secret);
    }

    [Fact]
    public async Task A_key_that_is_none_stops_the_publish_before_anything_is_stored()
    {
        _bench.Variables["SLUICE_SIGNING_KEY"] = "canary-secret";
        DeployError error = await _bench.FailAsync();
        error.Code.ShouldBe("SLC1122");
        error.Message.ShouldContain("SLUICE_SIGNING_KEY");
        error.Message.ShouldNotContain("canary-secret");
        (await _bench.FailAsync(_bench.Request with { SigningKeyFile = _bench.Temp["absent.key"] })).Message.ShouldContain("sluice key create");
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse();
    }
}
