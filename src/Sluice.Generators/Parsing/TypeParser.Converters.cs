using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;
using Sluice.Schemas;

namespace Sluice.Generators.Parsing;

/// <content>Types and members with a [JsonConverter].</content>
internal sealed partial class TypeParser
{
    /// <param name="type">The type, without <c>?</c>.</param>
    /// <param name="converter">The converter's type.</param>
    /// <param name="schema">The member's own [JsonSchema], if any.</param>
    /// <param name="path">From the parameter to here.</param>
    private ConverterNode? ParseConverted(ITypeSymbol type, INamedTypeSymbol converter, AttributeData? schema, string path)
    {
        string csharp = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        string converterName = Qualified(converter);
        if (_converters is not null)
            foreach (ConverterDefinition known in _converters)
                if (known.CSharp == csharp && known.Converter == converterName && schema is null)
                    return new(known.Name, csharp, type.IsValueType);
        if (Unusable(type, converter) is { } reason)
        {
            Note(path, $"{type.Name} has the converter {converter.Name}, which {reason}");
            return null;
        }
        schema ??= JsonMarks.Of(type, forInput).Schema ?? JsonMarks.Of(converter, forInput).Schema;
        // What is only written needs none.
        string? text = schema is null && !forInput ? "{}" : schema?.FirstText();
        if (text is null)
        {
            if (schema is null)
                Note(path, $"{type.Name} has the converter {converter.Name}; say what JSON that takes with [JsonSchema(\"…\")] on the member, the type or the converter", TypeRule.DeclaredSchema);
            return null;
        }
        if (ReadSchema(text, out JsonNode? forSchema, out JsonNode? forNet) is { } error)
        {
            Location? place = schema?.ApplicationSyntaxReference?.GetSyntax(cancellation) is AttributeSyntax { ArgumentList.Arguments: [var argument, ..] }
                ? LiteralSpans.Locate(argument.Expression, text, static _ => null, error.Offset, error.Length)
                : null;
            (_problems ??= []).Add(new(path, $"the schema of {converter.Name}: {error.Message}", place, TypeRule.DeclaredSchema));
            return null;
        }
        string name = Take(type);
        (_converters ??= []).Add(new(
            name, csharp, type.Name, converterName, new JsonBuilder().Value(forSchema!).ToString(), new JsonBuilder().Value(forNet!).ToString(), Docs(type)));
        return new(name, csharp, type.IsValueType);
    }

    /// <summary>Why generated code cannot use a converter; null when it can.</summary>
    private string? Unusable(ITypeSymbol type, INamedTypeSymbol converter)
    {
        if (!converter.IsReachable(assembly))
            return "is not accessible; make it and the types around it internal or public";
        if (converter.IsAbstract || converter.IsUnboundGenericType)
            return "is abstract or an open generic type";
        INamedTypeSymbol? parent = converter;
        while (parent is not null && !(parent.Arity == 1 && parent.Is("System.Text.Json.Serialization", "JsonConverter")))
            parent = parent.BaseType;
        if (parent is null)
            return "is no JsonConverter<T>; factories need reflection";
        if (!SymbolEqualityComparer.Default.Equals(parent.TypeArguments[0], type))
            return $"converts {parent.TypeArguments[0].ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)}";
        foreach (IMethodSymbol constructor in converter.InstanceConstructors)
            if (constructor.Parameters.IsEmpty && IsAccessible(constructor))
                return null;
        return "has no accessible constructor without parameters";
    }

    /// <summary>Formats with the patterns that say their grammar, as our own types have them.</summary>
    private static JsonNode WithGrammar(JsonNode node)
    {
        var members = new List<JsonMember>();
        foreach (JsonMember member in node.Members)
        {
            members.Add(member.Name is "enum" or "const" or "examples" ? member : member with { Value = WithGrammar(member.Value) });
            string? pattern = member.Name != "format" || member.Value.Kind != JsonKind.String || node.Members.Any(other => other.Name == "pattern") ? null : member.Value.Text switch
            {
                "date-time" => TextPatterns.DateTime,
                "date" => TextPatterns.Date,
                "time" => TextPatterns.Time,
                "duration" => TextPatterns.Duration,
                "uuid" => TextPatterns.Guid,
                "uri" => TextPatterns.Uri,
                _ => null,
            };
            if (pattern is not null)
                members.Add(new("pattern", member.Offset, member.Length, member.Value with { Text = pattern }));
        }
        return node with { Items = [.. node.Items.Select(WithGrammar)], Members = members };
    }

    private static JsonError? ReadSchema(string text, out JsonNode? forSchema, out JsonNode? forNet)
    {
        forSchema = forNet = null;
        if (JsonParser.Parse(text, out JsonError? error) is not { } json)
            return error;
        JsonError? problem = null;
        forSchema = WithGrammar(WithPatterns(json, pattern => pattern.Schema));
        forNet = WithPatterns(json, pattern => pattern.Net);
        if (problem is not null)
            return problem;
        try
        {
            DeclaredSchema.Read(new NodeView(forNet));
            return null;
        }
        catch (DeclaredSchemaException exception)
        {
            JsonNode place = ((NodeView)exception.Place).Node;
            return new(place.Offset, place.Length, exception.Message);
        }

        JsonNode WithPatterns(JsonNode node, Func<PortablePattern, string> choose) => node with
        {
            Items = [.. node.Items.Select(item => WithPatterns(item, choose))],
            Members = [.. node.Members.Select(member => member with { Value = Value(member, choose) })],
        };

        JsonNode Value(JsonMember member, Func<PortablePattern, string> choose)
        {
            if (member.Name is "enum" or "const" or "examples")
                return member.Value;
            if (member.Name != "pattern" || member.Value.Kind != JsonKind.String)
                return WithPatterns(member.Value, choose);
            if (PortablePattern.Read(member.Value.Text, whole: false, out PatternProblem? wrong) is { } pattern)
                return member.Value with { Text = choose(pattern) };
            problem ??= new(member.Value.Offset, member.Value.Length, $"the pattern is not portable: {wrong!.Message}");
            return member.Value;
        }
    }
}
