using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sluice.Schemas;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Hides what may be a secret in what a plan prints: parameters that the schema calls secret, values whose name sounds like one, passwords in URLs.</summary>
/// <remarks><c>${NAME}</c> and <c>{{ prefect.blocks… }}</c> only name a secret, and stay.</remarks>
internal sealed partial class FieldMask
{
    private const string Hidden = "********";

    private readonly ParameterSchema[] _schemas;

    /// <param name="schemas">What any of them calls secret is hidden: a value outlives the schema that it was given for.</param>
    public FieldMask(params IEnumerable<JsonElement?> schemas) => _schemas = [.. schemas.Select(Secrets).OfType<ParameterSchema>()];

    private static ParameterSchema? Secrets(JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } json)
            return null;
        try
        {
            return ParameterSchema.Parse(json) is { HasSecrets: true } parsed ? parsed : null;
        }
        catch (ArgumentException)
        {
            return null; // One that cannot be read names no secrets; the names of values still do.
        }
    }

    /// <summary>The value as it may be shown.</summary>
    public JsonElement? Of(FieldPath path, JsonElement? value)
    {
        if (value is not { } shown)
            return null;
        // A whole schedule: each of its members may be a parameter.
        if (path is { Member: FieldPath.Schedules, Key: not null, Name: null } && shown.ValueKind == JsonValueKind.Object)
            return JsonElement.Parse(new JsonObject(shown.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, JsonNode.Parse(Of(path with { Name = member.Name }, member.Value)!.Value.GetRawText())))).ToJsonString());
        string? parameter = path.Parameter;
        foreach (ParameterSchema schema in parameter is null ? [] : _schemas)
            shown = schema.Mask(new Dictionary<string, JsonElement> { [parameter!] = shown })[parameter!];
        string? told = parameter ?? (path.Member == FieldPath.JobVariables ? path.Name ?? path.Key : null);
        if (parameter is null && told is not null && DeploymentFields.IsOwnVariable(told))
            return shown;
        return Hides(shown, told) ? JsonElement.Parse(Masked(JsonNode.Parse(shown.GetRawText()), told)?.ToJsonString() ?? "null") : shown;
    }

    private static bool Hides(JsonElement value, string? name) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => Hides(member.Value, SecretName().IsMatch(name ?? "") ? name : member.Name)),
        JsonValueKind.Array => value.EnumerateArray().Any(item => Hides(item, name)),
        JsonValueKind.String => (name is not null && SecretName().IsMatch(name) && !Named().IsMatch(value.GetString()!)) || PasswordInUrl().IsMatch(value.GetString()!),
        JsonValueKind.Number => name is not null && SecretName().IsMatch(name),
        _ => false,
    };

    private static JsonNode? Masked(JsonNode? value, string? name)
    {
        switch (value)
        {
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Masked(member.Value?.DeepClone(), SecretName().IsMatch(name ?? "") ? name : member.Key))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Masked(item?.DeepClone(), name))]);
            case JsonValue scalar when Hides(JsonElement.Parse(scalar.ToJsonString()), name):
                return name is not null && SecretName().IsMatch(name) ? Hidden : PasswordInUrl().Replace(scalar.GetValue<string>(), $"://$1:{Hidden}@");
            default:
                return value;
        }
    }

    [GeneratedRegex("password|passwd|passphrase|(^|_)pwd|secret|token|api_?key|access_?key|private_?key|signing_?key|credential|connection_?string|(^|_)auth(_|$)|authorization", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"^\s*(\$\{[^}]*\}|\{\{[^}]*\}\})\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"://([^/\s:@?#]*):(?!\*+@|\$\{[^}]*\}@)[^/\s@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex PasswordInUrl();
}
