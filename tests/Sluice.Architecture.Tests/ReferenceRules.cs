using System.Xml.Linq;
using Sluice.Testing;

namespace Sluice.Architecture.Tests;

/// <summary>Who may reference whom. The table is the rule; ARCHITECTURE.md explains it.</summary>
public sealed class ReferenceRules
{
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new()
    {
        ["Sluice"] = (["Sluice.Orchestration"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Sluice.Orchestration"] = ([], []),
        ["Sluice.Schedules"] = ([], []),
        ["Sluice.Schemas"] = ([], []),
        ["Sluice.Generators"] = ([], ["Microsoft.CodeAnalysis.CSharp", "Microsoft.CodeAnalysis.Analyzers", "Microsoft.CodeAnalysis.BannedApiAnalyzers"]),
        ["Sluice.CodeFixes"] = (["Sluice.Generators"], ["Microsoft.CodeAnalysis.CSharp.Workspaces", "Microsoft.CodeAnalysis.Analyzers"]),
        ["Sluice.Build"] = ([], ["Microsoft.Build.Framework", "Microsoft.Build.Utilities.Core"]),
        ["Sluice.Storage"] = ([], ["AWSSDK.Core", "AWSSDK.S3", "Azure.Core", "Azure.Identity", "Google.Apis", "Google.Apis.Auth"]),
        ["Sluice.Deploy"] = (["Sluice.Orchestration", "Sluice.Schedules", "Sluice.Schemas", "Sluice.Storage"], ["MAB.DotIgnore", "YamlDotNet"]),
        ["Sluice.Server"] = (["Sluice.Orchestration", "Sluice.Schedules", "Sluice.Schemas"], ["Microsoft.Data.Sqlite", "SQLitePCLRaw.bundle_e_sqlite3", "SQLitePCLRaw.core"]),
        ["Sluice.Worker"] = (["Sluice.Orchestration", "Sluice.Storage"], []),
        ["Sluice.Cli"] = (["Sluice.Deploy", "Sluice.Orchestration", "Sluice.Schedules", "Sluice.Schemas", "Sluice.Server", "Sluice.Storage", "Sluice.Worker"], ["System.CommandLine", "Spectre.Console"]),
    };

    public static TheoryData<string> Projects => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)!).Where(name => File.Exists(Path.Combine(Repository.Root, "src", name, name + ".csproj")))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_room_may_use(string project)
    {
        Allowed.ShouldContainKey(project, "a new project needs its row in this table and in ARCHITECTURE.md");
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));

        References(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).ShouldBeSubsetOf(Allowed[project].Projects);
        References(file, "PackageReference").ShouldBeSubsetOf(Allowed[project].Packages);
    }

    [Fact]
    public void Every_row_of_the_table_is_a_project() =>
        Allowed.Keys.Order().ShouldBe(Projects.Select(row => row.Data).Order());

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Generators.sln"));
        string[] projects = [.. new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !path.Contains("Fixtures", StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path))];
        projects.Where(project => !solution.Contains($"\\{project}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static IEnumerable<string> References(XDocument project, string item) =>
        project.Descendants(item).Select(reference => (string?)reference.Attribute("Include")).OfType<string>().SelectMany(include => include.Split(';'));
}
