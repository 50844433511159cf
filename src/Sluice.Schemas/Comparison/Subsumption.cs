using System.Globalization;
using System.Text.Json;

namespace Sluice.Schemas.Comparison;

/// <summary>
/// Finds what keeps a new schema from accepting all that an old one accepts. Sound, not complete: where nothing is found, nothing breaks; where it
/// cannot tell, it finds something and says so. Circles are closed by assuming what is being shown, which holds because values end.
/// </summary>
internal sealed class Subsumption(bool sameDefinitions, IEnumerable<string>? given)
{
    private const int MaxSteps = 20_000;

    public const string Undecided = "; whether that refuses something cannot be told, so it counts as breaking";

    /// <summary>Keywords that are handled here, and those that assert nothing. Any other one counts as a rule that is not understood.</summary>
    private static readonly HashSet<string> _known = new(StringComparer.Ordinal)
    {
        "$ref", "type", "enum", "const", "properties", "patternProperties", "additionalProperties", "required", "items", "prefixItems", "minItems", "maxItems", "minLength",
        "maxLength", "minProperties", "maxProperties", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "format",
        "contentEncoding", "allOf", "anyOf", "oneOf", "not", "definitions", "$defs",
        "title", "description", "default", "examples", "example", "position", "deprecated", "readOnly", "writeOnly", "contentMediaType", "discriminator", "order",
        "$comment", "$schema", "$id", "$anchor", "block_type_slug", "block_schema_references", "enumNames",
    };

    private readonly HashSet<string> _given = new(given ?? [], StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _steps;

    public IReadOnlyList<SchemaChange> Check(SchemaNode old, SchemaNode now, string path)
    {
        var found = new List<SchemaChange>();
        Check([old], now, path, found);
        if (_steps > MaxSteps)
            return [new("$", true, "the schemas are too complex to compare" + Undecided)];
        return [.. found.Distinct()];
    }

    private void Check(List<SchemaNode> old, SchemaNode now, string path, List<SchemaChange> found)
    {
        string pair = string.Join('&', old.Select(node => node.Place).Order(StringComparer.Ordinal)) + ">" + now.Place;
        if (!_open.Add(pair))
            return;
        List<Alternative> alternatives = Alternative.Of(old);
        foreach (Alternative alternative in alternatives)
            Check(alternative, now, path, found);
        _open.Remove(pair);
    }

    private void Check(Alternative old, SchemaNode now, string path, List<SchemaChange> found)
    {
        if (++_steps > MaxSteps || IsSame(old, now))
            return;
        if (old.Values() is { } values)
        {
            foreach (JsonElement value in values)
                if (new SchemaWalk(ignoreRequired: false).Check(now, value).Count > 0)
                    found.Add(new(path, true, $"no longer accepts {JsonText.Show(value)}"));
            return;
        }
        CheckOwn(old, now, path, found);
        if (now.Reference != null)
            Check(old, now.Reference, path, found);
        foreach (SchemaNode part in now.AllOf)
            Check(old, part, path, found);
        if (now.AnyOf.Count > 0)
            CheckChoice(old, now.AnyOf, exactlyOne: false, path, found);
        if (now.OneOf.Count > 0)
            CheckChoice(old, now.OneOf, exactlyOne: true, path, found);
        if (now.Not != null && !IsDisjoint(old, now.Not) && !old.Nodes.Any(node => node.Not != null && sameDefinitions && JsonElement.DeepEquals(node.Not.Source, now.Not.Source)))
            found.Add(new(path, true, "excludes values by 'not'" + Undecided));
    }

    private bool IsSame(Alternative old, SchemaNode now) => sameDefinitions && old.Nodes.Any(node => JsonElement.DeepEquals(node.Source, now.Source));

    private void CheckOwn(Alternative old, SchemaNode now, string path, List<SchemaChange> found)
    {
        void Break(string message) => found.Add(new(path, true, message));

        if (now.Never)
        {
            Break("is no longer accepted");
            return;
        }
        JsonKinds kinds = Alternative.Expand(now.Kinds);
        JsonKinds lost = old.Kinds & ~kinds;
        if (lost != JsonKinds.None)
        {
            Break(lost == old.Kinds && lost != JsonKinds.Null
                ? $"was {Phrase(old.Kinds)}, is now {Phrase(kinds)}"
                : $"no longer accepts {Phrase(lost)}");
        }
        old = old with { Kinds = old.Kinds & kinds };
        if (now.Allowed != null && old.Kinds != JsonKinds.None)
            Break($"accepts only {now.AllowedText} now");
        if (old.Has(Alternative.Numbers))
            CheckNumber(old, now, Break);
        if (old.Has(JsonKinds.String))
            CheckString(old, now, Break);
        if (old.Has(JsonKinds.Array))
            CheckArray(old, now, path, found);
        if (old.Has(JsonKinds.Object))
            CheckObject(old, now, path, found);
        if (now.Source.ValueKind == JsonValueKind.Object && old.Kinds != JsonKinds.None)
        {
            foreach (JsonProperty keyword in now.Source.EnumerateObject().Where(keyword => !_known.Contains(keyword.Name)))
                if (!old.Nodes.Any(node => node.Source.ValueKind == JsonValueKind.Object && node.Source.TryGetProperty(keyword.Name, out JsonElement was) && JsonElement.DeepEquals(was, keyword.Value)))
                    Break($"has a new rule, '{keyword.Name}'{Undecided}");
        }
    }

    private static void CheckNumber(Alternative old, SchemaNode now, Action<string> fail)
    {
        (JsonElement Value, bool Exclusive)? lower = Tightest(old, node => node.Minimum, node => node.ExclusiveMinimum, sign: 1);
        (JsonElement Value, bool Exclusive)? upper = Tightest(old, node => node.Maximum, node => node.ExclusiveMaximum, sign: -1);
        CheckLimit(lower, now.Minimum, exclusive: false, 1, "minimum", fail);
        CheckLimit(lower, now.ExclusiveMinimum, exclusive: true, 1, "exclusive minimum", fail);
        CheckLimit(upper, now.Maximum, exclusive: false, -1, "maximum", fail);
        CheckLimit(upper, now.ExclusiveMaximum, exclusive: true, -1, "exclusive maximum", fail);
        if (now.MultipleOf is { } divisor && !old.Nodes.Any(node => node.MultipleOf is { } was && JsonNumber.Of(was).IsMultipleOf(JsonNumber.Of(divisor)))
            && !(JsonNumber.Of(divisor).CompareTo(JsonNumber.Of(JsonElement.Parse("1"))) == 0 && !old.Has(JsonKinds.Number)))
            fail($"accepts only multiples of {divisor} now");
    }

    private static void CheckLimit((JsonElement Value, bool Exclusive)? was, JsonElement? limit, bool exclusive, int sign, string name, Action<string> fail)
    {
        if (limit is not { } bound)
            return;
        int order = was is { } old ? sign * JsonNumber.Of(old.Value).CompareTo(JsonNumber.Of(bound)) : -1;
        if (order < 0 || (order == 0 && exclusive && !was!.Value.Exclusive))
            fail(was is { } before ? $"has the {name} {bound} now; it was {before.Value}" : $"has the {name} {bound} now");
    }

    private static (JsonElement Value, bool Exclusive)? Tightest(Alternative old, Func<SchemaNode, JsonElement?> inclusive, Func<SchemaNode, JsonElement?> exclusive, int sign)
    {
        (JsonElement Value, bool Exclusive)? tightest = null;
        foreach (SchemaNode node in old.Nodes)
        {
            foreach ((JsonElement? limit, bool isExclusive) in new[] { (inclusive(node), false), (exclusive(node), true) })
            {
                if (limit is not { } value)
                    continue;
                int order = tightest is { } best ? sign * JsonNumber.Of(value).CompareTo(JsonNumber.Of(best.Value)) : 1;
                if (order > 0 || (order == 0 && isExclusive))
                    tightest = (value, isExclusive);
            }
        }
        return tightest;
    }

    private static void CheckString(Alternative old, SchemaNode now, Action<string> fail)
    {
        CheckCount(old, now, node => node.MinLength, node => node.MaxLength, "character", fail);
        if (now.Pattern != null && !old.Nodes.Any(node => node.Pattern != null && node.PatternText == now.PatternText))
            fail($"must match the pattern {now.PatternText} now{Undecided}");
        if (now.Format is { } format && Formats.IsAsserted(format) && !old.Nodes.Any(node => node.Format == format))
            fail($"must be of the format {format} now");
    }

    private static void CheckCount(Alternative old, SchemaNode now, Func<SchemaNode, long?> least, Func<SchemaNode, long?> most, string unit, Action<string> fail)
    {
        if (least(now) is > 0 and { } minimum && (old.Nodes.Max(least) ?? 0) < minimum)
            fail($"needs at least {Times(minimum, unit)} now; {Was(old.Nodes.Max(least))}");
        if (most(now) is { } maximum && !(old.Nodes.Min(most) <= maximum))
            fail($"takes at most {Times(maximum, unit)} now; {Was(old.Nodes.Min(most))}");
    }

    private void CheckArray(Alternative old, SchemaNode now, string path, List<SchemaChange> found)
    {
        CheckCount(old, now, node => node.MinItems, node => node.MaxItems, "item", message => found.Add(new(path, true, message)));
        long longest = old.Nodes.Min(node => node.MaxItems) ?? long.MaxValue;
        if (now.UniqueItems && longest > 1 && !old.Nodes.Any(node => node.UniqueItems))
            found.Add(new(path, true, "refuses items that repeat now"));
        int placed = old.Nodes.Select(node => node.PrefixItems.Count).Append(now.PrefixItems.Count).Max();
        for (int i = 0; i < placed && i < longest; i++)
            if ((i < now.PrefixItems.Count ? now.PrefixItems[i] : now.Items) is { } rule)
                Check(old.Item(i), rule, JsonPlace.Item(path, i), found);
        if (now.Items != null && placed < longest)
            Check(old.Item(placed), now.Items, path + "[*]", found);
    }

    private void CheckObject(Alternative old, SchemaNode now, string path, List<SchemaChange> found)
    {
        CheckCount(old, now, node => node.MinProperties, node => node.MaxProperties, "member", message => found.Add(new(path, true, message)));
        var required = old.Nodes.SelectMany(node => node.Required).ToHashSet(StringComparer.Ordinal);
        var properties = old.Nodes.SelectMany(node => node.Properties.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (string name in now.Required)
            if (!required.Contains(name) && !(path == "$" && _given.Contains(name)))
                found.Add(new(JsonPlace.Member(path, name), true, properties.Contains(name) ? "is required now" : "is new and required"));

        foreach (string name in properties.Union(now.Properties.Keys))
        {
            List<SchemaNode> rules = old.Member(name);
            string place = JsonPlace.Member(path, name);
            bool known = now.Properties.TryGetValue(name, out SchemaNode? rule);
            if (known)
                Check(rules, rule!, place, found);
            foreach ((var pattern, SchemaNode schema) in now.PatternProperties)
            {
                if (!pattern.IsMatch(name))
                    continue;
                known = true;
                Check(rules, schema, place, found);
            }
            if (known || now.AdditionalProperties == null)
                continue;
            if (!now.AdditionalProperties.Never)
                Check(rules, now.AdditionalProperties, place, found);
            else if (Alternative.Of(rules).Count > 0)
                found.Add(new(place, true, "was removed"));
        }
        CheckOtherMembers(old, now, path, found);
    }

    private void CheckOtherMembers(Alternative old, SchemaNode now, string path, List<SchemaChange> found)
    {
        foreach ((string? pattern, List<SchemaNode> rules) in old.OtherMembers())
        {
            if (Alternative.Of(rules).Count == 0)
                continue;
            foreach ((var _, SchemaNode schema) in now.PatternProperties)
                Check(rules, schema, path + ".*", found);
            if (now.AdditionalProperties == null || now.PatternProperties.Exists(other => other.Name.ToString() == pattern))
                continue;
            if (!now.AdditionalProperties.Never)
                Check(rules, now.AdditionalProperties, path + ".*", found);
            else
                found.Add(new(path, true, path == "$" ? "refuses unknown parameters now" : "refuses unknown members now"));
        }
    }

    private void CheckChoice(Alternative old, List<SchemaNode> branches, bool exactlyOne, string path, List<SchemaChange> found)
    {
        if (Fits(old, branches, exactlyOne, path, out List<SchemaChange> reasons))
            return;
        Alternative[] kinds = [.. old.ByKind()];
        if (kinds.Length == 1)
        {
            found.AddRange(reasons);
            return;
        }
        foreach (Alternative kind in kinds)
            if (!Fits(kind, branches, exactlyOne, path, out reasons))
                found.AddRange(reasons);
    }

    /// <summary>Whether one branch takes all of the alternative, and where it must be the only one, no other takes any of it.</summary>
    private bool Fits(Alternative old, List<SchemaNode> branches, bool exactlyOne, string path, out List<SchemaChange> reasons)
    {
        reasons = [];
        var meant = new List<List<SchemaChange>>();
        foreach (SchemaNode branch in branches)
        {
            var tried = new List<SchemaChange>();
            Check(old, branch, path, tried);
            if (tried.Count > 0)
            {
                if (!IsDisjoint(old, branch))
                    meant.Add(tried);
                continue;
            }
            if (!exactlyOne || branches.TrueForAll(other => other == branch || IsDisjoint(old, other)))
                return true;
            reasons.Add(new(path, true, "may fit several alternatives of which it must fit exactly one" + Undecided));
            return false;
        }
        if (meant.Count == 1)
            reasons.AddRange(meant[0]);
        else if (meant.Count == 0)
            reasons.Add(new(path, true, $"no longer accepts {Phrase(old.Kinds)}"));
        else
            reasons.Add(new(path, true, $"fits none of the {branches.Count} alternatives for certain" + Undecided));
        return false;
    }

    /// <summary>Whether certainly no value fits both.</summary>
    private static bool IsDisjoint(Alternative old, SchemaNode other)
    {
        foreach (Alternative way in Alternative.Of([other]))
        {
            JsonKinds common = old.Kinds & way.Kinds;
            if (common == JsonKinds.None)
                continue;
            if (way.Values() is { } values && values.All(value => old.Nodes.Any(node => new SchemaWalk(ignoreRequired: false).Check(node, value).Count > 0)))
                continue;
            if (common == JsonKinds.Object && old.Nodes.SelectMany(node => node.Required).Concat(way.Nodes.SelectMany(node => node.Required)).Distinct(StringComparer.Ordinal).Any(name => Tags(old, name) is { } a && Tags(way, name) is { } b && !a.Overlaps(b)))
                continue;
            return false;
        }
        return true;
    }

    private static HashSet<string>? Tags(Alternative way, string name)
    {
        List<SchemaNode> rules = way.Member(name);
        return rules.Count > 0 && Alternative.Of(rules).Select(rule => rule.Values()).ToArray() is var values && values.All(list => list != null)
            ? values.SelectMany(list => list!).Select(JsonText.Canonical).ToHashSet(StringComparer.Ordinal)
            : null;
    }

    private static string Phrase(JsonKinds kinds) =>
        kinds == Alternative.AllKinds ? "any value"
        : kinds == JsonKinds.Number ? "a number with a fraction"
        : ((kinds & JsonKinds.Number) != 0 ? kinds & ~JsonKinds.Integer : kinds).Phrase();

    private static string Was(long? limit) => limit is { } number ? string.Create(CultureInfo.InvariantCulture, $"it was {number}") : "there was no limit";

    private static string Times(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
}
