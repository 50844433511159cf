using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>A user's program that makes deployments, with the packed package.</summary>
[Collection(nameof(PackedFeed))]
public sealed class FromCodeTests(PackedFeed feed) : IDisposable
{
    private readonly UserFolder _user = new(feed);

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_program_deploys_its_own_flow_for_each_customer()
    {
        _user.WriteProject("App/App.csproj", "<OutputType>Exe</OutputType><SluiceFromCode>true</SluiceFromCode><SluiceGenerateMain>false</SluiceGenerateMain>");
        _user.Write("App/Flows.cs", UserFolder.GreetFlow);
        _user.Write("App/Program.cs", """
            using Sluice.Deploy;
            using Sluice.Deploy.Code;

            Deployment[] customers = [.. args.Select(name => Deployment.FromFlow(Flows.Greet, name).Parameter("name", name).Cron("0 6 * * *", "Europe/Oslo"))];
            foreach (DeployedDeployment made in (await Deployment.ApplyAsync(customers)).Deployments)
                Console.WriteLine($"{made.FullName} {made.Outcome}");
            """);
        (int built, string output) = await _user.DotNetAsync("build", "App", "-nologo", "-tl:off");
        built.ShouldBe(0, output);

        string[] program = ["exec", _user["App", "bin", "Debug", "net10.0", "App.dll"], "ada", "bob"];
        (int exit, string said) = await _user.DotNetAsync(program);
        exit.ShouldNotBe(0);
        said.ShouldContain("no server of ");
        said.ShouldContain("start one with `sluice dev` or `sluice server start`, or set PREFECT_API_URL.");

        await using ProgramRun server = ProgramRun.Start("dotnet", ["exec", _user.Tool, "server", "start", "--port", "0"], _user.Environment, _user.Path);
        await server.WaitForLineAsync(line => line.Contains("http://", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        (exit, said) = await _user.DotNetAsync(program);
        exit.ShouldBe(0, said);
        said.ReplaceLineEndings("\n").ShouldBe("Greet/ada created\nGreet/bob created\n");
        (await _user.DotNetAsync(program)).Output.ReplaceLineEndings("\n").ShouldBe("Greet/ada unchanged\nGreet/bob unchanged\n");

        JsonElement[] deployments = await _user.DeploymentsAsync();
        deployments.Select(one => one.GetProperty("full_name").GetString()).ShouldBe(["Greet/ada", "Greet/bob"]);
        server.Process.Send(Signal.Terminate);
        await server.WaitForExitAsync(TimeSpan.FromMinutes(1));
    }
}
