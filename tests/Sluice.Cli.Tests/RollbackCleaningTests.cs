using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy;
using Sluice.Deploy.Tests;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Storage;

namespace Sluice.Cli.Tests;

/// <summary>A store that the real <c>storage gc</c> cleans in the middle of a rollback.</summary>
public sealed class RollbackCleaningTests : IDisposable
{
    private const string Name = "Greet/by-hand";

    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cleaning_in_the_middle_of_a_rollback_takes_no_package_that_comes_back(bool isHeld)
    {
        await _sluice.DeployAsync();
        string first = await DigestAsync();
        // A package that no version keeps, and that is no fresh upload.
        string other = _sluice.Folder["other"];
        Directory.CreateDirectory(other);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        _sluice.Folder.Write("other/more.txt", "another package");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--publish-dir", other)).Succeeded();
        string manifest = Directory.GetFiles(_sluice.Home.Storage, "manifest.json", SearchOption.AllDirectories).Single(file => File.ReadAllText(file).Contains(first, StringComparison.Ordinal));
        JsonNode said = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
        said["created"] = "2020-01-01T00:00:00+00:00";
        await File.WriteAllTextAsync(manifest, said.ToJsonString());

        SluiceProgram.Outcome? cleaned = null;
        DeployResult result = await RollBackAsync(async () =>
        {
            // As a cleaning by a Sluice that knows of no marks finds the store.
            if (!isHeld)
                Array.ForEach(Directory.GetFiles(Path.Combine(_sluice.Home.Storage, "blobs", "gc"), "hold-*"), File.Delete);
            cleaned = await _sluice.RunAsync("storage", "gc", "--grace", "0", "--keep-versions", "1", "--apply", "--output", "json");
        });

        cleaned.ShouldNotBeNull().Succeeded().Json.GetProperty("packages").GetArrayLength().ShouldBe(isHeld ? 0 : 1);
        (await DigestAsync()).ShouldBe(first);
        result.Outcome.ShouldNotBeNull().Deployments[0].Number.ShouldBe(3);
        File.Exists(manifest).ShouldBe(isHeld);
        if (isHeld)
        {
            result.Diagnostics.ShouldBeEmpty();
            (await _sluice.RunAsync("storage", "verify")).Succeeded();
            (await _sluice.RunAsync("deployment", "run", Name, "--watch")).Succeeded();
        }
        else
        {
            DeployError error = result.Diagnostics.ShouldHaveSingleItem();
            (error.Code, error.IsWarning).ShouldBe((DeployCodes.VersionPackageGone, false));
            result.Succeeded.ShouldBeFalse();
            error.Message.ShouldStartWith($"{Name} was rolled back to version 1, and a cleaning took that version's package in the meantime: ");
            (await _sluice.RunAsync("deployment", "rollback", Name)).Succeeded();
            (await DigestAsync()).ShouldNotBe(first);
        }
        Directory.GetFiles(Path.Combine(_sluice.Home.Storage, "blobs", "gc"), "hold-*").ShouldBeEmpty();
    }

    private async Task<DeployResult> RollBackAsync(Func<Task> beforeApply) => await new RollbackRunner(new DeployEnvironment
    {
        Home = _sluice.Home,
        Output = TextWriter.Null,
        OpenApiAsync = async token => new(BeforeApply.Of(await EmbeddedApi.OpenAsync(_sluice.Home, TimeProvider.System, token), beforeApply), "the embedded API", IsLocal: true),
        // Not those of a CI system that runs the tests.
        Variable = _ => null,
    }).RunAsync(new() { Deployments = [Name] }, default);

    private async Task<string> DigestAsync()
    {
        await using IOrchestrationApi api = await _sluice.OpenApiAsync();
        return (await api.FindDeploymentAsync("Greet", "by-hand", default))!.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()![^64..];
    }
}
