using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>A parameter schema: the Draft 2020-12 subset that Prefect and our generator emit.</summary>
public sealed class ParameterSchema
{
    /// <summary>Reads a schema. An invalid one is an <see cref="ArgumentException"/> whose message names the place.</summary>
    public static ParameterSchema Parse(JsonElement schema) => throw new NotImplementedException();

    /// <summary>Validates a value; the answer is empty when it fits.</summary>
    /// <param name="value">The parameters, an object.</param>
    /// <param name="ignoreRequired">Whether missing required properties are fine, as for a deployment's defaults.</param>
    public IReadOnlyList<SchemaViolation> Validate(IReadOnlyDictionary<string, JsonElement> value, bool ignoreRequired = false) => throw new NotImplementedException();
}

/// <summary>One thing that does not fit.</summary>
/// <param name="Path">JSON path, as <c>$.days</c>.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record SchemaViolation(string Path, string Message);
