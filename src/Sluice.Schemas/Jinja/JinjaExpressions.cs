namespace Sluice.Schemas.Jinja;

internal abstract record Expression(int Line)
{
    public object? Value(JinjaScope scope)
    {
        scope.Budget.Spend(Line);
        return Evaluate(scope);
    }

    protected abstract object? Evaluate(JinjaScope scope);
}

/// <summary>Arguments of a call, a filter or a test.</summary>
internal sealed record JinjaArguments(List<Expression> Values, List<(string Name, Expression Value)> Named)
{
    public static JinjaArguments None { get; } = new([], []);

    public JinjaGiven Given(JinjaScope scope, int line) => new(
        [.. Values.Select(value => value.Value(scope))], Named.ToDictionary(named => named.Name, named => named.Value.Value(scope)), scope.Budget, line);
}

internal sealed record LiteralExpression(object? Literal, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => Literal;
}

internal sealed record NameExpression(string Name, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        object? known = scope[Name];
        return known is JinjaUndefined && Name is ("range" or "dict" or "namespace") ? new JinjaGlobal(Name) : known;
    }
}

internal sealed record ListExpression(List<Expression> Members, bool IsTuple, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => new JinjaList(Members.Select(item => item.Value(scope))) { IsTuple = IsTuple };
}

internal sealed record MapExpression(List<(Expression Key, Expression Value)> Members, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        var map = new JinjaMap();
        foreach (var (key, value) in Members)
            map[JinjaValues.Key(key.Value(scope), Line)] = value.Value(scope);
        return map;
    }
}

internal sealed record ConditionalExpression(Expression Condition, Expression Then, Expression? Otherwise, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) =>
        JinjaValues.Truth(Condition.Value(scope)) ? Then.Value(scope) : Otherwise is null ? new JinjaUndefined("the value of an if without else") : Otherwise.Value(scope);
}

internal sealed record LogicExpression(Expression Left, Expression Right, bool IsAnd, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        object? left = Left.Value(scope);
        return JinjaValues.Truth(left) == IsAnd ? Right.Value(scope) : left;
    }
}

internal sealed record NotExpression(Expression Inner, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => !JinjaValues.Truth(Inner.Value(scope));
}

internal sealed record CompareExpression(Expression Left, List<(string Operator, Expression Right)> Parts, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        object? left = Left.Value(scope);
        foreach (var (op, part) in Parts)
        {
            object? right = part.Value(scope);
            if (!JinjaValues.Holds(left, op, right, scope.Budget, Line))
                return false;
            left = right;
        }
        return true;
    }
}

internal sealed record BinaryExpression(Expression Left, string Operator, Expression Right, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => JinjaValues.Calculate(Left.Value(scope), Operator, Right.Value(scope), scope.Budget, Line);
}

internal sealed record UnaryExpression(Expression Inner, bool IsMinus, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => IsMinus
        ? JinjaValues.Calculate(0L, "-", Inner.Value(scope), scope.Budget, Line)
        : JinjaValues.Calculate(0L, "+", Inner.Value(scope), scope.Budget, Line);
}

internal sealed record MemberExpression(Expression Owner, Expression Key, bool IsAttribute, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => JinjaValues.Member(Owner.Value(scope), Key.Value(scope), IsAttribute, scope.Budget, Line);
}

internal sealed record SliceExpression(Expression Owner, Expression? From, Expression? To, Expression? Step, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        object? owner = Owner.Value(scope);
        List<object?> items = owner is string or JinjaList or JinjaUndefined ? JinjaValues.Items(owner, scope.Budget, Line) : throw new JinjaException(Line, $"{JinjaValues.Kind(owner)} cannot be sliced");
        long step = Bound(Step, scope) ?? 1;
        if (step == 0)
            throw new JinjaException(Line, "slice step cannot be zero");
        long Clamp(long? bound, long absent) => bound is not { } at ? absent : Math.Clamp(at < 0 ? at + items.Count : at, step > 0 ? 0 : -1, step > 0 ? items.Count : items.Count - 1);
        long from = Clamp(Bound(From, scope), step > 0 ? 0 : items.Count - 1), to = Clamp(Bound(To, scope), step > 0 ? items.Count : -1);
        var taken = new JinjaList([]) { IsTuple = owner is JinjaList { IsTuple: true } };
        for (long i = from; step > 0 ? i < to : i > to; i += step)
            taken.Add(items[(int)i]);
        return owner is string ? string.Concat(taken) : taken;
    }

    private long? Bound(Expression? bound, JinjaScope scope) => bound?.Value(scope) switch
    {
        null => null,
        long number => Math.Clamp(number, -int.MaxValue, int.MaxValue),
        var other => throw new JinjaException(Line, $"slice indices must be integers, not {JinjaValues.Kind(other)}"),
    };
}

internal sealed record CallExpression(Expression Callee, JinjaArguments Arguments, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope)
    {
        if (Callee is MemberExpression { IsAttribute: true, Key: LiteralExpression { Literal: string name } } method)
        {
            object? owner = method.Owner.Value(scope);
            if (owner is not JinjaMap { IsNamespace: true } && !(owner is JinjaMap map && map.TryGetValue(name, out object? held) && held is JinjaFunction))
                return JinjaMethods.Call(owner, name, Arguments.Given(scope, Line));
        }
        return Callee.Value(scope) switch
        {
            JinjaFunction function => function.Call(Arguments.Given(scope, Line).Values, Line),
            JinjaGlobal global => JinjaMethods.Global(global.Name, Arguments.Given(scope, Line)),
            JinjaUndefined undefined => throw new JinjaException(Line, $"'{undefined.Name}' is undefined"),
            var other => throw new JinjaException(Line, $"{JinjaValues.Kind(other)} cannot be called"),
        };
    }
}

internal sealed record FilterExpression(Expression Inner, string Name, JinjaArguments Arguments, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => JinjaFilters.Apply(Name, Inner.Value(scope), Arguments.Given(scope, Line));
}

internal sealed record TestExpression(Expression Inner, string Name, JinjaArguments Arguments, bool Negated, int Line) : Expression(Line)
{
    protected override object? Evaluate(JinjaScope scope) => JinjaTests.Holds(Name, Inner.Value(scope), Arguments.Given(scope, Line)) != Negated;
}
