using System.IO.Compression;
using System.Reflection.PortableExecutable;
using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>What the package that flow projects reference brings for compiler and IDE.</summary>
[Collection(nameof(PackedFeed))]
public sealed class PackageContentTests(PackedFeed feed)
{
    [Fact]
    public void Generator_and_code_fixes_lie_where_compiler_and_IDE_look_and_nothing_else_does()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"Sluice.{feed.Version}.nupkg"));
        package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(["analyzers/dotnet/cs/Sluice.CodeFixes.dll", "analyzers/dotnet/cs/Sluice.Generators.dll"]);
    }

    [Fact]
    public void The_tool_is_there_for_every_system_and_compiled_ahead_of_time_for_this_one()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"Sluice.{feed.Version}.nupkg"));
        Dictionary<string, bool> portable = Assemblies("tools/cli/"), ahead = Assemblies($"tools/cli-{BuildFacts.RuntimeIdentifier}/");

        portable.ShouldContainKey("sluice.dll");
        ahead.Keys.Order(StringComparer.Ordinal).ShouldBe(portable.Keys.Order(StringComparer.Ordinal));
        portable["sluice.dll"].ShouldBeFalse();
        ahead.Where(assembly => !assembly.Value).ShouldBeEmpty();
        package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith($"tools/cli-{BuildFacts.RuntimeIdentifier}/runtimes/", StringComparison.Ordinal))
            .ShouldAllBe(name => name.Contains($"/runtimes/{BuildFacts.RuntimeIdentifier}/", StringComparison.Ordinal));

        // Each, and whether it holds native code.
        Dictionary<string, bool> Assemblies(string folder) => package.Entries
            .Where(entry => entry.FullName.StartsWith(folder, StringComparison.Ordinal) && entry.FullName.LastIndexOf('/') == folder.Length - 1 && entry.Name.EndsWith(".dll", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, entry =>
            {
                using Stream stream = entry.Open();
                var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                bytes.Position = 0;
                using var image = new PEReader(bytes);
                return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
            });
    }

    [Fact]
    public async Task A_publish_runs_the_tool_that_was_compiled_for_its_system_and_has_far_less_left_to_compile()
    {
        using var user = new UserFolder(feed);
        user.WriteProject("Greeter/Greeter.csproj");
        user.Write("Greeter/Flows.cs", """
            using Sluice;

            public static class Flows
            {
                [Flow]
                [Deployment("daily", Cron = "0 6 * * *", TimeZone = "UTC", WorkQueue = "q")]
                internal static string Greet(string name = "you") => name;
            }
            """);
        (int exit, string output) = await user.DotNetAsync("publish", "Greeter");
        exit.ShouldBe(0, output);
        string ahead = await ToolAsync(), portable = await ToolAsync("-p:NETCoreSdkPortableRuntimeIdentifier=plan9-x64");

        ahead.ShouldEndWith(Path.Combine("tools", $"cli-{BuildFacts.RuntimeIdentifier}", "sluice.dll"));
        portable.ShouldEndWith(Path.Combine("tools", "cli", "sluice.dll"));
        ((double)await CompiledAsync(ahead)).ShouldBeLessThan(await CompiledAsync(portable) * 0.7);

        async Task<string> ToolAsync(params string[] more) => (await user.DotNetAsync(["msbuild", "Greeter", "-getProperty:SluiceToolAssembly", .. more])).Output.Trim();

        // How many methods a deploy that changes nothing compiles. Each once: what is compiled again in the background may write to the list when the runtime has closed it, and abort.
        async Task<int> CompiledAsync(string tool)
        {
            string list = user["compiled.txt"];
            File.Delete(list);
            Dictionary<string, string?> environment = new(user.Environment) { ["DOTNET_JitStdOutFile"] = list, ["DOTNET_JitDisasmSummary"] = "1", ["DOTNET_TieredCompilation"] = "0" };
            await using ProgramRun run = await ProgramRun.CompleteAsync("dotnet", ["exec", tool, "deploy", "--request", user["Greeter", "obj", "Release", "net10.0", "sluice.request.json"]], environment);
            run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
            return File.ReadLines(list).Count();
        }
    }

    [Fact]
    public async Task The_packages_code_fixes_mend_a_project_at_the_command_line()
    {
        using var user = new UserFolder(feed);
        user.WriteProject("Greeter/Greeter.csproj");
        user.Write("Greeter/Flows.cs", """
            using Sluice;

            public static class Flows
            {
                [Flow]
                [Deployment("a/b", Cron = "0 0 6 * * ?", TimeZone = "Romance Standard Time", Parameters = "{\"name\": 7}")]
                static string Greet(string name) => name;
            }
            """);

        (int exit, string output) = await user.DotNetAsync("format", "analyzers", "Greeter", "--severity", "warn");

        exit.ShouldBe(0, output);
        (await File.ReadAllTextAsync(user["Greeter", "Flows.cs"])).ShouldContain("""
                [Deployment("a-b", Cron = "0 6 * * *", TimeZone = "Europe/Paris", Parameters = "{\"name\": \"7\"}")]
                internal static string Greet(string name) => name;
            """);
    }
}
