using System.Globalization;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Emitting;

/// <summary>Writes a flow's parameter schema in Prefect's layout (<c>parameter_openapi_schema</c>), closed against unknown names.</summary>
internal static class SchemaEmitter
{
    public static void Write(JsonBuilder json, FlowModel flow, XmlDocs docs)
    {
        TypeTable types = flow.ParameterTypes;
        json.Open('{').Name("title").Value("Parameters").Name("type").Value("object").Name("properties").Open('{');
        int position = 0;
        foreach (ArgumentModel parameter in flow.Parameters)
        {
            json.Name(parameter.JsonName).Open('{');
            WriteType(json, parameter.Type!);
            json.Name("title").Value(parameter.JsonName).Name("position").Raw(position.ToString(CultureInfo.InvariantCulture));
            Describe(json, docs.Parameter(parameter.Name), parameter.Default, parameter.Type!, types);
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
        json.Close('}').Close('}');
    }

    private static void WriteEnum(JsonBuilder json, EnumDefinition definition)
    {
        json.Name(definition.Name).Open('{').Name("type").Value("string").Name("enum").Value(definition.Values.Select(value => value.Name))
            .Name("title").Value(definition.Title);
        if (new XmlDocs(definition.Docs).Summary is { } description)
            json.Name("description").Value(description);
        json.Close('}');
    }

    private static void WriteObject(JsonBuilder json, ObjectDefinition definition, TypeTable types)
    {
        var docs = new XmlDocs(definition.Docs);
        json.Name(definition.Name).Open('{').Name("type").Value("object").Name("title").Value(definition.Title);
        if (docs.Summary is { } description)
            json.Name("description").Value(description);
        json.Name("properties").Open('{');
        foreach (MemberModel member in definition.Members)
        {
            json.Name(member.JsonName).Open('{');
            WriteType(json, member.Type);
            json.Name("title").Value(Names.Title(member.JsonName));
            string? text = new XmlDocs(member.Docs).Summary ?? (member.ConstructorIndex >= 0 ? docs.Parameter(member.Property) : null);
            Describe(json, text, member.Default, member.Type, types);
            json.Close('}');
        }
        json.Close('}');
        Require(json, definition.Members.Where(member => member.Required).Select(member => member.JsonName));
        json.Name("additionalProperties").Value(false).Close('}');
    }

    private static void WriteType(JsonBuilder json, TypeNode type)
    {
        switch (type)
        {
            case ScalarNode scalar:
                WriteScalar(json, scalar.Kind.Facts());
                if (scalar.Kind == ScalarKind.Bytes)
                    json.Name("contentEncoding").Value("base64");
                break;
            case NullableNode nullable:
                json.Name("anyOf").Open('[').Open('{');
                WriteType(json, nullable.Inner);
                json.Close('}').Open('{').Name("type").Value("null").Close('}').Close(']');
                break;
            case ListNode list:
                json.Name("type").Value("array").Name("items").Open('{');
                WriteType(json, list.Item);
                json.Close('}');
                break;
            case EnumNode enumeration:
                json.Name("$ref").Value("#/definitions/" + enumeration.Name);
                break;
            case ObjectNode @object:
                json.Name("$ref").Value("#/definitions/" + @object.Name);
                break;
            default:
                throw new InvalidOperationException($"No schema for {type}.");
        }
    }

    private static void WriteScalar(JsonBuilder json, ScalarFacts facts)
    {
        json.Name("type").Value(facts.JsonType);
        if (facts.Format is not null)
            json.Name("format").Value(facts.Format);
        if (facts.Minimum is not null)
            json.Name("minimum").Raw(facts.Minimum).Name("maximum").Raw(facts.Maximum!);
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
