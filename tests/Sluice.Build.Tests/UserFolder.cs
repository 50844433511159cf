using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>A folder outside of the repository in which a user writes projects, with a home of its own.</summary>
public sealed class UserFolder : IDisposable
{
    public const string GreetFlow = """
        using Sluice;

        public static class Flows
        {
            /// <summary>Greets somebody.</summary>
            /// <param name="name">Whom.</param>
            [Flow]
            [Deployment("hourly", Cron = "0 * * * *")]
            public static string Greet(string name = "world") => $"Hello, {name}!";
        }
        """;

    private readonly TempFolder _folder = new();
    private readonly PackedFeed _feed;

    public UserFolder(PackedFeed feed)
    {
        _feed = feed;
        Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <add key="feed" value="{feed.Path}" />
              </packageSources>
            </configuration>
            """);
        // Stops MSBuild's search for shared files at the border of the user's folder.
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Build.targets", "<Project />");
        Write("Directory.Packages.props", "<Project />");
    }

    public string Path => _folder.Path;

    public string Home => _folder["home"];

    /// <summary>Further variables of the programs that run here.</summary>
    public Dictionary<string, string?> Variables { get; } = [];

    public IReadOnlyDictionary<string, string?> Environment => BuildEnvironment.Variables.Where(known => !Variables.ContainsKey(known.Key)).Concat(Variables).Append(new("SLUICE_HOME", Home)).ToDictionary();

    /// <summary>The package's tool for this system, as restoring unpacked it.</summary>
    public string Tool => System.IO.Path.Combine(System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? System.IO.Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages"), "sluice", _feed.Version, "tools", $"cli-{BuildFacts.RuntimeIdentifier}", "sluice.dll");

    public string this[params string[] parts] => _folder[parts];

    public void Write(string path, string text)
    {
        string full = _folder[path.Split('/')];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    /// <summary>Writes a project that references the package.</summary>
    public void WriteProject(string path, string properties = "<OutputType>Exe</OutputType>", string items = "", string framework = "<TargetFramework>net10.0</TargetFramework>") => Write(path, $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            {framework}
            {properties}
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <NuGetAudit>false</NuGetAudit>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Sluice" Version="{_feed.Version}" />
            {items}
          </ItemGroup>
        </Project>
        """);

    /// <summary>The package's version.</summary>
    public string Version => _feed.Version;

    /// <summary>Runs dotnet here; the answer is its exit code and all it printed.</summary>
    public async Task<(int Exit, string Output)> DotNetAsync(params string[] arguments)
    {
        await using ProgramRun run = await ProgramRun.CompleteAsync("dotnet", arguments, Environment, Path, TimeSpan.FromMinutes(8));
        return (run.Process.ExitCode, run.Output + run.Error);
    }

    /// <summary>Publishes and expects success.</summary>
    public async Task<string> PublishAsync(params string[] arguments)
    {
        (int exit, string output) = await DotNetAsync(["publish", .. arguments, "-nologo", "-tl:off"]);
        exit.ShouldBe(0, output);
        return output;
    }

    /// <summary>Runs the package's tool here.</summary>
    public Task<(int Exit, string Output)> SluiceAsync(params string[] arguments) => DotNetAsync(["exec", Tool, .. arguments]);

    /// <summary>The deployments, as <c>sluice deployment ls --output json</c> gives them.</summary>
    public async Task<JsonElement[]> DeploymentsAsync()
    {
        if (!File.Exists(System.IO.Path.Combine(Home, "sluice.db")))
            return [];
        await using ProgramRun run = await ProgramRun.CompleteAsync("dotnet", ["exec", Tool, "deployment", "ls", "--output", "json"], Environment, Path);
        run.Process.ExitCode.ShouldBe(0, run.Error);
        return [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];
    }

    /// <summary>Runs a deployment with <c>--watch</c> and returns all it printed.</summary>
    public async Task<string> RunAsync(string deployment, params string[] arguments)
    {
        (int exit, string output) = await SluiceAsync(["deployment", "run", deployment, "--watch", .. arguments]);
        exit.ShouldBe(0, output);
        return output;
    }

    /// <summary>Types a line into the system's shell and expects success.</summary>
    public async Task<string> ShellAsync(string line)
    {
        await using ProgramRun run = OperatingSystem.IsWindows()
            ? await ProgramRun.CompleteAsync("cmd.exe", ["/c", line], Environment, Path)
            : await ProgramRun.CompleteAsync("/bin/sh", ["-c", line], Environment, Path);
        run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
        return run.Output;
    }

    public void Dispose() => _folder.Dispose();
}
