using System.Globalization;
using System.Text.Json;
using Sluice.Deploy;
using Sluice.Deploy.Ci;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Deploy.Tests;

/// <summary>What the test program does as a child process: deploys once, as another process would.</summary>
internal static class Child
{
    /// <summary>The running test program.</summary>
    public static string Program => Environment.ProcessPath!;

    /// <summary>Deploys what a request file asks for into a home, or to a server, then says the codes and how many packages can be seen; measures (see <see cref="PlanMeasure"/>), or adds to a Code Quality report.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["measure"])
        {
            await PlanMeasure.PrintAsync(1000);
            return 0;
        }
        if (args is ["quality", var report, var who, var count])
        {
            for (int i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
            {
                if (await CodeQuality.AddAsync([new("SLC1005", $"{who} {i}", "elsewhere")], name => name == CodeQuality.Variable ? report : null, default) is { } unwritten)
                    Console.WriteLine(unwritten);
            }
            return 0;
        }
        if (args is not ["deploy", var file, var folder, .. var server])
            return 2;
        var home = new SluiceHome(folder);
        Console.WriteLine("deploying");
        var environment = new DeployEnvironment
        {
            OpenApiAsync = async token => server is [var url]
                ? new(new HttpOrchestrationApi(new ApiEndpoint(url)), url, IsLocal: false)
                : new(await EmbeddedApi.OpenAsync(home, TimeProvider.System, token), "the embedded API", IsLocal: true),
            Home = home,
            Output = TextWriter.Null,
            Variable = _ => null,
        };
        DeployRequest request = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file), DeployJson.Default.DeployRequest)!;
        DeployResult result = await new DeployRunner(environment).RunAsync(request, default);
        foreach (DeployError error in result.Diagnostics)
            Console.WriteLine(error);
        string[] manifests = Directory.Exists(home.Storage) ? Directory.GetFiles(home.Storage, "manifest.json", SearchOption.AllDirectories) : [];
        Console.WriteLine($"packages: {manifests.Length}");
        return result.Succeeded ? 0 : 1;
    }
}
