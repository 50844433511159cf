using System.IO.Compression;

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
