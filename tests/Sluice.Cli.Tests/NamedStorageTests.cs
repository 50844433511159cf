using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Deployments whose package lies in a named block, and runs that need secrets: publisher and worker are the real programs.</summary>
public sealed class NamedStorageTests : IDisposable
{
    private const string Canary = "canary/run+3b8d";

    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    private string Store => _sluice.Folder["store"];

    [Fact]
    public async Task A_package_goes_to_a_named_block_and_runs_from_wherever_the_block_leads_then()
    {
        (await _sluice.RunAsync("block", "create", "local-file-system/dev", $"basepath={Store}")).Succeeded();
        SluiceProgram.Outcome first = (await DeployAsync()).Succeeded();
        first.Output.ShouldContain("block://local-file-system/dev/flows/");
        Directory.Exists(Path.Combine(Store, "flows", "blobs")).ShouldBeTrue();
        (await DeployAsync()).Succeeded().Output.ShouldContain("0 uploaded");
        JsonElement deployment = (await _sluice.RunAsync("deployment", "inspect", "Greet/by-hand", "--output", "json")).Succeeded().Json;
        deployment.GetProperty("job_variables").GetProperty("env").Text("SLUICE_PACKAGE")!.ShouldStartWith("block://local-file-system/dev/flows/");
        (await RunAsync("Greet/by-hand")).Succeeded();

        // The folder moves, and the block alone is told.
        Directory.Move(Store, _sluice.Folder["moved"]);
        ForgetPulled();
        (await RunAsync("Greet/by-hand")).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(1), run => run.Output.ShouldContain("its package could not be pulled"));
        (await _sluice.RunAsync("block", "update", "local-file-system/dev", $"basepath={_sluice.Folder["moved"]}")).Succeeded();
        (await RunAsync("Greet/by-hand")).Succeeded();

        (await _sluice.RunAsync("block", "delete", "local-file-system/dev")).Succeeded();
        ForgetPulled();
        SluiceProgram.Outcome gone = await RunAsync("Greet/by-hand");
        gone.ExitCode.ShouldBe(1);
        gone.Output.ShouldContain("The server has no block local-file-system/dev: create it with 'sluice block create local-file-system/dev …'");
        (await DeployAsync()).ShouldSatisfyAllConditions(
            deploy => deploy.ExitCode.ShouldBe(1), deploy => deploy.Error.ShouldContain("error SLC1008: The server has no block local-file-system/dev"));
    }

    [Theory]
    [InlineData("secret/dev", "is a secret and no storage")]
    [InlineData("what/dev", "neither a URI, nor an absolute folder, nor a named block")]
    [InlineData("s3/dev?region=x", "is a named block, which has its options itself")]
    [InlineData("s3/Dev", "names no block")]
    public async Task A_block_that_can_hold_no_package_stops_the_deploy(string storage, string expected) =>
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage)).ShouldSatisfyAllConditions(
            deploy => deploy.ExitCode.ShouldBe(1), deploy => deploy.Error.ShouldContain(expected));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_gets_the_secrets_that_its_deployment_names_and_they_are_stored_nowhere(bool withServer)
    {
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        SluiceProgram.Outcome without = await RunAsync("Use/by-hand");
        without.ExitCode.ShouldBe(1);
        without.Output.ShouldContain("its deployment needs the secret PACES_TOKEN, which is neither a variable of the worker's environment nor with the server: 'sluice block create secret/paces-token'");

        _sluice.With("TEST_SECRET", Canary);
        if (withServer)
            (await _sluice.RunAsync("block", "create", "secret/paces-token", "value=@env:TEST_SECRET")).Succeeded();
        _sluice.With("TEST_SECRET", null).With("PACES_TOKEN", withServer ? null : Canary);

        SluiceProgram.Outcome run = (await RunAsync("Use/by-hand", "--flow-run-name", "first")).Succeeded();
        run.Output.ShouldContain($"The token has {Canary.Length} bytes");
        run.Output.ShouldContain(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Canary))));
        run.ToString().ShouldNotContain(Canary);
        JsonElement deployment = (await _sluice.RunAsync("deployment", "inspect", "Use/by-hand", "--output", "json")).Succeeded().Json;
        deployment.GetProperty("job_variables").GetProperty("env").Text("SLUICE_SECRETS").ShouldBe("PACES_TOKEN");
        foreach (string file in Directory.EnumerateFiles(_sluice.Home.Root, "*", SearchOption.AllDirectories))
            File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)).ShouldBe(-1, file);
    }

    /// <summary>Under Prefect's own workers, which know nothing of either: the deployment's env is all that they pass on.</summary>
    [Fact]
    public async Task Flow_run_execute_asks_the_server_for_block_and_secrets()
    {
        await using ProgramRun server = _sluice.Start("server", "start", "--port", "0");
        _sluice.With("PREFECT_API_URL", (await server.WaitForLineAsync(line => line.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound))["Server: ".Length..].Trim());
        (await _sluice.RunAsync("block", "create", "local-file-system/dev", $"basepath={Store}")).Succeeded();
        (await _sluice.With("TEST_SECRET", Canary).RunAsync("block", "create", "secret/paces-token", "value=@env:TEST_SECRET")).Succeeded();
        _sluice.With("TEST_SECRET", null);
        (await DeployAsync()).Succeeded();
        JsonElement run = (await _sluice.RunAsync("deployment", "run", "Use/by-hand", "--output", "json")).Succeeded().Json;
        JsonElement env = (await _sluice.RunAsync("deployment", "inspect", "Use/by-hand", "--output", "json")).Succeeded().Json.GetProperty("job_variables").GetProperty("env");
        foreach (JsonProperty variable in env.EnumerateObject())
            _sluice.With(variable.Name, variable.Value.GetString());

        await using (ProgramRun execute = _sluice.With("PREFECT__FLOW_RUN_ID", run.Text("id")).Start("flow-run", "execute"))
        {
            (await execute.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, execute.Output + execute.Error);
            (execute.Output + execute.Error).ShouldNotContain(Canary);
        }
        SluiceProgram.Outcome done = (await _sluice.RunAsync("flow-run", "inspect", run.Text("id")!, "--output", "json")).Succeeded();
        done.Json.GetProperty("state").Text("type").ShouldBe("COMPLETED", done.Output);
        (await _sluice.RunAsync("flow-run", "logs", run.Text("id")!)).Succeeded().Output.ShouldContain($"The token has {Canary.Length} bytes");
    }

    private Task<SluiceProgram.Outcome> DeployAsync() => _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", "local-file-system/dev/flows");

    private Task<SluiceProgram.Outcome> RunAsync(string deployment, params string[] more) => _sluice.RunAsync(["deployment", "run", deployment, "--watch", .. more]);

    private void ForgetPulled() => Directory.Delete(_sluice.Home.Cache, recursive: true);
}
