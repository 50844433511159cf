using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice.Schemas.Jinja;

/// <summary>
/// A small renderer of Jinja templates in the dialect of Prefect's templated parameters: expressions, filters, tests, <c>if</c>, <c>for</c>, <c>set</c>,
/// <c>raw</c> and comments, in Prefect's sandbox (ranges of at most 100, at most 10 loops, nested at most twice) and bounded in time and memory.
/// Names that are not known are undefined and render as nothing, as with Prefect, whose parameters know no names.
/// </summary>
public static class JinjaTemplate
{
    private const int LongestTemplate = 64 * 1024;

    /// <summary>Renders a template to text.</summary>
    /// <exception cref="JinjaException">It is wrong, holds something that is not supported, or is too much work.</exception>
    public static string Render(string template) => Render(template, new JinjaBudget());

    /// <summary>With a budget that several templates share.</summary>
    internal static string Render(string template, JinjaBudget budget)
    {
        if (template.Length > LongestTemplate)
            throw new JinjaException(1, $"The template is longer than {LongestTemplate} characters");
        budget.Many(1, template.Length);
        IReadOnlyList<Statement> statements = new JinjaParser(new JinjaLexer(template).Tokens()).Parse();
        var scope = new JinjaScope(budget, null);
        var output = new StringBuilder();
        foreach (Statement statement in statements)
            statement.Write(scope, output);
        return output.ToString();
    }
}

/// <summary>
/// How much a template may still do. A step is what takes about a microsecond or keeps about a hundred bytes; whatever goes through a text, a list or a
/// mapping pays for its length.
/// </summary>
internal sealed class JinjaBudget
{
    private const int Steps = 100_000;
    private const int LongestText = 256 * 1024;
    private int _left = Steps;

    /// <summary>Pays, and sees that there is stack for what comes: every recursion passes here.</summary>
    public void Spend(int line, long steps = 1)
    {
        if (steps > _left)
            throw new JinjaException(line, "The template takes too long");
        _left -= (int)steps;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException(line, "The template nests too deeply");
    }

    /// <summary>Pays for so many items that are made or copied at once.</summary>
    public void Many(int line, long items) => Spend(line, items / 8);

    /// <summary>Lets a text pass that is not too long.</summary>
    public string Text(int line, string text)
    {
        Room(line, text.Length);
        return text;
    }

    /// <summary>Sees that a text of that length may be made, and pays for it.</summary>
    public void Room(int line, long length)
    {
        Fits(line, length);
        Spend(line, length / 64);
    }

    /// <summary>Sees that a text of that length may be made, while it grows.</summary>
    public void Fits(int line, long length)
    {
        if (length > LongestText)
            throw new JinjaException(line, $"The template makes a text of more than {LongestText} characters");
    }

    /// <summary>Pays for a search, which may take the product of both lengths.</summary>
    public string Searched(int line, string text, string part)
    {
        Spend(line, text.Length / 64 + (long)text.Length * part.Length / 16384);
        return text;
    }

    /// <summary>Pays for the letters that are cut off, each of which is looked for among all.</summary>
    public char[]? Cutting(int line, string text, char[]? letters)
    {
        char[]? once = letters?.Distinct().ToArray();
        Spend(line, (long)text.Length * (once?.Length ?? 1) / 512);
        return once;
    }
}

/// <summary>The names that are known at a place.</summary>
internal sealed class JinjaScope(JinjaBudget budget, JinjaScope? outer)
{
    private readonly Dictionary<string, object?> _names = [];

    public JinjaBudget Budget => budget;

    public object? this[string name]
    {
        get => _names.TryGetValue(name, out object? value) ? value : outer is null ? new JinjaUndefined(name) : outer[name];
        set => _names[name] = value;
    }
}
