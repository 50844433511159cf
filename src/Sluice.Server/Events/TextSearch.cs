using System.Text;
using Sluice.Orchestration;

namespace Sluice.Server.Events;

/// <summary>
/// Prefect's text search: terms by spaces or in quotes; <c>-term</c> or <c>!term</c> excludes, <c>+term</c> is required, of the others one must be there.
/// Without regard to case, over the event's name, the values of its labels and its payload.
/// </summary>
internal sealed class TextSearch
{
    private readonly List<string> _include = [];
    private readonly List<string> _exclude = [];
    private readonly List<string> _required = [];

    public TextSearch(string query)
    {
        int at = 0;
        while (at < query.Length)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
                continue;
            }
            List<string> list = query[at] switch { '-' or '!' => _exclude, '+' => _required, _ => _include };
            if (list != _include)
                at++;
            string term = Term(query, ref at);
            if (term.Length > 0)
                list.Add(term);
        }
    }

    public bool Includes(EventCreate candidate)
    {
        var text = new StringBuilder(candidate.Event);
        foreach (string value in candidate.Resource.Values.Concat(candidate.Related.SelectMany(related => related.Values)))
            text.Append(' ').Append(value);
        text.Append(' ').Append(candidate.Payload?.ToString());
        string all = text.ToString();
        bool Has(string term) => all.Contains(term, StringComparison.OrdinalIgnoreCase);
        return (_include.Count == 0 || _include.Exists(Has)) && !_exclude.Exists(Has) && _required.TrueForAll(Has);
    }

    private static string Term(string query, ref int at)
    {
        var term = new StringBuilder();
        bool quoted = at < query.Length && query[at] == '"';
        if (quoted)
            at++;
        for (; at < query.Length; at++)
        {
            char c = query[at];
            if (c == '\\' && at + 1 < query.Length)
                c = query[++at];
            else if (quoted ? c == '"' : char.IsWhiteSpace(c))
                break;
            term.Append(c);
        }
        at++;
        return term.ToString();
    }
}
