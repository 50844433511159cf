using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Worker.Programs;

/// <summary>Says in a sentence why a build failed, from what it wrote.</summary>
internal static partial class BuildErrors
{
    private const int Shown = 5;
    private const int LastLines = 3;

    /// <summary>The first errors, with paths relative to the source.</summary>
    /// <param name="output">The build's lines.</param>
    /// <param name="folder">The source's folder.</param>
    /// <param name="sdks">The machine's SDKs.</param>
    public static string Describe(IReadOnlyList<string> output, string folder, string sdks)
    {
        // What dotnet says where no SDK fits the source's global.json.
        if (output.Select(line => RequestedSdk().Match(line)).FirstOrDefault(match => match.Success) is { } requested)
            return $"its global.json asks for the .NET SDK {requested.Groups[1].Value}, and the worker's machine has {sdks}: install that SDK there, or change global.json";

        string[] errors = [.. output.Where(line => Error().IsMatch(line)).Select(line => Clean(line, folder)).Distinct(StringComparer.Ordinal)];
        if (errors.Length == 0)
            return $"dotnet publish failed without an error line; its last lines: {Last(output, folder)}";
        string shown = string.Join("; ", errors.Take(Shown));
        if (errors.Length > Shown)
            shown += string.Create(CultureInfo.InvariantCulture, $"; and {errors.Length - Shown} more");
        return shown.TrimEnd('.') + Hint(errors);
    }

    /// <summary>Whether <see cref="Describe"/> makes use of a line wherever in the output it is.</summary>
    public static bool Tells(string line) => Error().IsMatch(line) || RequestedSdk().IsMatch(line);

    /// <summary>The last lines, with paths relative to the source.</summary>
    /// <param name="output">The build's lines.</param>
    /// <param name="folder">The source's folder.</param>
    public static string Last(IReadOnlyList<string> output, string folder) =>
        string.Join(" / ", output.Where(line => !string.IsNullOrWhiteSpace(line)).TakeLast(LastLines).Select(line => Clean(line, folder)));

    private static string Hint(string[] errors) =>
        errors.Any(error => MissingPackage().IsMatch(error)) ? ". The worker restores packages from its own NuGet sources: give its nuget.config, or the source's, one that has the package"
        : errors.Any(error => error.Contains("NETSDK1129", StringComparison.Ordinal)) ? ". A source that workers build has one TargetFramework"
        : "";

    // MSBuild ends a line with the project that it was building: it is named already.
    private static string Clean(string line, string folder)
    {
        string text = Project().Replace(line.Trim(), "");
        return text.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?:^|:)\s*error(?:\s+\w+)?\s*:\s", RegexOptions.CultureInvariant)]
    private static partial Regex Error();

    [GeneratedRegex(@"\s\[[^\[\]]*proj(?:::[^\[\]]*)?\]$", RegexOptions.CultureInvariant)]
    private static partial Regex Project();

    [GeneratedRegex(@"\berror NU110[0-3]:", RegexOptions.CultureInvariant)]
    private static partial Regex MissingPackage();

    [GeneratedRegex(@"^Requested SDK version: (\S+)", RegexOptions.CultureInvariant)]
    private static partial Regex RequestedSdk();
}
