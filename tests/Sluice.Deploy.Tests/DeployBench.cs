using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Deploy;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Deploy.Tests;

/// <summary>A project that was published, a home with the real embedded API and a real store, and a deploy on them.</summary>
internal sealed class DeployBench : IDisposable
{
    public const string Flow = """
        {
          "name": "Weather report", "entrypoint": "Weather.dll!Weather.Flows.Build", "description": "Reports.", "version": null,
          "retries": 2, "retry_delay_seconds": 10, "timeout_seconds": null, "persist_result": null,
          "parameter_openapi_schema": {
            "title": "Parameters", "type": "object", "required": ["city"], "definitions": {}, "additionalProperties": false,
            "properties": {
              "city": {"title": "city", "position": 0, "type": "string"},
              "days": {"title": "days", "position": 1, "type": "integer", "default": 7}
            }
          },
          "deployments": [
            {
              "name": "daily", "work_pool_name": null, "work_queue_name": null, "tags": ["weather"], "parameters": {"city": "Seattle"},
              "description": null, "version": null, "paused": null, "storage": null, "storage_key": null, "secrets": [], "add_default_labels": true,
              "infrastructure": null, "image": null, "job_variables": null, "concurrency_limit": null,
              "schedules": [{"slug": "schedule-1", "active": null, "parameters": null,
                "schedule": {"cron": "0 6 * * *", "interval": null, "rrule": null, "timezone": "Europe/Paris", "day_or": true, "anchor_date": null}}]
            },
            {
              "name": "manual", "work_pool_name": null, "work_queue_name": "etl", "tags": [], "parameters": {}, "description": null, "version": null,
              "paused": null, "storage": null, "storage_key": null, "secrets": [], "add_default_labels": true, "infrastructure": null, "image": null,
              "job_variables": {"env": {"LEVEL": "debug"}}, "concurrency_limit": 2, "schedules": []
            }
          ]
        }
        """;

    public DeployBench()
    {
        Home = new(Temp["home"]);
        Temp.Write("publish/Weather.dll", "the program");
        Temp.Write("publish/data/cities.csv", "Seattle;Paris");
        Temp.Write("publish/leftover.txt", "not listed");
        WriteFlows(JsonNode.Parse(Flow)!);
    }

    public TempFolder Temp { get; } = new();

    public SluiceHome Home { get; }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 22, 8, 30, 0, TimeSpan.Zero));

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>The secrets and blocks of the server.</summary>
    public StorageSources Sources { get; set; } = StorageSources.Environment;

    /// <summary>The lines for people of the last deploy.</summary>
    public string Output => Lines.ToString();

    private StringWriter Lines { get; set; } = new();

    public int ApiOpened { get; private set; }

    public TimeSpan SelfTestLimit { get; init; } = TimeSpan.FromMinutes(2);

    public DeployRequest Request => new()
    {
        Assembly = Temp["obj/Weather.dll"],
        Project = Temp["project/Weather.csproj"],
        PublishDir = Temp["publish"],
        Files = ["Weather.dll", "data/cities.csv"],
        TargetFramework = "net10.0",
        DeploymentMode = "framework-dependent",
        Version = "1.2.0",
        Commit = "0123456789abcdef0123",
    };

    /// <summary>A published folder whose program is the assembly with the manifest, as it is after a real publish.</summary>
    public string Program
    {
        get
        {
            File.Copy(Temp["obj/Weather.dll"], Temp["publish/Weather.dll"], overwrite: true);
            return Temp["publish/Weather.dll"];
        }
    }

    public void WriteFlows(params JsonNode[] flows) => FlowAssembly.Write(Temp["obj/Weather.dll"], flows.Select(f => f.ToJsonString()));

    /// <summary>Rewrites the assembly with the standard flow changed.</summary>
    public void ChangeFlow(Action<JsonNode> change)
    {
        JsonNode flow = JsonNode.Parse(Flow)!;
        change(flow);
        WriteFlows(flow);
    }

    /// <summary>Deploys.</summary>
    /// <param name="request">What; <see cref="Request"/> by default.</param>
    /// <param name="server">Through this server in place of opening the database.</param>
    /// <param name="beforeApply">Happens on the API just before the deploy applies, each time.</param>
    public async Task<DeployResult> RunAsync(DeployRequest? request = null, Uri? server = null, Func<IOrchestrationApi, Task>? beforeApply = null)
    {
        DeployEnvironment environment = Environment(server);
        if (beforeApply is not null)
        {
            Func<CancellationToken, Task<DeployTarget>> open = environment.OpenApiAsync;
            environment = environment with
            {
                OpenApiAsync = async token =>
                {
                    DeployTarget target = await open(token);
                    return target with { Api = BeforeApply.Of(target.Api, () => beforeApply(target.Api)) };
                },
            };
        }
        return await new DeployRunner(environment).RunAsync(request ?? Request, TestContext.Current.CancellationToken);
    }

    /// <summary>The surroundings of a deploy; what it says to people begins anew.</summary>
    /// <param name="server">As for <see cref="RunAsync"/>.</param>
    public DeployEnvironment Environment(Uri? server = null)
    {
        Lines = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        return new()
        {
            OpenApiAsync = async token =>
            {
                ApiOpened++;
                return server is null
                    ? new(await EmbeddedApi.OpenAsync(Home, TimeProvider.System, token), "the embedded API", IsLocal: true)
                    : new(new HttpOrchestrationApi(new ApiEndpoint(server.AbsoluteUri)), server.AbsoluteUri, IsLocal: false);
            },
            Home = Home,
            Output = Lines,
            Time = Time,
            Variable = Variables.GetValueOrDefault,
            Sources = Sources,
            SelfTestLimit = SelfTestLimit,
        };
    }

    public async Task<DeployOutcome> DeployAsync(DeployRequest? request = null)
    {
        DeployResult result = await RunAsync(request);
        result.Diagnostics.Where(d => !d.IsWarning).ShouldBeEmpty();
        return result.Outcome.ShouldNotBeNull();
    }

    public async Task<DeployError> FailAsync(DeployRequest? request = null)
    {
        DeployResult result = await RunAsync(request);
        result.Outcome.ShouldBeNull();
        return result.Diagnostics.Where(d => !d.IsWarning).ShouldHaveSingleItem();
    }

    public Task<IOrchestrationApi> OpenAsync() => EmbeddedApi.OpenAsync(Home, TimeProvider.System, TestContext.Current.CancellationToken);

    public async Task<Deployment?> LiveAsync(string name, string flow = "Weather report")
    {
        await using IOrchestrationApi api = await OpenAsync();
        return await api.FindDeploymentAsync(flow, name, TestContext.Current.CancellationToken);
    }

    /// <summary>The package that a live deployment names, pulled and verified.</summary>
    public async Task<CachedPackage> PullAsync(Deployment live) =>
        await new PackageCache(Temp["cache"], Sources).GetAsync(PackageReference.TryParse(live.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!)!, TestContext.Current.CancellationToken);

    public string[] Manifests() =>
        Directory.Exists(Home.Storage) ? [.. Directory.EnumerateFiles(Home.Storage, "manifest.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    public void Dispose() => Temp.Dispose();
}
