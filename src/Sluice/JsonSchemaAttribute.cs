using System.Diagnostics.CodeAnalysis;

namespace Sluice;

/// <summary>
/// Says what JSON a <c>[JsonConverter]</c> takes, since no one can read that from its code. Stands on the member that has the converter, on the
/// type, or on the converter itself; the first of these counts. The schema becomes part of the flow's parameter schema, and a value must satisfy
/// it before the converter is asked.
/// </summary>
/// <param name="schema">
/// A JSON Schema of these keywords: <c>type</c>, <c>enum</c>, <c>const</c>, <c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>,
/// <c>exclusiveMaximum</c>, <c>minLength</c>, <c>maxLength</c>, <c>pattern</c>, <c>format</c> (date-time, date, time, duration, uuid, uri),
/// <c>items</c>, <c>minItems</c>, <c>maxItems</c>, <c>uniqueItems</c>, <c>properties</c>, <c>required</c>, <c>additionalProperties</c>,
/// <c>anyOf</c>, and the notes <c>title</c>, <c>description</c>, <c>examples</c>.
/// </param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Interface | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class JsonSchemaAttribute([StringSyntax(StringSyntaxAttribute.Json)] string schema) : Attribute
{
    /// <summary>The schema.</summary>
    public string Schema { get; } = schema;
}
