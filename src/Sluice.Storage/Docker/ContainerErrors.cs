using System.Text.RegularExpressions;

namespace Sluice.Storage.Docker;

/// <summary>What the failures of the SDK's container publish mean.</summary>
internal static partial class ContainerErrors
{
    /// <summary>The exception that says it in one line.</summary>
    /// <param name="output">What the SDK printed.</param>
    /// <param name="plan">The image.</param>
    /// <param name="where">The registry or the engine.</param>
    public static StorageException Translate(string output, ImagePlan plan, string where)
    {
        string[] lines = [.. ErrorLine().Matches(output).Select(match => Tidy(match.Groups["text"].Value)).Distinct()];
        // What the SDK does not expect comes as an exception with its stack, line by line: its message is what counts.
        string[] errors = [.. lines.Where(line => !StackLine().IsMatch(line)).Select(line => ExceptionType().Replace(line, ""))];
        string said = errors.Length > 0 ? string.Join("; ", errors) : Tidy(output.Trim().Split('\n')[^1]);
        string what = $"The image {plan.Repository}:{plan.Tag} could not be made";
        string baseImage = plan.BaseImage ?? $".NET's own for {plan.TargetFramework}";
        return Code().Match(output).Value switch
        {
            // The base image: not there, not for this processor, or in a registry that refuses.
            "CONTAINER1011" or "CONTAINER2005" or "CONTAINER2007" or "CONTAINER2009" or "CONTAINER2010" or "CONTAINER2012" or "CONTAINER1015" or "CONTAINER1016" =>
                new(StorageErrorKind.NotFound, $"{what}: the base image ({baseImage}) cannot be used: {said}. Correct base_image (or ContainerBaseImage), or sign in to its registry."),
            "CONTAINER1009" or "CONTAINER3002" => new(StorageErrorKind.Unavailable, $"{what}: {where} did not load it: {said}. Is its daemon running?"),
            _ => new(Kind(said), $"{what} at {where}: {said}. Nothing was deployed; publish again."),
        };
    }

    private static StorageErrorKind Kind(string said) =>
        said.Contains("Unauthorized", StringComparison.OrdinalIgnoreCase) || said.Contains("Forbidden", StringComparison.OrdinalIgnoreCase) || said.Contains("denied", StringComparison.OrdinalIgnoreCase) ? StorageErrorKind.Forbidden
        : said.Contains("space", StringComparison.OrdinalIgnoreCase) || said.Contains("quota", StringComparison.OrdinalIgnoreCase) || said.Contains("Insufficient", StringComparison.OrdinalIgnoreCase) ? StorageErrorKind.Full
        : StorageErrorKind.Unavailable;

    private static string Tidy(string text) => ProjectTail().Replace(text, "").ReplaceLineEndings(" ").Trim().TrimEnd('.');

    [GeneratedRegex(@"error (?<code>[A-Z]+\d+)\s*:\s*(?<text>[^\n]*)")]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"^(at |---|The ""\w+"" task failed unexpectedly|$)")]
    private static partial Regex StackLine();

    [GeneratedRegex(@"^(Unhandled exception\. )?[A-Z]\w+(\.\w+)+Exception: ")]
    private static partial Regex ExceptionType();

    [GeneratedRegex(@"(?<=error )CONTAINER\d{4}")]
    private static partial Regex Code();

    [GeneratedRegex(@"\s*\[[^\[\]]*image\.proj[^\[\]]*\]\s*$")]
    private static partial Regex ProjectTail();
}
