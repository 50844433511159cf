using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.Architecture.Tests;

/// <summary>docs/parity.md has a row for each feature of Prefect that we compare with, and names tests that exist.</summary>
public sealed partial class ParityRules
{
    private const int StorageRows = 32;
    private const int DeploymentRows = 47;

    private static readonly string[][] Rows = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "parity.md"))
        .Where(line => FeatureRow().IsMatch(line))
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];

    [Fact]
    public void Every_feature_has_one_row()
    {
        string[] expected = [.. Enumerable.Range(1, StorageRows).Select(row => $"S{row}"), .. Enumerable.Range(1, DeploymentRows).Select(row => $"D{row}")];
        Rows.Select(row => row[0]).ShouldBe(expected);
    }

    [Fact]
    public void Every_row_names_tests_that_exist_or_is_open()
    {
        string tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (string[] row in Rows)
        {
            row.Length.ShouldBe(4, row[0]);
            if (row[3] == "open")
                continue;
            string[] named = [.. TestName().Matches(row[3]).Select(match => match.Groups[1].Value)];
            named.ShouldNotBeEmpty(row[0]);
            named.Where(name => !tests.Contains($" {name}(", StringComparison.Ordinal)).ShouldBeEmpty(row[0]);
        }
    }

    [GeneratedRegex(@"^\| [SD]\d+ \|")]
    private static partial Regex FeatureRow();

    [GeneratedRegex("`([A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
