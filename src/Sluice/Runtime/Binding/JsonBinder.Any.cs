using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Runtime.Binding;

/// <content>JSON of any shape. It is checked for what its users would stumble over: names twice, invalid Unicode, deep nesting.</content>
public sealed partial class JsonBinder
{
    /// <summary>Reads anything: a <see cref="System.Text.Json.JsonElement"/>, or null.</summary>
    public object? Object(JsonElement json)
    {
        Check(json);
        return json.ValueKind == JsonValueKind.Null ? null : json;
    }

    /// <summary>Reads anything.</summary>
    public JsonElement JsonElement(JsonElement json)
    {
        Check(json);
        return json;
    }

    /// <summary>Reads anything; null is null.</summary>
    public JsonNode? JsonNode(JsonElement json)
    {
        Check(json);
        return json.ValueKind switch
        {
            JsonValueKind.Object => System.Text.Json.Nodes.JsonObject.Create(json),
            JsonValueKind.Array => System.Text.Json.Nodes.JsonArray.Create(json),
            _ => JsonValue.Create(json),
        };
    }

    /// <summary>Reads an object of any members.</summary>
    public JsonObject JsonObject(JsonElement json)
    {
        if (!IsObject(json))
            return null!;
        Check(json);
        return System.Text.Json.Nodes.JsonObject.Create(json)!;
    }

    /// <summary>Reads an array of any items.</summary>
    public JsonArray JsonArray(JsonElement json)
    {
        if (!Is(json, JsonValueKind.Array, "an array"))
            return null!;
        Check(json);
        return System.Text.Json.Nodes.JsonArray.Create(json)!;
    }

    /// <summary>Where reading is, as a JSON path.</summary>
    internal string Place => Path();

    /// <summary>Judges a value by a converter's declared schema.</summary>
    internal void Judge(JsonElement json, DeclaredSchema schema)
    {
        int before = errors.Items.Count;
        Check(json);
        if (errors.Items.Count > before)
            return;
        schema.Check(new ElementView(json), Path(), (at, path, message, isShown) =>
            errors.Add(path, isShown ? $"expected {message}, found {Found(((ElementView)at).Element)}" : message));
    }

    private void Check(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String && Unicode(json) is null)
        {
            errors.Add(Path(), "is text that is not valid Unicode");
        }
        else if (json.ValueKind == JsonValueKind.Array && Is(json, JsonValueKind.Array, "an array"))
        {
            int index = 0;
            foreach (JsonElement item in json.EnumerateArray())
            {
                _path.Add(index++);
                Check(item);
                Leave();
            }
        }
        else if (json.ValueKind == JsonValueKind.Object && IsObject(json))
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonProperty member in json.EnumerateObject())
            {
                if (Name(member) is not { } name)
                    continue;
                bool seen = !names.Add(name);
                if (!Enter(name, ref seen))
                    continue;
                Check(member.Value);
                Leave();
            }
        }
    }
}
