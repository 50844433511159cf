using System.Buffers;
using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>A parameter schema: the Draft 2020-12 subset that Prefect and our generator emit.</summary>
/// <remarks>
/// <para>Asserted: <c>type</c> (3.0 is an integer), <c>enum</c>, <c>const</c>, <c>properties</c>, <c>patternProperties</c>, <c>additionalProperties</c>, <c>required</c>,
/// <c>minProperties</c>, <c>maxProperties</c>, <c>propertyNames</c>, <c>items</c> (also as a list, the old way), <c>prefixItems</c>, <c>minItems</c>, <c>maxItems</c>, <c>uniqueItems</c>,
/// <c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c>, <c>multipleOf</c>, <c>minLength</c> and <c>maxLength</c> (code points),
/// <c>pattern</c>, <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c>, <c>contentEncoding</c> (base64), <c>$ref</c> within the document, and boolean schemas.</para>
/// <para>Of <c>format</c>: <c>date-time</c>, <c>date</c>, <c>time</c>, <c>duration</c>, <c>uuid</c>, <c>uri</c>, <c>email</c> and <c>byte</c>, as leniently as flow programs read them;
/// others (<c>path</c>, <c>password</c>, <c>binary</c>…) are notes. Other keywords are ignored.</para>
/// </remarks>
public sealed class ParameterSchema
{
    private readonly SchemaNode _root;

    private ParameterSchema(SchemaNode root, bool hasSecrets)
    {
        _root = root;
        HasSecrets = hasSecrets;
    }

    /// <summary>Whether a part of it is secret: <c>format: password</c> or <c>writeOnly</c>.</summary>
    public bool HasSecrets { get; }

    internal SchemaNode Root => _root;

    /// <summary>Reads a schema. An invalid one is an <see cref="ArgumentException"/> whose message names the place, as <c>$.properties.days.type</c>.</summary>
    /// <exception cref="ArgumentException">A keyword has a value of the wrong kind, a reference leads nowhere, out of the document or in a circle, or a pattern is not a regular expression.</exception>
    public static ParameterSchema Parse(JsonElement schema) => new(SchemaReader.Read(schema.Clone(), out bool hasSecrets), hasSecrets);

    /// <summary>Validates a value; the answer is empty when it fits.</summary>
    /// <param name="value">The parameters, an object.</param>
    /// <param name="ignoreRequired">Whether missing required properties are fine, as for a deployment's defaults. Holds for nested objects too, as in Prefect.</param>
    /// <remarks>
    /// Messages show the offending value, shortened, but never a secret. Prefect's templated values are taken for what they stand for; what only the server
    /// can tell, as a variable, fits a deployment's defaults and no run.
    /// </remarks>
    public IReadOnlyList<SchemaViolation> Validate(IReadOnlyDictionary<string, JsonElement> value, bool ignoreRequired = false)
    {
        foreach ((string name, JsonElement element) in value)
            if (!JsonText.IsUnicode(element))
                return [new SchemaViolation(JsonPlace.Member("$", name), "holds half of a surrogate pair, which is no text")];
        HydratedParameters hydrated = TemplatedValues.Hydrate(value);
        value = hydrated.Parameters;
        if (hydrated.Invalid.Count > 0 || (hydrated.Unknown.Count > 0 && !ignoreRequired))
            return [.. hydrated.Invalid, .. hydrated.Unknown];
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = 1000 }))
        {
            writer.WriteStartObject();
            foreach ((string name, JsonElement element) in value)
            {
                writer.WritePropertyName(name);
                element.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1000 });
        return new SchemaWalk(ignoreRequired, HasSecrets).Check(_root, document.RootElement);
    }

    /// <summary>The same parameters with <c>********</c> in place of each secret, for whatever is shown or logged.</summary>
    public IReadOnlyDictionary<string, JsonElement> Mask(IReadOnlyDictionary<string, JsonElement> value)
    {
        if (!HasSecrets)
            return value;
        var masked = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach ((string name, JsonElement element) in value)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1000 }))
                SecretMask.Write(writer, element, [.. _root.ForMember(name)]);
            using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1000 });
            masked[name] = document.RootElement.Clone();
        }
        return masked;
    }
}
