using Sluice.Cli.Runs;

namespace Sluice.Cli.Migration;

/// <summary>What is copied, in the order in which it is: what others refer to comes first.</summary>
internal enum MigrationKind
{
    Limits,
    Variables,
    Pools,
    Blocks,
    Flows,
    Deployments,
}

/// <summary>Kinds as <c>--only</c> names them.</summary>
internal static class MigrationKinds
{
    /// <summary>Everything but blocks, which hold secrets.</summary>
    public static IReadOnlySet<MigrationKind> Default { get; } = Enum.GetValues<MigrationKind>().Where(kind => kind != MigrationKind.Blocks).ToHashSet();

    public static string Word(MigrationKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Reads <c>flows,deployments</c>.</summary>
    /// <exception cref="CliException">A word is none of the kinds.</exception>
    public static IReadOnlySet<MigrationKind> Parse(string words)
    {
        string[] known = [.. Enum.GetValues<MigrationKind>().Select(Word).Order()];
        var kinds = new HashSet<MigrationKind>();
        foreach (string word in words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!known.Contains(word))
                throw CliException.BadUsage($"--only: '{word}' is not copied.{DidYouMean.Question(word, known)} It takes: {string.Join(", ", known)}");
            kinds.Add(Enum.Parse<MigrationKind>(word, ignoreCase: true));
        }
        return kinds.Count > 0 ? kinds : throw CliException.BadUsage($"--only names nothing; it takes: {string.Join(", ", known)}");
    }
}
