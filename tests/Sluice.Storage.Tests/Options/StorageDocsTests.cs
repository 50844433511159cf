using Sluice.Storage.Git;
using Sluice.Storage.Options;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Options;

/// <summary>docs/storage.md lists every option of every scheme, as the code knows it.</summary>
public sealed class StorageDocsTests
{
    public static TheoryData<string> Schemes => [.. PackageStores.Options.Keys, .. CodeSources.Options.Keys];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Each_option_has_its_row(string scheme)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "storage.md"));
        lines.ShouldContain(line => line.StartsWith("## ", StringComparison.Ordinal) && line.Contains($"`{scheme}://", StringComparison.Ordinal), $"the section of {scheme}");
        string[] rows = [.. lines.SkipWhile(line => !line.Contains($"`{scheme}://", StringComparison.Ordinal) || !line.StartsWith("## ", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        rows.ShouldBe((PackageStores.Options.GetValueOrDefault(scheme) ?? CodeSources.Options[scheme]).Select(Row));
    }

    private static string Row(StoreOption option) =>
        $"| `{option.Name}` | {option.Meaning}{(option.IsSecret ? " Only as `${NAME}`." : "")}{(option.Values is { } values ? $" One of {string.Join(", ", values.Select(v => $"`{v}`"))}." : "")} |";
}
