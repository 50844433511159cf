using System.Text.RegularExpressions;

namespace Sluice.Server.Store;

/// <summary>Prefect's search in logs: words of which one must occur, <c>-</c> or <c>!</c> before what must not, <c>+</c> before what must, quotes around phrases.</summary>
internal static partial class LogText
{
    private const int Longest = 200;

    /// <summary>The condition on message and name of the alias l; case does not count.</summary>
    public static Sql? Matches(string query)
    {
        if (query.Length > Longest)
            throw Refuse.Invalid("body.logs.text.query", $"query must have at most {Longest} characters, found {query.Length}.");
        List<Sql> any = [], all = [];
        foreach (Match word in Word().Matches(query))
        {
            string text = word.Groups["phrase"].Success ? word.Groups["phrase"].Value : word.Groups["word"].Value;
            if (text.Length == 0)
                continue;
            switch (word.Groups["sign"].Value)
            {
                case "+":
                    all.Add(Contains(text));
                    break;
                case "-" or "!":
                    all.Add($"NOT {Contains(text)}");
                    break;
                default:
                    any.Add(Contains(text));
                    break;
            }
        }
        if (any.Count > 0)
            all.Add($"({Sql.Join(" OR ", any, "1")})");
        return all.Count == 0 ? null : Sql.Join(" AND ", all, "1");
    }

    private static Sql Contains(string text) => $"instr(lower(l.message || ' ' || l.name), {text.ToLowerInvariant()}) > 0";

    [GeneratedRegex("""(?<sign>[-!+]?)(?:"(?<phrase>[^"]*)"|(?<word>\S+))""")]
    private static partial Regex Word();
}
