using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Schemas;

/// <summary>One schema of the document, read. Filled by <see cref="SchemaReader"/> (references may be circular) and not changed after.</summary>
internal sealed class SchemaNode
{
    /// <summary>Where it stands in the document.</summary>
    public required string Place { get; init; }

    /// <summary>The schema as it is written.</summary>
    public required JsonElement Source { get; init; }

    /// <summary>The schema <c>false</c>: nothing fits.</summary>
    public bool Never { get; set; }

    /// <summary>None: any type.</summary>
    public JsonKinds Kinds { get; set; }

    /// <summary>Canonical texts of the allowed values.</summary>
    public HashSet<string>? Allowed { get; set; }

    /// <summary>The allowed values themselves, before <c>const</c> and <c>enum</c> narrow each other.</summary>
    public JsonElement[] AllowedValues { get; set; } = [];

    /// <summary>The allowed values as shown.</summary>
    public string AllowedText { get; set; } = "";

    public SchemaNode? Reference { get; set; }

    public Dictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    public List<(Regex Name, SchemaNode Schema)> PatternProperties { get; } = [];

    public SchemaNode? AdditionalProperties { get; set; }

    public List<string> Required { get; } = [];

    public long? MinProperties { get; set; }

    public long? MaxProperties { get; set; }

    public List<SchemaNode> PrefixItems { get; } = [];

    public SchemaNode? Items { get; set; }

    public long? MinItems { get; set; }

    public long? MaxItems { get; set; }

    public bool UniqueItems { get; set; }

    public JsonElement? Minimum { get; set; }

    public JsonElement? Maximum { get; set; }

    public JsonElement? ExclusiveMinimum { get; set; }

    public JsonElement? ExclusiveMaximum { get; set; }

    public JsonElement? MultipleOf { get; set; }

    public long? MinLength { get; set; }

    public long? MaxLength { get; set; }

    public Regex? Pattern { get; set; }

    /// <summary>The pattern as the schema has it.</summary>
    public string PatternText { get; set; } = "";

    public string? Format { get; set; }

    /// <summary>Whether what stands here must not be shown: <c>format: password</c> or <c>writeOnly</c>.</summary>
    public bool IsSecret { get; set; }

    /// <summary>Holds for the names of all members.</summary>
    public SchemaNode? PropertyNames { get; set; }

    public List<SchemaNode> AllOf { get; } = [];

    public List<SchemaNode> AnyOf { get; } = [];

    public List<SchemaNode> OneOf { get; } = [];

    public SchemaNode? Not { get; set; }

    /// <summary>The schemas that apply to the same value as this one.</summary>
    public IEnumerable<SchemaNode> InPlace()
    {
        if (Reference != null)
            yield return Reference;
        foreach (SchemaNode node in AllOf.Concat(AnyOf).Concat(OneOf))
            yield return node;
        if (Not != null)
            yield return Not;
    }

    /// <summary>The schemas that apply to a member.</summary>
    public IEnumerable<SchemaNode> ForMember(string name)
    {
        bool known = Properties.TryGetValue(name, out SchemaNode? own);
        if (known)
            yield return own!;
        foreach ((Regex pattern, SchemaNode schema) in PatternProperties)
        {
            if (SchemaWalk.Matches(pattern, name))
            {
                known = true;
                yield return schema;
            }
        }
        if (!known && AdditionalProperties != null)
            yield return AdditionalProperties;
    }

    /// <summary>The schema that applies to an item, if any.</summary>
    public SchemaNode? ForItem(int index) => index < PrefixItems.Count ? PrefixItems[index] : Items;
}
