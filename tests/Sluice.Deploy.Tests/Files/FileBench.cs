using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Deploy.Files;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Deploy.Tests.Files;

/// <summary>A published program, a folder for files, a home with the real embedded API, and builds and applies on them.</summary>
internal sealed class FileBench : IDisposable
{
    public FileBench()
    {
        Home = new(Temp["home"]);
        Temp.Write("publish/data/cities.csv", "Seattle;Paris");
        ChangeFlow(_ => { });
    }

    public TempFolder Temp { get; } = new();

    public SluiceHome Home { get; }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 22, 8, 30, 0, TimeSpan.Zero));

    /// <summary>The lines for people of the last apply.</summary>
    public string Output { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DeployEnvironment Surroundings(TextWriter output, Uri? server, Func<Task>? before = null, Action? onVariable = null) => new()
    {
        OpenApiAsync = async token => server is null
            ? new(before is null ? await EmbeddedApi.OpenAsync(Home, TimeProvider.System, token) : BeforeApply.Of(await EmbeddedApi.OpenAsync(Home, TimeProvider.System, token), before), "the embedded API", IsLocal: true)
            : new(new HttpOrchestrationApi(new ApiEndpoint(server.AbsoluteUri)), server.AbsoluteUri, IsLocal: false),
        Home = Home,
        Output = output,
        Time = Time,
        Variable = _ =>
        {
            onVariable?.Invoke();
            return null;
        },
    };

    public BuildRequest Request => new()
    {
        Assembly = Temp["publish/Weather.dll"],
        Folder = Temp.Path,
        ProjectVersion = "1.2.0",
        Commit = "0123456789abcdef0123",
        TargetFramework = "net10.0",
    };

    /// <summary>Writes the assembly with the standard flow changed.</summary>
    public void ChangeFlow(Action<JsonNode> change)
    {
        JsonNode flow = JsonNode.Parse(DeployBench.Flow)!;
        change(flow);
        FlowAssembly.Write(Temp["publish/Weather.dll"], [flow.ToJsonString()]);
    }

    public Task<BuildResult> RunAsync(BuildRequest? request = null, Action? onVariable = null) => new DeploymentFileBuilder(Surroundings(TextWriter.Null, null, onVariable: onVariable)).RunAsync(request ?? Request, Cancel);

    /// <summary>Builds the deployment <c>daily</c>.</summary>
    public async Task<BuiltFile> BuildAsync(BuildRequest? request = null)
    {
        BuildResult result = await RunAsync(request ?? Request with { Name = "daily" });
        result.Diagnostics.Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        return result.Files.ShouldHaveSingleItem();
    }

    public Task<DeployResult> ApplyAsync(params string[] files) => ApplyAsync(new() { Assembly = "", PublishDir = "" }, files);

    public async Task<DeployResult> ApplyAsync(DeployRequest request, string[] files, bool upload = false, Uri? server = null, Func<Task>? before = null)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        DeployResult result = await new DeployRunner(Surroundings(output, server, before)).ApplyFilesAsync(files, upload, request with { Assembly = files[0] }, Cancel);
        Output = output.ToString();
        return result;
    }

    /// <summary>Brings back the version before.</summary>
    public Task<DeployResult> RollBackAsync(string deployment, Uri server) => new RollbackRunner(Surroundings(TextWriter.Null, server)).RunAsync(new() { Deployments = [deployment] }, Cancel);

    public async Task<DeployOutcome> AppliedAsync(params string[] files)
    {
        DeployResult result = await ApplyAsync(files);
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty();
        return result.Outcome.ShouldNotBeNull();
    }

    public Task<IOrchestrationApi> OpenAsync() => EmbeddedApi.OpenAsync(Home, TimeProvider.System, Cancel);

    public async Task<Deployment?> LiveAsync(string name, string flow = "Weather report")
    {
        await using IOrchestrationApi api = await OpenAsync();
        return await api.FindDeploymentAsync(flow, name, Cancel);
    }

    /// <summary>Replaces a text in a file, which must be there.</summary>
    public static void Edit(string file, string from, string to)
    {
        string text = File.ReadAllText(file);
        text.ShouldContain(from);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal), new UTF8Encoding(false));
    }

    public void Dispose() => Temp.Dispose();
}
