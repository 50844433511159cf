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
    public static string Render(string template)
    {
        if (template.Length > LongestTemplate)
            throw new JinjaException(1, $"The template is longer than {LongestTemplate} characters");
        IReadOnlyList<Statement> statements = new JinjaParser(new JinjaLexer(template).Tokens()).Parse();
        var scope = new JinjaScope(new JinjaBudget(), null);
        var output = new StringBuilder();
        foreach (Statement statement in statements)
            statement.Write(scope, output);
        return output.ToString();
    }
}

/// <summary>How much a template may still do.</summary>
internal sealed class JinjaBudget
{
    private const int Steps = 100_000;
    private const int LongestText = 256 * 1024;
    private int _left = Steps;

    public void Spend(int line, int steps = 1)
    {
        if ((_left -= steps) < 0)
            throw new JinjaException(line, "The template takes too long");
    }

    /// <summary>Lets a text pass that is not too long.</summary>
    public string Text(int line, string text)
    {
        Room(line, text.Length);
        return text;
    }

    /// <summary>Sees that a text of that length may be made.</summary>
    public void Room(int line, long length)
    {
        if (length > LongestText)
            throw new JinjaException(line, $"The template makes a text of more than {LongestText} characters");
        Spend(line, (int)(length / 64));
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
