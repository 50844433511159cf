using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Sluice.Server.Store;

/// <summary>Prefect's search in logs: words of which one must occur, <c>-</c> or <c>!</c> before what must not, <c>+</c> before what must, quotes around phrases.</summary>
internal sealed partial record LogText(List<string> Any, List<string> All, List<string> None)
{
    private const int Longest = 200;
    private const string Function = "sluice_contains";

    /// <summary>Gives a connection the comparison: SQLite's own knows upper and lower case of ASCII alone.</summary>
    public static void AddTo(SqliteConnection connection) => connection.CreateFunction(Function,
        (string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase), isDeterministic: true);

    /// <summary>The words of a query.</summary>
    /// <exception cref="Orchestration.OrchestrationException">Of kind Invalid: it is too long.</exception>
    public static LogText Read(string query)
    {
        if (query.Length > Longest)
            throw Refuse.Invalid("body.logs.text.query", $"query must have at most {Longest} characters, found {query.Length}.");
        LogText words = new([], [], []);
        foreach (Match word in Word().Matches(query))
        {
            string text = word.Groups["phrase"].Success ? word.Groups["phrase"].Value : word.Groups["word"].Value;
            if (text.Length > 0)
                (word.Groups["sign"].Value switch { "+" => words.All, "-" or "!" => words.None, _ => words.Any }).Add(text);
        }
        return words;
    }

    /// <summary>The condition on message and name of the alias l; case does not count.</summary>
    public static Sql? Matches(string query)
    {
        LogText words = Read(query);
        List<Sql> all = [.. words.All.Select(Contains), .. words.None.Select(text => (Sql)$"NOT {Contains(text)}")];
        if (words.Any.Count > 0)
            all.Add($"({Sql.Join(" OR ", [.. words.Any.Select(Contains)], "1")})");
        return all.Count == 0 ? null : Sql.Join(" AND ", all, "1");
    }

    private static Sql Contains(string text) => $"{Sql.Raw(Function)}(l.message || ' ' || l.name, {text})";

    [GeneratedRegex("""(?<sign>[-!+]?)(?:"(?<phrase>[^"]*)"|(?<word>\S+))""")]
    private static partial Regex Word();
}
