using System.Net;
using System.Text.Json;
using Sluice.Testing;
using Sluice.Testing.Containers;

namespace Sluice.Build.Tests;

/// <summary>Real publishes that make images: into a real registry, run by a real engine against a real server.</summary>
[Collection(nameof(PackedFeed))]
public sealed class ImageTests(PackedFeed feed) : IAsyncLifetime, IDisposable
{
    private const string Canary = "canary-41d1e7";

    private readonly UserFolder _user = new(feed);
    private readonly Dictionary<string, string?> _further = [];
    private ContainerRegistry _registry = null!;

    private string Storage => $"docker://{_registry.Host}/team?username={ContainerRegistry.User}&password=${{REGISTRY_PASSWORD}}";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(ContainerRegistry.IsInstalled, ContainerRegistry.Missing);
        _registry = await ContainerRegistry.StartAsync(Canary);
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_published_image_runs_a_flow_to_its_end_and_the_same_again_makes_no_new_one()
    {
        Assert.SkipUnless(Podman.IsInstalled, Podman.Missing);
        string baseImage = await BaseImage.PushRuntimeAsync(_registry);
        _user.WriteProject("Greeter/Greeter.csproj", $"<OutputType>Exe</OutputType><ContainerBaseImage>{baseImage}</ContainerBaseImage><InvariantGlobalization>true</InvariantGlobalization>",
            """<ContainerEnvironmentVariable Include="GREETING" Value="Good day" /><ContainerLabel Include="team" Value="weather" />""");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow.Replace("public static string Greet(string name = \"world\") => $\"Hello, {name}!\";", """
            public static async Task<string> GreetAsync(string name = "world", CancellationToken cancellation = default)
            {
                Console.WriteLine($"This is process {Environment.ProcessId}");
                await Task.Delay(name == "forever" ? Timeout.Infinite : 0, cancellation);
                return $"{Environment.GetEnvironmentVariable("GREETING")}, {name}!";
            }
            """, StringComparison.Ordinal));
        await using ProgramRun server = Start("server", "start", "--port", "0");
        string api = (await server.WaitForLineAsync(text => text.StartsWith("Server: ", StringComparison.Ordinal), TimeSpan.FromMinutes(2)))["Server: ".Length..].Trim();

        string output = await PublishAsync("Greeter", $"-p:SluiceStorage={Storage}", $"-p:SluiceApiUrl={api}", $"-bl:{_user["log.binlog"]}");

        output.ShouldContain($"Image {_registry.Host}/team/greet:");
        output.ShouldContain("pushed");
        string[] tags = await TagsAsync("team/greet");
        tags.ShouldHaveSingleItem().ShouldMatch(@"^\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6}-00-00$");
        JsonElement deployment = JsonDocument.Parse(await SluiceAsync("deployment", "inspect", "Greet/hourly", "--output", "json", "--api-url", api)).RootElement;
        JsonElement variables = deployment.GetProperty("job_variables");
        string image = variables.GetProperty("image").GetString()!;
        image.ShouldMatch($"^{_registry.Host}/team/greet@sha256:[0-9a-f]{{64}}$");
        variables.GetProperty("command").GetString().ShouldBe("prefect flow-run execute");
        variables.GetProperty("env").TryGetProperty("SLUICE_PACKAGE", out _).ShouldBeFalse();
        deployment.GetProperty("path").GetString().ShouldBe($"docker://{_registry.Host}/team/greet:{tags[0]}");
        deployment.GetRawText().ShouldNotContain(Canary);
        using (var log = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(_user["log.binlog"]), System.IO.Compression.CompressionMode.Decompress)))
            log.ReadToEnd().Contains(Canary, StringComparison.Ordinal).ShouldBeFalse("it is in the environment alone");

        // What Prefect's Docker worker does: pull, and start with the command, the run's id and the API's address. The command of a Kubernetes worker's job are the
        // container's args, which is the same. Others put it in the place of the entry point.
        await using var podman = new Podman(_registry);
        foreach (string[] words in new string[][] { [image, "prefect", "flow-run", "execute"], ["--entrypoint", "prefect", image, "flow-run", "execute"], [image] })
        {
            string run = await RunAsync(api, "Ada");
            (int exit, string said) = await podman.RunAsync(["run", "--rm", .. Job(api, run), .. words]);
            exit.ShouldBe(0, said);
            said.ShouldContain("This is process 1\n", customMessage: "signals of engines and kubelets go to that one");
            JsonElement ended = await StateAsync(api, run);
            ended.GetProperty("type").GetString().ShouldBe("COMPLETED", said);
            ended.GetRawText().ShouldContain("Good day, Ada!");
        }
        (int asked, string answer) = await podman.RunAsync("run", "--rm", "--entrypoint", "prefect", image, "version");
        asked.ShouldBe(0, answer);
        answer.ShouldContain("Version: Sluice ");

        // An eviction, an engine that is stopped, and a cancellation that no worker is there to carry out.
        await EndsAsync(podman, api, image, "relinquish", kill: true, 143, "RUNNING");
        await EndsAsync(podman, api, image, "reschedule", kill: true, 0, "SCHEDULED");
        await EndsAsync(podman, api, image, "reschedule", kill: false, 0, "CANCELLED");

        // Our own worker starts processes, and leaves the run to others.
        string left = JsonDocument.Parse(await SluiceAsync("deployment", "run", "Greet/hourly", "--output", "json", "--api-url", api)).RootElement.GetProperty("id").GetString()!;
        await using (ProgramRun worker = Start("worker", "start", "--api-url", api))
            await worker.WaitForLineAsync(line => line.Contains("its program is in a container image, and this worker starts processes", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        JsonDocument.Parse(await SluiceAsync("flow-run", "inspect", left, "--output", "json", "--api-url", api)).RootElement.GetProperty("state").GetProperty("type").GetString().ShouldBe("SCHEDULED");

        string again = await PublishAsync("Greeter", $"-p:SluiceStorage={Storage}", $"-p:SluiceApiUrl={api}");

        again.ShouldContain($"Image {image}: kept, nothing in it changed");
        again.ShouldContain("unchanged");
        (await TagsAsync("team/greet")).ShouldBe(tags);
    }

    [Fact]
    public async Task An_attribute_may_name_the_registry_and_a_program_that_cannot_start_makes_no_image()
    {
        string baseImage = await BaseImage.PushTinyAsync(_registry);
        _user.WriteProject("Greeter/Greeter.csproj");
        string storage = $"docker://{_registry.Host}/team?image_name=greeter&base_image={baseImage}&username={ContainerRegistry.User}&password=${{REGISTRY_PASSWORD}}";
        string flow = UserFolder.GreetFlow.Replace("Cron = \"0 * * * *\"", $"Storage = \"{storage}\"", StringComparison.Ordinal);
        _user.Write("Greeter/Flows.cs", flow.Replace("[Flow]", "static readonly string Rates = System.IO.File.ReadAllText(\"/nowhere/rates.json\");\n    [Flow]", StringComparison.Ordinal));

        await using (ProgramRun failed = await RunAsync("publish", "Greeter", "-nologo", "-tl:off"))
        {
            failed.Process.ExitCode.ShouldNotBe(0);
            (failed.Output + failed.Error).ShouldContain("error SLC1043: The flow 'Greet' cannot be called: its type does not load: System.IO.DirectoryNotFoundException");
        }
        (await TagsAsync("team/greeter")).ShouldBeEmpty();

        _user.Write("Greeter/Flows.cs", flow);
        (await PublishAsync("Greeter", "-p:SluicePlanOnly=true")).ShouldContain("Image: would be made anew");
        (await TagsAsync("team/greeter")).ShouldBeEmpty();
        (await PublishAsync("Greeter")).ShouldContain("pushed");
        (await TagsAsync("team/greeter")).ShouldHaveSingleItem();
        (await PublishAsync("Greeter", "-p:SluicePlanOnly=true")).ShouldContain(": would be kept");
        (await PublishAsync("Greeter", "-p:SluiceSkipUpload=true")).ShouldContain("1 unchanged");
    }

    [Fact]
    public async Task Without_a_registry_the_image_stays_in_this_machines_engine_and_the_publish_says_so()
    {
        Assert.SkipUnless(Podman.IsInstalled, Podman.Missing);
        await using var podman = new Podman(_registry);
        string baseImage = await BaseImage.PushTinyAsync(_registry);
        _user.WriteProject("Greeter/Greeter.csproj", $"<OutputType>Exe</OutputType><ContainerBaseImage>{baseImage}</ContainerBaseImage>");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);
        foreach ((string name, string? value) in podman.Environment)
            _further[name] = value;

        string output = await PublishAsync("Greeter", "-p:SluiceStorage=docker:///?engine=podman");

        output.ShouldContain($"loaded into podman of {System.Environment.MachineName}; it stays on this machine, since the storage names no registry");
        string image = (await _user.DeploymentsAsync()).Single().GetProperty("job_variables").GetProperty("image").GetString()!;
        image.ShouldMatch(@"^greet:\d{4}-\d\d-\d\dt[-\d]+$");
        (await podman.RunAsync("image", "exists", image)).Exit.ShouldBe(0);
        (await PublishAsync("Greeter", "-p:SluiceStorage=docker:///?engine=podman")).ShouldContain("kept, nothing in it changed");

        await using ProgramRun server = Start("server", "start", "--port", "0");
        string api = (await server.WaitForLineAsync(text => text.StartsWith("Server: ", StringComparison.Ordinal), TimeSpan.FromMinutes(2)))["Server: ".Length..].Trim();
        (await PublishAsync("Greeter", "-p:SluiceStorage=docker:///?engine=podman", $"-p:SluiceApiUrl={api}")).ShouldContain("warning SLC1048: The image greet:");
    }

    [Fact]
    public async Task The_SDKs_own_container_publish_works_as_ever_and_several_processors_deploy_once()
    {
        string several = await BaseImage.PushTinyAsync(_registry, "amd64", "arm64");
        _user.WriteProject("Greeter/Greeter.csproj", $"<OutputType>Exe</OutputType><ContainerBaseImage>{several}</ContainerBaseImage><UseAppHost>false</UseAppHost>");
        _user.Write("Greeter/Flows.cs", UserFolder.GreetFlow);

        string own = await PublishAsync("Greeter", "-t:PublishContainer", "-p:RuntimeIdentifiers=\"linux-x64;linux-arm64\"", $"-p:ContainerRegistry={_registry.Host}", "-p:ContainerRepository=own/greeter", "-p:ContainerImageTag=1");
        (await TagsAsync("own/greeter")).ShouldBe(["1", "1-linux-arm64", "1-linux-x64"], ignoreOrder: true);
        own.Split("Package ").Length.ShouldBe(2, own);
        (await _user.DeploymentsAsync()).ShouldHaveSingleItem().GetProperty("path").GetString().ShouldStartWith("file:");

        string output = await PublishAsync("Greeter", $"-p:SluiceStorage={Storage}", "-p:ContainerRuntimeIdentifiers=\"linux-x64;linux-arm64\"");
        output.Split("Image ").Length.ShouldBe(2, output);
        (await _user.DeploymentsAsync()).ShouldHaveSingleItem().GetProperty("path").GetString().ShouldStartWith("docker:");
        (await TagsAsync("team/greet")).Length.ShouldBe(3, "the index, and one image for each processor");
    }

    private static string[] Job(string api, string run, string behaviour = "reschedule") =>
        ["--env", $"PREFECT__FLOW_RUN_ID={run}", "--env", $"PREFECT_API_URL={api}", "--env", $"PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR={behaviour}"];

    /// <summary>Starts a run that waits for ever, and ends its container by SIGTERM or its run by a cancellation.</summary>
    private async Task EndsAsync(Podman podman, string api, string image, string behaviour, bool kill, int exit, string state)
    {
        string run = await RunAsync(api, "forever");
        string name = $"run-{run}";
        await using ProgramRun container = ProgramRun.Start("podman", ["run", "--rm", "--name", name, .. Job(api, run, behaviour), image, "prefect", "flow-run", "execute"], podman.Environment);
        await container.WaitForLineAsync(line => line == "This is process 1", TimeSpan.FromMinutes(2));
        if (kill)
            (await podman.RunAsync("kill", "--signal", "TERM", name)).Exit.ShouldBe(0);
        else
            await SluiceAsync("flow-run", "cancel", run, "--api-url", api);
        (await container.WaitForExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(exit, container.Output + container.Error);
        (await StateAsync(api, run)).GetProperty("type").GetString().ShouldBe(state);
    }

    private async Task<string> RunAsync(string api, string name) =>
        JsonDocument.Parse(await SluiceAsync("deployment", "run", "Greet/hourly", "--param", $"name={name}", "--output", "json", "--api-url", api)).RootElement.GetProperty("id").GetString()!;

    private async Task<JsonElement> StateAsync(string api, string run) =>
        JsonDocument.Parse(await SluiceAsync("flow-run", "inspect", run, "--output", "json", "--api-url", api)).RootElement.GetProperty("state");

    private IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>(_user.Environment.Concat(_further))
    {
        ["REGISTRY_PASSWORD"] = Canary,
        ["DOCKER_CONFIG"] = _registry.DockerConfig,
        ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = _registry.Host,
        // No user's network is in the way of 127.0.0.1.
        ["NO_PROXY"] = "127.0.0.1",
    };

    private Task<ProgramRun> RunAsync(params string[] arguments) => ProgramRun.CompleteAsync("dotnet", arguments, Environment, _user.Path, TimeSpan.FromMinutes(8));

    private ProgramRun Start(params string[] arguments) => ProgramRun.Start("dotnet", ["exec", Tool(), .. arguments], Environment, _user.Path);

    private async Task<string> SluiceAsync(params string[] arguments)
    {
        await using ProgramRun run = await RunAsync(["exec", Tool(), .. arguments]);
        run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
        return run.Output;
    }

    private async Task<string> PublishAsync(params string[] arguments)
    {
        await using ProgramRun run = await RunAsync(["publish", .. arguments, "-nologo", "-tl:off"]);
        run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
        return run.Output + run.Error;
    }

    // The tool is unpacked by the first restore; before that, the repository's own is the same program.
    private string Tool() => File.Exists(_user.Tool) ? _user.Tool : Path.Combine(Repository.Root, "src", "Sluice.Cli", "bin", "Release", "net10.0", "sluice.dll");

    private async Task<string[]> TagsAsync(string repository)
    {
        using HttpClient client = _registry.Client();
        using HttpResponseMessage response = await client.GetAsync(new Uri($"/v2/{repository}/tags/list", UriKind.Relative));
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        JsonElement tags = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("tags");
        return tags.ValueKind == JsonValueKind.Array ? [.. tags.EnumerateArray().Select(tag => tag.GetString()!)] : [];
    }
}
