using System.Globalization;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Emitting;

/// <summary>Writes a flow's parameter schema in Prefect's layout (<c>parameter_openapi_schema</c>), closed against unknown names.</summary>
internal static class SchemaEmitter
{
    private const string Definitions = "#/definitions/";

    public static void Write(JsonBuilder json, FlowModel flow, XmlDocs docs)
    {
        TypeTable types = flow.ParameterTypes;
        json.Open('{').Name("title").Value("Parameters").Name("type").Value("object").Name("properties").Open('{');
        int position = 0;
        foreach (ArgumentModel parameter in flow.Parameters)
        {
            json.Name(parameter.JsonName).Open('{');
            WriteType(json, parameter.Type!, parameter.Constraints);
            json.Name("title").Value(parameter.Constraints?.Title ?? parameter.JsonName)
                .Name("position").Raw((parameter.Constraints?.Order ?? position).ToString(CultureInfo.InvariantCulture));
            Describe(json, parameter.Constraints?.Description ?? docs.Parameter(parameter.Name), Shown(parameter.Default, parameter.Constraints), parameter.Type!, types);
            json.Close('}');
            position++;
        }
        json.Close('}');
        Require(json, flow.Parameters.Where(parameter => parameter.Required).Select(parameter => parameter.JsonName));
        json.Name("additionalProperties").Value(false).Name("definitions").Open('{');
        foreach (EnumDefinition definition in types.Enums)
            WriteEnum(json, definition);
        foreach (ObjectDefinition definition in types.Objects)
            WriteObject(json, definition, types);
        foreach (UnionDefinition definition in types.Unions)
            WriteUnion(json, definition);
        foreach (ConverterDefinition definition in types.Converters)
            WriteConverted(json, definition);
        json.Close('}').Close('}');
    }

    private static void WriteEnum(JsonBuilder json, EnumDefinition definition)
    {
        json.Name(definition.Name).Open('{');
        if (definition.IsFlags)
            json.Name("type").Value("array").Name("items").Open('{');
        json.Name("type").Value("string").Name("enum").Value(definition.Values.Select(value => value.JsonName));
        if (definition.IsFlags)
            json.Close('}').Name("uniqueItems").Value(true);
        json.Name("title").Value(definition.Title);
        DescribeType(json, definition.Docs);
        json.Close('}');
    }

    private static void WriteObject(JsonBuilder json, ObjectDefinition definition, TypeTable types)
    {
        var docs = new XmlDocs(definition.Docs);
        json.Name(definition.Name).Open('{').Name("type").Value("object").Name("title").Value(definition.Title);
        DescribeType(json, definition.Docs);
        json.Name("properties").Open('{');
        if (definition.Discriminator is not null)
            json.Name(definition.Discriminator).Open('{').Name("type").Value(definition.DiscriminatorValue![0] == '"' ? "string" : "integer")
                .Name("const").Raw(definition.DiscriminatorValue).Name("title").Value(Names.Title(definition.Discriminator)).Close('}');
        foreach (MemberModel member in definition.Members)
        {
            json.Name(member.JsonName).Open('{');
            WriteType(json, member.Type, member.Constraints);
            json.Name("title").Value(member.Constraints?.Title ?? Names.Title(member.JsonName));
            if (member.Constraints?.Order is { } order)
                json.Name("position").Raw(order.ToString(CultureInfo.InvariantCulture));
            string? text = member.Constraints?.Description ?? new XmlDocs(member.Docs).Summary ?? (member.ConstructorIndex >= 0 ? docs.Parameter(member.Property) : null);
            Describe(json, text, Shown(member.Default, member.Constraints), member.Type, types);
            json.Close('}');
        }
        json.Close('}');
        var required = definition.Members.Where(member => member.Required).Select(member => member.JsonName);
        Require(json, definition.Discriminator is null ? required : required.Prepend(definition.Discriminator));
        json.Name("additionalProperties").Value(false).Close('}');
    }

    /// <summary>As pydantic writes tagged unions; the base type itself, which has no discriminator, comes last.</summary>
    private static void WriteUnion(JsonBuilder json, UnionDefinition definition)
    {
        json.Name(definition.Name).Open('{').Name("oneOf").Open('[');
        foreach (UnionCase one in definition.Cases)
            json.Open('{').Name("$ref").Value(Definitions + one.Type.Name).Close('}');
        json.Close(']').Name("discriminator").Open('{').Name("propertyName").Value(definition.Discriminator).Name("mapping").Open('{');
        foreach (UnionCase one in definition.Cases)
            if (one.Value is not null)
                json.Name(Text(one.Value)).Value(Definitions + one.Type.Name);
        json.Close('}').Close('}').Name("title").Value(definition.Title);
        DescribeType(json, definition.Docs);
        json.Close('}');
    }

    private static void WriteConverted(JsonBuilder json, ConverterDefinition definition)
    {
        JsonNode schema = JsonParser.Parse(definition.Schema, out _)!;
        json.Name(definition.Name).Open('{');
        foreach (JsonMember keyword in schema.Members)
            json.Name(keyword.Name).Value(keyword.Value);
        if (!schema.Members.Any(keyword => keyword.Name == "title"))
            json.Name("title").Value(definition.Title);
        if (!schema.Members.Any(keyword => keyword.Name == "description"))
            DescribeType(json, definition.Docs);
        json.Close('}');
    }

    /// <summary>Writes a type, with what the attributes of the parameter or member ask; null is an alternative to both.</summary>
    private static void WriteType(JsonBuilder json, TypeNode type, Constraints? rules = null)
    {
        switch (type)
        {
            case ScalarNode scalar:
                WriteScalar(json, scalar.Kind, rules ?? Constraints.None);
                break;
            case NullableNode { Inner: AnyNode { Kind: AnyKind.JsonElement } }:
                break;
            case NullableNode nullable when rules?.RefusesNull == true:
                WriteType(json, nullable.Inner, rules);
                break;
            case NullableNode nullable:
                json.Name("anyOf").Open('[').Open('{');
                WriteType(json, nullable.Inner, rules);
                json.Close('}').Open('{').Name("type").Value("null").Close('}').Close(']');
                break;
            case ListNode list:
                json.Name("type").Value("array").Name("items").Open('{');
                WriteType(json, list.Item);
                json.Close('}');
                if (list.Kind.IsUnique)
                    json.Name("uniqueItems").Value(true);
                break;
            case DictionaryNode dictionary:
                WriteDictionary(json, dictionary);
                break;
            case TupleNode tuple:
                string count = tuple.Items.Count.ToString(CultureInfo.InvariantCulture);
                json.Name("type").Value("array").Name("prefixItems").Open('[');
                foreach (TypeNode item in tuple.Items)
                {
                    json.Open('{');
                    WriteType(json, item);
                    json.Close('}');
                }
                json.Close(']').Name("minItems").Raw(count).Name("maxItems").Raw(count);
                break;
            case AnyNode any:
                if (any.Kind == AnyKind.JsonObject)
                    json.Name("type").Value("object").Name("additionalProperties").Value(true);
                else if (any.Kind == AnyKind.JsonArray)
                    json.Name("type").Value("array").Name("items").Open('{').Close('}');
                break;
            case EnumNode enumeration:
                json.Name("$ref").Value(Definitions + enumeration.Name);
                break;
            case ObjectNode @object:
                json.Name("$ref").Value(Definitions + @object.Name);
                break;
            case ConverterNode converter:
                json.Name("$ref").Value(Definitions + converter.Name);
                break;
            case UnionNode union:
                json.Name("$ref").Value(Definitions + union.Name);
                break;
            default:
                throw new InvalidOperationException($"No schema for {type}.");
        }
        if (rules is not null && type is not NullableNode and not ScalarNode)
            ConstraintEmitter.WriteRest(json, type, rules);
    }

    private static void WriteScalar(JsonBuilder json, ScalarKind kind, Constraints rules)
    {
        ScalarFacts facts = kind.Facts();
        json.Name("type").Value(facts.JsonType);
        if ((ConstraintEmitter.Format(rules) ?? facts.Format) is { } format)
            json.Name("format").Value(format);
        if (facts.Minimum is not null)
            ConstraintEmitter.WriteRange(json, facts, rules);
        if (kind == ScalarKind.Char)
            json.Name("minLength").Raw("1").Name("maxLength").Raw("1");
        ConstraintEmitter.WriteRest(json, new ScalarNode(kind), rules);
        var patterns = ConstraintEmitter.Patterns(rules);
        ConstraintEmitter.WritePatterns(json, facts.Pattern is null ? patterns : patterns.Prepend(facts.Pattern));
        if (kind.IsBytes())
            json.Name("contentEncoding").Value("base64");
    }

    /// <summary>The keys' rule stands in <c>propertyNames</c>, without their type, as pydantic writes it: names are strings.</summary>
    private static void WriteDictionary(JsonBuilder json, DictionaryNode dictionary)
    {
        json.Name("type").Value("object").Name("additionalProperties");
        if (dictionary.Value.Bare is AnyNode { Kind: AnyKind.Object or AnyKind.JsonElement or AnyKind.JsonNode })
        {
            json.Value(true);
        }
        else
        {
            json.Open('{');
            WriteType(json, dictionary.Value);
            json.Close('}');
        }
        if (dictionary.Key is ScalarNode { Kind: ScalarKind.String })
            return;
        json.Name("propertyNames").Open('{');
        if (dictionary.Key is EnumNode key)
            json.Name("$ref").Value(Definitions + key.Name);
        else if (dictionary.Key is ScalarNode { Kind: ScalarKind.Guid })
            json.Name("format").Value(ScalarKind.Guid.Facts().Format).Name("pattern").Value(TextPatterns.Guid);
        else
            json.Name("pattern").Value(IntegerKey(((ScalarNode)dictionary.Key).Kind.Facts()));
        json.Close('}');
    }

    /// <summary>An integer without leading zeros, of as many digits as the type has; that the last of them may be too large no pattern says shortly.</summary>
    private static string IntegerKey(ScalarFacts facts)
    {
        string digits = (facts.Maximum!.Length - 1).ToString(CultureInfo.InvariantCulture);
        return $"^(0|{(facts.Minimum == "0" ? "" : "-?")}[1-9][0-9]{{0,{digits}}})(?!\\n)$";
    }

    private static string Text(string value) => JsonParser.Parse(value, out _)!.Text;

    /// <summary>A secret's default is no one's to see; null and an empty text say that there is none.</summary>
    private static DefaultValue? Shown(DefaultValue? value, Constraints? constraints) =>
        constraints?.IsSecret == true && value is not { Value: null or "", Json: null } ? null : value;

    private static void DescribeType(JsonBuilder json, string? docs)
    {
        if (new XmlDocs(docs).Summary is { } description)
            json.Name("description").Value(description);
    }

    private static void Describe(JsonBuilder json, string? description, DefaultValue? value, TypeNode type, TypeTable types)
    {
        if (description is not null)
            json.Name("description").Value(description);
        if (value is not null && Literals.Json(value, type, types) is { } text)
            json.Name("default").Raw(text);
    }

    private static void Require(JsonBuilder json, IEnumerable<string> names)
    {
        string[] required = names.ToArray();
        if (required.Length > 0)
            json.Name("required").Value(required);
    }
}
