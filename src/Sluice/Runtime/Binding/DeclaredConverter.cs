using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Runtime.Binding;

/// <summary>
/// Reads and writes a type through a converter of the user's. Whether a value is taken is decided by the declared schema alone, as on the server;
/// what the converter refuses beyond it fails the run.
/// </summary>
/// <param name="make">Makes the converter, when it is first needed.</param>
/// <param name="schema">What JSON it takes, its patterns ones of .NET.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class DeclaredConverter<T>(Func<JsonConverter<T>> make, string schema)
{
    private readonly JsonSerializerOptions _options = new();
    private readonly Lazy<JsonConverter<T>> _converter = new(make);
    private readonly Lazy<DeclaredSchema> _schema = new(() => DeclaredSchema.Read(new ElementView(JsonDocument.Parse(schema).RootElement)));

    /// <summary>Reads a value.</summary>
    /// <exception cref="JsonException">The converter refuses what the schema takes.</exception>
    public T Read(JsonBinder binder, JsonElement json)
    {
        if (!binder.Constructs)
        {
            binder.Judge(json, _schema.Value);
            return default!;
        }
        JsonConverter<T> converter = _converter.Value;
        if (json.ValueKind == JsonValueKind.Null && !converter.HandleNull && default(T) is null)
            return default!;
        try
        {
            var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(json));
            reader.Read();
            return converter.Read(ref reader, typeof(T), _options)!;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new JsonException($"{binder.Place}: {converter.GetType().Name} refuses what its declared schema takes: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a value.</summary>
    public void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is null && !_converter.Value.HandleNull)
            writer.WriteNullValue();
        else
            _converter.Value.Write(writer, value!, _options);
    }
}
