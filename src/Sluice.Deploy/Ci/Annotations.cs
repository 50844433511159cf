using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Deploy.Ci;

/// <summary>Errors and warnings in the words by which a CI system shows them beside a change.</summary>
/// <remarks>Rule: "Workflow commands for GitHub Actions" and "Logging commands" of Azure Pipelines, with the escapes of their runners.</remarks>
public static partial class Annotations
{
    /// <summary>Names the system in place of what is found: <c>github</c>, <c>azure</c>, or <c>none</c>.</summary>
    public const string Variable = "SLUICE_ANNOTATIONS";

    /// <summary>The lines to write; none outside of such systems.</summary>
    /// <param name="diagnostics">What is to be said.</param>
    /// <param name="underMSBuild">Whether a build says it already: tasks of Azure Pipelines that run <c>dotnet</c> make issues of a build's errors themselves.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static IEnumerable<string> Of(IEnumerable<DeployError> diagnostics, bool underMSBuild, Func<string, string?> variable) => SystemOf(underMSBuild, variable) switch
    {
        "github" => diagnostics.Select(one => GitHub(one, variable("GITHUB_WORKSPACE"))),
        "azure" => diagnostics.Select(one => Azure(one, variable("BUILD_SOURCESDIRECTORY"))),
        _ => [],
    };

    private static string? SystemOf(bool underMSBuild, Func<string, string?> variable) =>
        variable(Variable) is { Length: > 0 } named ? named.ToLowerInvariant()
        : variable("GITHUB_ACTIONS") == "true" ? "github"
        : string.Equals(variable("TF_BUILD"), "true", StringComparison.OrdinalIgnoreCase) && !underMSBuild ? "azure"
        : null;

    private static string GitHub(DeployError one, string? root)
    {
        return $"::{(one.IsWarning ? "warning" : "error")} {(FileOf(one, root) is { } file ? $"file={Property(file)}," : "")}{(PlaceIn(one) is { Success: true } place ? $"line={place.Groups[1].ValueSpan},col={place.Groups[2].ValueSpan}," : "")}title={Property(one.Code)}::{Data(one.Message)}";

        static string Data(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
        static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
    }

    private static string Azure(DeployError one, string? root)
    {
        return $"##vso[task.logissue type={(one.IsWarning ? "warning" : "error")};{(FileOf(one, root) is { } file ? $"sourcepath={Property(file)};" : "")}{(PlaceIn(one) is { Success: true } place ? $"linenumber={place.Groups[1].ValueSpan};columnnumber={place.Groups[2].ValueSpan};" : "")}code={Property(one.Code)};]{Data(one.Message)}";

        static string Data(string text) => text.Replace("%", "%AZP25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
        static string Property(string text) => Data(text).Replace(";", "%3B", StringComparison.Ordinal).Replace("]", "%5D", StringComparison.Ordinal);
    }

    /// <summary>The file that a message is about, from the root of the checkout on; null where it is none of it.</summary>
    internal static string? FileOf(DeployError one, string? root)
    {
        // A file that was typed may be relative; an app's name is none.
        string origin = PlaceIn(one) is { Success: true } place ? Path.GetFullPath(one.Origin[..place.Index]) : one.Origin;
        if (string.IsNullOrEmpty(root) || !Path.IsPathFullyQualified(origin))
            return null;
        string relative = Path.GetRelativePath(root, origin);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? null : relative.Replace('\\', '/');
    }

    /// <summary>The line in that file; null where none is told.</summary>
    internal static int? LineOf(DeployError one) => PlaceIn(one) is { Success: true } place ? int.Parse(place.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    /// <summary>The line and column at the end of an origin, as <c>weather-deployment.yaml(6,1)</c>.</summary>
    private static Match PlaceIn(DeployError one) => Place().Match(one.Origin);

    [GeneratedRegex(@"\(([0-9]{1,9}),([0-9]{1,9})\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
