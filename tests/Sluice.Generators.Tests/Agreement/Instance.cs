using System.Text;
using System.Text.Json;

namespace Sluice.Generators.Tests.Agreement;

/// <summary>A JSON value as it is written: numbers keep their text, and a name may stand twice.</summary>
internal abstract record Instance
{
    public sealed record Scalar(string Text) : Instance
    {
        public override string ToString() => Text;
    }

    public sealed record List(IReadOnlyList<Instance> Items) : Instance
    {
        public override string ToString() => $"[{string.Join(",", Items)}]";
    }

    public sealed record Object(IReadOnlyList<(string Name, Instance Value)> Members) : Instance
    {
        public override string ToString() => $"{{{string.Join(",", Members.Select(member => $"{Quote(member.Name)}:{member.Value}"))}}}";
    }

    public static Instance Quoted(string value) => new Scalar(Quote(value));

    public static Instance Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    public static Instance Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new Object([.. json.EnumerateObject().Select(member => (member.Name, Of(member.Value)))]),
        JsonValueKind.Array => new List([.. json.EnumerateArray().Select(Of)]),
        _ => new Scalar(json.GetRawText()),
    };

    /// <summary>This value and all within it.</summary>
    public IEnumerable<Instance> All() => this switch
    {
        List list => list.Items.SelectMany(item => item.All()).Prepend(this),
        Object @object => @object.Members.SelectMany(member => member.Value.All()).Prepend(this),
        _ => [this],
    };

    /// <summary>All strings within it, names included; what holds half of a surrogate pair has none.</summary>
    public IEnumerable<string> Texts() => All().SelectMany(value => value switch
    {
        Scalar { Text: ['"', ..] } scalar when !scalar.HasLoneSurrogate() => new[] { JsonDocument.Parse(scalar.Text).RootElement.GetString()! },
        Object @object => @object.Members.Select(member => member.Name),
        _ => [],
    });

    /// <summary>Whether JSON's escapes give half of a surrogate pair somewhere.</summary>
    public bool HasLoneSurrogate() => All().OfType<Scalar>().Any(scalar =>
    {
        if (!scalar.Text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            _ = JsonDocument.Parse(scalar.Text).RootElement.GetString();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    });

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value)
            text.Append(c is '"' or '\\' ? $"\\{c}" : c < ' ' ? $"\\u{(int)c:x4}" : c.ToString());
        return text.Append('"').ToString();
    }
}
