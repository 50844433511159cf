using System.Text.RegularExpressions;
using MAB.DotIgnore;

namespace Sluice.Deploy.Packaging;

/// <summary>
/// What a package leaves out: the rules (gitignore's grammar, paths relative to the publish folder) of <c>.sluiceignore</c>, or of
/// <c>.prefectignore</c> where that is missing, in the project's folder and then in the publish folder.
/// </summary>
internal sealed partial class IgnoreFile
{
    private const string Stand = "\uE000";

    private static readonly string[] s_names = [".sluiceignore", ".prefectignore"];

    private readonly IgnoreList _rules;

    private IgnoreFile(IReadOnlyList<string> paths, IEnumerable<string> lines)
    {
        Paths = paths;
        _rules = new IgnoreList(lines, MatchFlags.PATHNAME);
    }

    /// <summary>The files the rules come from.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Reads the rules; null where there are none.</summary>
    public static IgnoreFile? Find(params IEnumerable<string> folders)
    {
        string[] found = [.. folders.Select(Path.GetFullPath).Distinct().Select(folder => s_names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)).OfType<string>()];
        return found.Length == 0 ? null : new(found, found.SelectMany(File.ReadAllLines).Select(Escaped));
    }

    // The library cannot escape '!': every one that neither negates a rule nor a set of characters becomes a character that it does not know.
    private static string Escaped(string line) => Exclamation().Replace(line.Replace(@"\!", Stand, StringComparison.Ordinal), Stand);

    [GeneratedRegex(@"(?<!^|\[)!")]
    private static partial Regex Exclamation();

    /// <summary>Whether a file is left out.</summary>
    /// <param name="path">Relative to the publish folder, with <c>/</c>.</param>
    public bool Ignores(string path)
    {
        path = path.Replace("!", Stand, StringComparison.Ordinal);
        // Git: a file below a folder that is left out cannot be brought back.
        for (int slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (_rules.IsIgnored(path[..slash], true))
                return true;
        }
        return _rules.IsIgnored(path, false);
    }
}
