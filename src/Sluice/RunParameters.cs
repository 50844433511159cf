using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Runtime;
using Sluice.Runtime.Binding;

namespace Sluice;

/// <summary>
/// Parameters of a run by name, where they are known at run time only: <c>new() { ["city"] = "Oslo", ["days"] = 3 }</c>. Names are those of the schema and case
/// matters. Works without reflection; <see cref="OfObject"/> alone does not.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is what a run takes, and a collection so that it can be written as one.")]
public sealed class RunParameters : IEnumerable<KeyValuePair<string, JsonElement>>
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _values.Count;

    /// <summary>A parameter. It takes null, texts, numbers, booleans, dates and times, durations, ids, bytes, JSON, lists and dictionaries of these; it answers JSON, as <see cref="JsonElement"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">The value is of another type: give it by <see cref="Set{T}"/>.</exception>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public object? this[string name]
    {
        get => _values[name];
        set
        {
            try
            {
                _values[name] = Parameters.ToObject(writer =>
                {
                    writer.WritePropertyName("value");
                    JsonOutput.WriteAny(writer, value);
                }).GetProperty("value");
            }
            catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException or InvalidCastException)
            {
                throw new ArgumentException($"The parameter '{name}' is a {value?.GetType()}, which is written by Set(\"{name}\", value, MyJson.Default.{value?.GetType().Name}).", nameof(value), exception);
            }
        }
    }

    /// <summary>Dictionaries convert by themselves; their values are what the indexer takes.</summary>
    /// <param name="values">Names and values.</param>
    public static implicit operator RunParameters(Dictionary<string, object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var parameters = new RunParameters();
        foreach ((string name, object? value) in values)
            parameters[name] = value;
        return parameters;
    }

    /// <summary>A JSON object's members.</summary>
    /// <param name="json">The object.</param>
    /// <exception cref="ArgumentException">It is no object.</exception>
    public static RunParameters OfJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new ArgumentException($"Parameters are a JSON object, and this is {json.ValueKind}.", nameof(json));
        var parameters = new RunParameters();
        foreach (JsonProperty member in json.EnumerateObject())
            parameters._values[member.Name] = member.Value.Clone();
        return parameters;
    }

    /// <summary>A JSON object's members.</summary>
    /// <param name="json">The object's text.</param>
    /// <exception cref="ArgumentException">It is no object.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static RunParameters OfJson([StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return OfJson(document.RootElement);
    }

    /// <summary>The properties of an object of any type, anonymous ones too, by reflection: not for programs that are trimmed or compiled ahead of time.</summary>
    /// <param name="value">The object; its properties' names are the parameters'.</param>
    [RequiresUnreferencedCode("Reads the properties by reflection: use the indexer, or Set with a source-generated type.")]
    [RequiresDynamicCode("Reads the properties by reflection: use the indexer, or Set with a source-generated type.")]
    public static RunParameters OfObject(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return OfJson(JsonSerializer.SerializeToElement(value, value.GetType()));
    }

    /// <summary>Sets a parameter of a type of one's own.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="type">How it becomes JSON, from a source-generated context.</param>
    /// <returns>This.</returns>
    public RunParameters Set<T>(string name, T value, JsonTypeInfo<T> type)
    {
        _values[name] = JsonSerializer.SerializeToElement(value, type);
        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, JsonElement>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal IReadOnlyDictionary<string, JsonElement> ToObject() => new Dictionary<string, JsonElement>(_values, StringComparer.Ordinal);
}
