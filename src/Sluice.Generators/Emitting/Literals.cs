using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Model;

namespace Sluice.Generators.Emitting;

/// <summary>Constants as C# and as JSON.</summary>
internal static class Literals
{
    /// <summary>A text as a C# literal, as Roslyn writes it; plain ASCII in a few steps, since manifests are long and full of quotes.</summary>
    public static string Text(string? value)
    {
        if (value is null)
            return "null";
        int escapes = 0;
        foreach (char c in value)
        {
            if (c is < ' ' or > '~')
                return SymbolDisplay.FormatLiteral(value, quote: true);
            if (c is '"' or '\\')
                escapes++;
        }
        var literal = new char[value.Length + escapes + 2];
        int at = 0;
        literal[at++] = '"';
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                literal[at++] = '\\';
            literal[at++] = c;
        }
        literal[at] = '"';
        return new(literal);
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) + "d";

    /// <summary>A default as a C# expression of the type.</summary>
    public static string CSharp(DefaultValue value, TypeNode type)
    {
        TypeNode bare = type.Bare;
        return value.Value switch
        {
            null => "default!",
            string text => Text(text),
            bool flag => flag ? "true" : "false",
            char letter => $"(char){((int)letter).ToString(CultureInfo.InvariantCulture)}",
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
        if (value.Json is not null)
            return value.Json;
        TypeNode bare = type.Bare;
        if (value.Value is NoItems)
            return bare is ScalarNode ? "\"\"" : bare is DictionaryNode ? "{}" : "[]";
        if (value.Value is null && (type is NullableNode || bare is AnyNode { Kind: AnyKind.Object or AnyKind.JsonNode }))
            return "null";
        return bare switch
        {
            ScalarNode scalar => Json(value.Value, scalar.Kind),
            EnumNode enumeration => Json(types.Enum(enumeration.Name), Invariant(value.Value ?? 0)),
            _ => null,
        };
    }

    private static string? Json(EnumDefinition definition, string number)
    {
        foreach (EnumValue value in definition.Values)
            if (value.Number == number && !definition.IsFlags)
                return new Json.JsonBuilder().Value(value.JsonName).ToString();
        if (!definition.IsFlags)
            return null;
        ulong bits = Bits(number);
        var names = new List<string>();
        foreach ((ulong flag, string name) in Flags(definition))
        {
            if ((bits & flag) != flag)
                continue;
            names.Insert(0, name);
            bits &= ~flag;
        }
        return bits == 0 ? new Json.JsonBuilder().Value(names).ToString() : null;
    }

    /// <summary>The names of a [Flags] enum that stand for bits, the highest first; negative numbers as their 64 bits.</summary>
    public static IEnumerable<(ulong Bits, string Name)> Flags(EnumDefinition definition)
    {
        var flags = new List<(ulong Bits, string Name)>();
        var seen = new HashSet<ulong> { 0 };
        foreach (EnumValue value in definition.Values)
            if (Bits(value.Number) is var bits && seen.Add(bits))
                flags.Add((bits, value.JsonName));
        return flags.OrderByDescending(flag => flag.Bits);
    }

    private static ulong Bits(string number) => ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong bits)
        ? bits
        : unchecked((ulong)long.Parse(number, CultureInfo.InvariantCulture));

    private static string? Json(object? value, ScalarKind kind) => value switch
    {
        null => kind.Facts().Zero,
        string text => new Json.JsonBuilder().Value(text).ToString(),
        bool flag => flag ? "true" : "false",
        char letter => new Json.JsonBuilder().Value(letter.ToString()).ToString(),
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
