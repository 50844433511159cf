namespace Sluice.Schemas.Jinja;

/// <summary>Jinja's tests: what stands behind <c>is</c>.</summary>
internal static class JinjaTests
{
    public static bool Holds(string name, object? value, JinjaGiven given)
    {
        object? Other() => given.Values.Count > 0 ? given.Values[0] : throw new JinjaException(given.Line, $"the test '{name}' needs an argument");
        long Whole(object? number) => number switch
        {
            long whole => whole,
            bool flag => flag ? 1 : 0,
            _ => throw new JinjaException(given.Line, $"the test '{name}' needs integers, not {JinjaValues.Kind(number)}"),
        };
        return name switch
        {
            "defined" => value is not JinjaUndefined,
            "undefined" => value is JinjaUndefined,
            "none" => value is null,
            "boolean" => value is bool,
            "true" => value is true,
            "false" => value is false,
            "integer" => value is long,
            "float" => value is double,
            "number" => value is long or double or bool,
            "string" => value is string,
            "mapping" => value is JinjaMap,
            "sequence" => value is string or JinjaList or JinjaMap or JinjaUndefined,
            "iterable" => value is string or JinjaList or JinjaMap or JinjaUndefined,
            "callable" => value is JinjaFunction or JinjaGlobal,
            "odd" => Whole(value) % 2 != 0,
            "even" => Whole(value) % 2 == 0,
            "divisibleby" => Whole(Other()) is not 0 and var by ? by == -1 || Whole(value) % by == 0 : throw new JinjaException(given.Line, "integer division or modulo by zero"),
            "lower" => Cased(value, given, lower: true),
            "upper" => Cased(value, given, lower: false),
            "in" => JinjaValues.Holds(value, "in", Other(), given.Budget, given.Line),
            "eq" or "equalto" or "sameas" => JinjaValues.Same(value, Other(), given.Budget, given.Line),
            "ne" => !JinjaValues.Same(value, Other(), given.Budget, given.Line),
            "lt" or "lessthan" => JinjaValues.Compare(value, Other(), given.Budget, given.Line) < 0,
            "le" => JinjaValues.Compare(value, Other(), given.Budget, given.Line) <= 0,
            "gt" or "greaterthan" => JinjaValues.Compare(value, Other(), given.Budget, given.Line) > 0,
            "ge" => JinjaValues.Compare(value, Other(), given.Budget, given.Line) >= 0,
            _ => throw new JinjaException(given.Line, $"No test named '{name}'."),
        };
    }

    private static bool Cased(object? value, JinjaGiven given, bool lower)
    {
        string text = JinjaValues.Text(value, given.Budget, given.Line);
        return text.Any(char.IsLetter) && text == (lower ? text.ToLowerInvariant() : text.ToUpperInvariant());
    }
}
