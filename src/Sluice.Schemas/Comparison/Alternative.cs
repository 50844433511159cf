using System.Text.Json;

namespace Sluice.Schemas.Comparison;

/// <summary>
/// One way to fit a schema: all of some nodes at once, after a branch was chosen wherever there was a choice. Together, the alternatives of a schema
/// hold at least everything that it accepts.
/// </summary>
/// <param name="Nodes">The nodes, of which each one's own keywords hold; what they refer to is among them.</param>
/// <param name="Kinds">The types that are left. <see cref="JsonKinds.Number"/> stands for numbers with a fraction here, <see cref="JsonKinds.Integer"/> for those without.</param>
internal sealed record Alternative(IReadOnlyList<SchemaNode> Nodes, JsonKinds Kinds)
{
    private const int MaxAlternatives = 64;

    public const JsonKinds AllKinds = JsonKinds.Null | JsonKinds.Boolean | JsonKinds.Integer | JsonKinds.Number | JsonKinds.String | JsonKinds.Array | JsonKinds.Object;

    public const JsonKinds Numbers = JsonKinds.Integer | JsonKinds.Number;

    /// <summary>The ways to fit all of some schemas.</summary>
    public static List<Alternative> Of(IEnumerable<SchemaNode> schemas)
    {
        var ways = new List<List<SchemaNode>> { new() };
        foreach (SchemaNode schema in schemas)
            Add(ways, schema);
        return [.. ways
            .Where(way => !way.Exists(node => node.Never))
            .Select(way => new Alternative(way, way.Aggregate(AllKinds, (kinds, node) => kinds & Expand(node.Kinds))))
            .Where(way => way.Kinds != JsonKinds.None)];
    }

    /// <summary>A node's types as this class counts them: <c>number</c> includes <c>integer</c>.</summary>
    public static JsonKinds Expand(JsonKinds kinds) =>
        kinds == JsonKinds.None ? AllKinds : (kinds & JsonKinds.Number) != 0 ? kinds | JsonKinds.Integer : kinds;

    /// <summary>The same, of one type alone, for each type.</summary>
    public IEnumerable<Alternative> ByKind() =>
        Enumerable.Range(0, 7).Select(bit => (JsonKinds)(1 << bit)).Where(kind => (Kinds & kind) != 0).Select(kind => this with { Kinds = kind });

    public bool Has(JsonKinds kinds) => (Kinds & kinds) != 0;

    /// <summary>All values, when these are listed.</summary>
    public IReadOnlyList<JsonElement>? Values()
    {
        if (Nodes.Where(node => node.Allowed != null).MinBy(node => node.Allowed!.Count) is not { } smallest)
            return null;
        return [.. smallest.AllowedValues.Where(value => (KindOf(value) & Kinds) != 0 && Nodes.All(node => new SchemaWalk(ignoreRequired: false).Check(node, value).Count == 0))];
    }

    private static JsonKinds KindOf(JsonElement value) =>
        JsonKindsExtensions.KindsOf(value) is var kinds && (kinds & JsonKinds.Integer) != 0 ? JsonKinds.Integer : kinds;

    /// <summary>What a member of this name fits.</summary>
    public List<SchemaNode> Member(string name)
    {
        var rules = new List<SchemaNode>();
        foreach (SchemaNode node in Nodes)
        {
            bool known = node.Properties.TryGetValue(name, out SchemaNode? rule);
            if (known)
                rules.Add(rule!);
            foreach ((var pattern, SchemaNode schema) in node.PatternProperties)
            {
                if (!pattern.IsMatch(name))
                    continue;
                known = true;
                rules.Add(schema);
            }
            if (!known && node.AdditionalProperties != null)
                rules.Add(node.AdditionalProperties);
        }
        return rules;
    }

    /// <summary>
    /// What members without a rule of their own fit: one group for each pattern of names, and one (null) for all other names. A name is in one group at
    /// least.
    /// </summary>
    public IEnumerable<(string? Pattern, List<SchemaNode> Rules)> OtherMembers()
    {
        SchemaNode[] patterned = [.. Nodes.Where(node => node.PatternProperties.Count > 0)];
        List<SchemaNode> others = [.. Nodes.Except(patterned).Select(node => node.AdditionalProperties).OfType<SchemaNode>()];
        if (patterned.Length != 1)
        {
            yield return (null, others);
            yield break;
        }
        foreach ((var pattern, SchemaNode schema) in patterned[0].PatternProperties)
            yield return (pattern.ToString(), [schema, .. others]);
        yield return (null, patterned[0].AdditionalProperties is { } additional ? [additional, .. others] : others);
    }

    /// <summary>What the item at this place fits.</summary>
    public List<SchemaNode> Item(int index) =>
        [.. Nodes.Select(node => index < node.PrefixItems.Count ? node.PrefixItems[index] : node.Items).OfType<SchemaNode>()];

    private static void Add(List<List<SchemaNode>> ways, SchemaNode node)
    {
        foreach (List<SchemaNode> way in ways)
            if (!way.Contains(node))
                way.Add(node);
        if (node.Reference != null)
            Add(ways, node.Reference);
        foreach (SchemaNode part in node.AllOf)
            Add(ways, part);
        Choose(ways, node.AnyOf);
        Choose(ways, node.OneOf);
    }

    private static void Choose(List<List<SchemaNode>> ways, List<SchemaNode> branches)
    {
        // Leaving a choice out widens what the alternatives hold, which is safe.
        if (branches.Count == 0 || ways.Count * branches.Count > MaxAlternatives)
            return;
        var chosen = new List<List<SchemaNode>>();
        foreach (SchemaNode branch in branches)
        {
            List<List<SchemaNode>> copies = [.. ways.Select(way => new List<SchemaNode>(way))];
            Add(copies, branch);
            chosen.AddRange(copies);
        }
        ways.Clear();
        ways.AddRange(chosen);
    }
}
