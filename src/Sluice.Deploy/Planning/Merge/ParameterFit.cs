using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Whether parameters that people set on the server fit the schema that the code brings now. Costs nothing where the schema stays.</summary>
internal sealed class ParameterFit
{
    private readonly ParameterSchema? _schema;

    public ParameterFit(DeploymentCreate declared, Deployment live)
    {
        if (declared.ParameterOpenapiSchema is not { ValueKind: JsonValueKind.Object } schema || JsonEquality.Same(schema, live.ParameterOpenapiSchema))
            return;
        try
        {
            _schema = ParameterSchema.Parse(schema);
        }
        catch (ArgumentException)
        {
            _schema = null; // The server refuses it by its own words.
        }
    }

    public bool Fits(FieldPath path, JsonElement? value) => _schema is null || value is not { } said || path.Parameter is not { } parameter
        || _schema.Validate(new Dictionary<string, JsonElement> { [parameter] = said }, ignoreRequired: true).Count == 0;
}
