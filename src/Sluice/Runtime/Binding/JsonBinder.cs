using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <summary>
/// Reads JSON into typed values for generated code. Problems go to the errors with their JSON path, and reading goes on, so that one answer
/// names them all; what a method returns after a problem is only a placeholder.
/// </summary>
/// <param name="errors">Where problems go.</param>
/// <param name="constructs">
/// Whether objects are constructed. Binding first reads without, since constructors are the user's code, and again with, when the call is made.
/// </param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class JsonBinder(BindingErrors errors, bool constructs)
{
    /// <summary>How deep parameters may nest, as System.Text.Json's default for documents.</summary>
    public const int MaximumDepth = 64;

    private readonly List<object> _path = [];

    /// <summary>Whether objects are constructed.</summary>
    public bool Constructs { get; } = constructs;

    /// <summary>Begins an object; false, with a problem noted, when the value is none.</summary>
    public bool IsObject(JsonElement json) => Is(json, JsonValueKind.Object, "an object");

    /// <summary>A member's name; null, with a problem noted, when it is not valid Unicode.</summary>
    public string? Name(JsonProperty member)
    {
        if (Unicode(member) is { } name)
            return name;
        errors.Add(Path(), "has a name that is not valid Unicode");
        return null;
    }

    /// <summary>Enters a member; false, with a problem noted, when it stood there before.</summary>
    public bool Enter(string name, ref bool seen)
    {
        if (seen)
        {
            Leave(name, "stands there twice");
            return false;
        }
        seen = true;
        _path.Add(name);
        return true;
    }

    /// <summary>Leaves what was entered last.</summary>
    public void Leave()
    {
        _path.RemoveAt(_path.Count - 1);
        if (_path.Count < _secretDepth)
            _secretDepth = int.MaxValue;
    }

    /// <summary>Notes that a required member is missing.</summary>
    public void Missing(string name) => Leave(name, "is required");

    /// <summary>Notes a member that does not belong.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="known">The names that do.</param>
    public void Unknown(string name, string[] known) =>
        Leave(name, known.Length == 0 ? "is unknown: there are no parameters here" : $"is unknown; known are: {string.Join(", ", known)}");

    /// <summary>Reads null, or a value of a reference type.</summary>
    public T? NullOr<T>(JsonElement json, Func<JsonBinder, JsonElement, T> read) where T : class =>
        json.ValueKind == JsonValueKind.Null ? null : read(this, json);

    /// <summary>Reads null, or a value of a value type.</summary>
    public T? NullOrValue<T>(JsonElement json, Func<JsonBinder, JsonElement, T> read) where T : struct =>
        json.ValueKind == JsonValueKind.Null ? null : read(this, json);

    /// <summary>Reads an array.</summary>
    public List<T> List<T>(JsonElement json, Func<JsonBinder, JsonElement, T> read)
    {
        if (!Is(json, JsonValueKind.Array, "an array"))
            return [];
        var items = new List<T>(json.GetArrayLength());
        foreach (JsonElement item in json.EnumerateArray())
        {
            _path.Add(items.Count);
            items.Add(read(this, item));
            Leave();
        }
        return items;
    }

    /// <summary>Reads the name of an enum's member; the first name after a problem.</summary>
    public string EnumName(JsonElement json, string[] names)
    {
        if (json.ValueKind == JsonValueKind.String && Array.IndexOf(names, Unicode(json)) is >= 0 and var index)
            return names[index];
        Expected($"one of {string.Join(", ", names)}", json);
        return names[0];
    }

    /// <summary>Reads the names of a [Flags] enum's members.</summary>
    public List<string> EnumNames(JsonElement json, string[] names) => Set(json, (binder, item) => binder.EnumName(item, names));

    private bool Is(JsonElement json, JsonValueKind kind, string expected)
    {
        if (json.ValueKind != kind)
            Expected(expected, json);
        else if (_path.Count >= MaximumDepth)
            errors.Add(Path(), $"nests deeper than {MaximumDepth.ToString(CultureInfo.InvariantCulture)} levels");
        else
            return true;
        return false;
    }

    private void Leave(string name, string message)
    {
        _path.Add(name);
        errors.Add(Path(), message);
        Leave();
    }

    private void Expected(string expected, JsonElement json) => errors.Add(Path(), $"expected {expected}, found {Found(json)}");

    private string Found(JsonElement json)
    {
        const int Longest = 40;
        string found = json.ValueKind switch
        {
            JsonValueKind.Undefined => "nothing",
            not JsonValueKind.Null when _path.Count >= _secretDepth => Mask,
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String when Unicode(json) is null => "text that is not valid Unicode",
            _ => json.GetRawText(),
        };
        return found.Length <= Longest
            ? found
            : string.Concat(found.AsSpan(0, char.IsHighSurrogate(found[Longest - 1]) ? Longest - 1 : Longest), "…");
    }

    internal static string TextOrNothing(JsonElement json) => Unicode(json) ?? "";

    internal static string NameOrNothing(JsonProperty member) => Unicode(member) ?? "";

    /// <summary>A string's text; null when bytes or escapes are no valid Unicode, which JSON's grammar allows.</summary>
    private static string? Unicode(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Unicode(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private string Path()
    {
        var path = new StringBuilder("$");
        foreach (object step in _path)
        {
            if (step is int index)
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else if (step is string { Length: > 0 } name && name.All(c => char.IsLetterOrDigit(c) || c == '_'))
                path.Append('.').Append(name);
            else
                path.Append("['").Append(((string)step).Replace("\\", "\\\\").Replace("'", "\\'")).Append("']");
        }
        return path.ToString();
    }
}
