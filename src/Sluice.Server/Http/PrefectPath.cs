using System.Reflection;
using System.Text.RegularExpressions;

namespace Sluice.Server.Http;

/// <summary>One method of one path that a Prefect 3.8.3 server has.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Pattern">The path below <c>/api</c>; where Prefect takes ids only, so does the pattern.</param>
/// <param name="Implemented">Whether this server has it.</param>
internal sealed partial record PrefectPath(string Method, string Pattern, bool Implemented = false)
{
    /// <summary>All of them, in the order of Prefect's OpenAPI document.</summary>
    public static IReadOnlyList<PrefectPath> All { get; } = Read();

    /// <summary>The path as Prefect's documents write it.</summary>
    public string Path => Pattern.Replace(":guid}", "}", StringComparison.Ordinal);

    /// <summary>What tells paths apart, whatever their parameters are called.</summary>
    public string Shape => ShapeOf(Method, Pattern);

    public static string ShapeOf(string method, string pattern) => $"{method} {Parameter().Replace(pattern, "{}")}";

    private static List<PrefectPath> Read()
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream("prefect3.paths.txt")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(' ')).Select(words => new PrefectPath(words[0], words[1]))];
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
