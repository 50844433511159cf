using System.Text;

namespace Sluice.Schemas.Jinja;

internal abstract record Statement(int Line)
{
    public abstract void Write(JinjaScope scope, StringBuilder output);

    protected static void All(List<Statement> statements, JinjaScope scope, StringBuilder output)
    {
        foreach (Statement statement in statements)
            statement.Write(scope, output);
    }

    protected void Append(JinjaScope scope, StringBuilder output, string text)
    {
        scope.Budget.Spend(Line, 1 + text.Length / 64);
        scope.Budget.Fits(Line, (long)output.Length + text.Length);
        output.Append(text);
    }
}

internal sealed record DataStatement(string Text, int Line) : Statement(Line)
{
    public override void Write(JinjaScope scope, StringBuilder output) => Append(scope, output, Text);
}

internal sealed record PrintStatement(Expression Value, int Line) : Statement(Line)
{
    public override void Write(JinjaScope scope, StringBuilder output) => Append(scope, output, JinjaValues.Text(Value.Value(scope), scope.Budget, Line));
}

internal sealed record IfStatement(List<(Expression? Condition, List<Statement> Body)> Branches, int Line) : Statement(Line)
{
    public override void Write(JinjaScope scope, StringBuilder output)
    {
        foreach (var (condition, body) in Branches)
        {
            if (condition is not null && !JinjaValues.Truth(condition.Value(scope)))
                continue;
            All(body, scope, output);
            return;
        }
    }
}

internal sealed record ForStatement(List<string> Names, Expression Items, Expression? Filter, List<Statement> Body, List<Statement> Otherwise, int Line) : Statement(Line)
{
    public override void Write(JinjaScope scope, StringBuilder output)
    {
        List<object?> items = JinjaValues.Items(Items.Value(scope), scope.Budget, Line);
        if (Filter is not null)
            items = [.. items.Where(item => JinjaValues.Truth(Filter.Value(Inside(scope, item))))];
        if (items.Count == 0)
        {
            All(Otherwise, scope, output);
            return;
        }
        for (int i = 0; i < items.Count; i++)
        {
            scope.Budget.Spend(Line);
            JinjaScope inside = Inside(scope, items[i]);
            inside["loop"] = Loop(items, i);
            All(Body, inside, output);
        }
    }

    private JinjaScope Inside(JinjaScope scope, object? item)
    {
        scope.Budget.Spend(Line, Names.Count);
        var inside = new JinjaScope(scope.Budget, scope);
        if (Names.Count == 1)
        {
            inside[Names[0]] = item;
            return inside;
        }
        List<object?> parts = JinjaValues.Items(item, scope.Budget, Line);
        if (parts.Count != Names.Count)
            throw new JinjaException(Line, FormattableString.Invariant($"{Names.Count} names for {parts.Count} values"));
        for (int i = 0; i < Names.Count; i++)
            inside[Names[i]] = parts[i];
        return inside;
    }

    private static JinjaMap Loop(List<object?> items, int i) => new()
    {
        ["index"] = i + 1L,
        ["index0"] = (long)i,
        ["revindex"] = (long)items.Count - i,
        ["revindex0"] = items.Count - i - 1L,
        ["first"] = i == 0,
        ["last"] = i == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = i > 0 ? items[i - 1] : new JinjaUndefined("previtem"),
        ["nextitem"] = i < items.Count - 1 ? items[i + 1] : new JinjaUndefined("nextitem"),
        ["cycle"] = new JinjaFunction((values, line) => values.Count > 0 ? values[i % values.Count] : throw new JinjaException(line, "no items for cycling given")),
    };
}

internal sealed record SetStatement(string Name, string? Member, Expression? Given, List<Statement>? Body, int Line) : Statement(Line)
{
    public override void Write(JinjaScope scope, StringBuilder output)
    {
        object? value;
        if (Given is not null)
        {
            value = Given.Value(scope);
        }
        else
        {
            var inner = new StringBuilder();
            All(Body!, scope, inner);
            value = inner.ToString();
        }
        if (Member is null)
            scope[Name] = value;
        else if (scope[Name] is JinjaMap { IsNamespace: true } map)
            map[Member] = value;
        else
            throw new JinjaException(Line, "cannot assign attribute on non-namespace object");
    }
}
