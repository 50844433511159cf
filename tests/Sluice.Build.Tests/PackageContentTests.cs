using System.IO.Compression;

namespace Sluice.Build.Tests;

/// <summary>What is in the package that flow projects reference.</summary>
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
}
