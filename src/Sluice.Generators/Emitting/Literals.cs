using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Model;

namespace Sluice.Generators.Emitting;

/// <summary>Constants as C# and as JSON.</summary>
internal static class Literals
{
    public static string Text(string? value) => value is null ? "null" : SymbolDisplay.FormatLiteral(value, quote: true);

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) + "d";

    /// <summary>A default as a C# expression of the type.</summary>
    public static string CSharp(DefaultValue value, TypeNode type)
    {
        TypeNode bare = type is NullableNode nullable ? nullable.Inner : type;
        return value.Value switch
        {
            null => "default!",
            string text => Text(text),
            bool flag => flag ? "true" : "false",
            _ when bare is EnumNode => $"({bare.CSharp})({Invariant(value.Value)})",
            double number when double.IsNaN(number) || double.IsInfinity(number) => Special("double", number),
            float number when float.IsNaN(number) || float.IsInfinity(number) => Special("float", number),
            double number => Number(number),
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "m",
            int number => Invariant(number),
            _ => $"({bare.CSharp})({Invariant(value.Value)})",
        };
    }

    /// <summary>A default as JSON; null when JSON has no such value.</summary>
    public static string? Json(DefaultValue value, TypeNode type, TypeTable types)
    {
        TypeNode bare = type is NullableNode nullable ? nullable.Inner : type;
        if (value.Value is null && type is NullableNode)
            return "null";
        return bare switch
        {
            ScalarNode scalar => Json(value.Value, scalar.Kind),
            EnumNode enumeration => types.Enum(enumeration.Name).Values.FirstOrDefault(member => member.Number == Invariant(value.Value ?? 0)) is { } member
                ? new Json.JsonBuilder().Value(member.Name).ToString()
                : null,
            _ => null,
        };
    }

    private static string? Json(object? value, ScalarKind kind) => value switch
    {
        null => kind.Facts().Zero,
        string text => new Json.JsonBuilder().Value(text).ToString(),
        bool flag => flag ? "true" : "false",
        double number when double.IsNaN(number) || double.IsInfinity(number) => null,
        float number when float.IsNaN(number) || float.IsInfinity(number) => null,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Invariant(value),
    };

    private static string Special(string type, double value) =>
        $"{type}.{(double.IsNaN(value) ? "NaN" : value > 0 ? "PositiveInfinity" : "NegativeInfinity")}";

    private static string Invariant(object value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}
