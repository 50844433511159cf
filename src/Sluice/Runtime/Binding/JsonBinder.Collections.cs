using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <content>Sets, dictionaries, tuples, and the discriminators of derived types.</content>
public sealed partial class JsonBinder
{
    /// <summary>
    /// Reads an array whose items must differ as JSON, which is what <c>uniqueItems</c> says. Items that differ there and are equal as values (UUIDs
    /// in capitals, numbers past a type's precision) come together in the set that is made of them.
    /// </summary>
    public List<T> Set<T>(JsonElement json, Func<JsonBinder, JsonElement, T> read)
    {
        List<T> items = List(json, read);
        if (json.ValueKind != JsonValueKind.Array || items.Count < 2)
            return items;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonElement item in json.EnumerateArray())
        {
            if (!seen.Add(new ElementView(item).Canonical))
            {
                _path.Add(index);
                errors.Add(Path(), "stands there twice");
                Leave();
            }
            index++;
        }
        return items;
    }

    /// <summary>Reads an object whose names are keys. Two names that are the same key are a problem.</summary>
    public Dictionary<TKey, TValue> Dictionary<TKey, TValue>(JsonElement json, Func<JsonBinder, string, TKey> readKey, Func<JsonBinder, JsonElement, TValue> read)
        where TKey : notnull
    {
        var items = new Dictionary<TKey, TValue>();
        if (!IsObject(json))
            return items;
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (Name(member) is not { } name)
                continue;
            _path.Add(name);
            int before = errors.Items.Count;
            TKey key = readKey(this, name);
            bool isKey = errors.Items.Count == before;
            TValue value = read(this, member.Value);
            if (isKey && !items.TryAdd(key, value))
                errors.Add(Path(), "stands there twice");
            Leave();
        }
        return items;
    }

    /// <summary>Reads a key that is a UUID.</summary>
    public Guid GuidKey(string name)
    {
        if (ScalarText.IsGuid(name))
            return System.Guid.ParseExact(name, "D");
        ExpectedName("a UUID as 0f8fad5b-d9cb-469f-a165-70867728950e", name);
        return default;
    }

    /// <summary>Reads a key that is an integer, without leading zeros.</summary>
    public T IntegerKey<T>(string name) where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (ScalarText.IsIntegerKey(name) && T.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T key))
            return key;
        ExpectedName(string.Create(CultureInfo.InvariantCulture, $"an integer from {T.MinValue} to {T.MaxValue}"), name);
        return default;
    }

    /// <summary>Reads a key that is the name of an enum's member; the first name after a problem.</summary>
    public string EnumKey(string name, string[] names)
    {
        if (Array.IndexOf(names, name) is >= 0 and var index)
            return names[index];
        ExpectedName($"one of {string.Join(", ", names)}", name);
        return names[0];
    }

    /// <summary>Begins a tuple; false, with a problem noted, when the value is no array of so many items.</summary>
    public bool IsTuple(JsonElement json, int count)
    {
        string expected = string.Create(CultureInfo.InvariantCulture, $"an array of {count} items");
        if (!Is(json, JsonValueKind.Array, expected))
            return false;
        if (json.GetArrayLength() == count)
            return true;
        errors.Add(Path(), string.Create(CultureInfo.InvariantCulture, $"expected {expected}, found {json.GetArrayLength()}"));
        return false;
    }

    /// <summary>Reads one item of a tuple.</summary>
    public T Item<T>(JsonElement json, int index, Func<JsonBinder, JsonElement, T> read)
    {
        _path.Add(index);
        T value = read(this, json[index]);
        Leave();
        return value;
    }

    /// <summary>Finds which of several derived types an object is of.</summary>
    /// <param name="json">The object.</param>
    /// <param name="name">The discriminator's name.</param>
    /// <param name="values">Its values: integers as digits, texts in quotes.</param>
    /// <param name="isRequired">Whether an object without it is a problem.</param>
    /// <returns>The value's place; the number of values when there is no discriminator; -1 after a problem.</returns>
    public int Discriminator(JsonElement json, string name, string[] values, bool isRequired)
    {
        if (!IsObject(json))
            return -1;
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (Unicode(member) != name)
                continue;
            string? value = member.Value.ValueKind switch
            {
                JsonValueKind.String => $"\"{Unicode(member.Value)}\"",
                JsonValueKind.Number when NumberText.Of(member.Value.GetRawText()).WholeDigits(out bool negative) is { } digits => (negative ? "-" : "") + digits,
                _ => null,
            };
            int index = Array.IndexOf(values, value);
            if (index < 0)
            {
                _path.Add(name);
                Expected($"one of {string.Join(", ", values)}", member.Value);
                Leave();
            }
            return index;
        }
        if (!isRequired)
            return values.Length;
        Missing(name);
        return -1;
    }

    private void ExpectedName(string expected, string name) => errors.Add(Path(), $"expected a name that is {expected}, found \"{name}\"");
}
