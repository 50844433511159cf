using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Testing.Prefect;

/// <summary>Judges values by the schemas of an OpenAPI document, in the words of the pydantic that Prefect judges them with: 1 in 2.10, 2 in 3.x.</summary>
internal sealed class OpenApiValues(JsonElement document, bool isPrefect2)
{
    public Misfit Missing(IReadOnlyList<string> place) => isPrefect2 ? new("value_error.missing", place, "field required") : new("missing", place, "Field required");

    public void Check(JsonElement value, JsonElement schema, IReadOnlyList<string> place, List<Misfit> misfits) => Check(value, schema, false, place, misfits);

    private void Check(JsonElement value, JsonElement schema, bool isParameters, IReadOnlyList<string> place, List<Misfit> misfits)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            string name = reference.GetString()!.Split('/')[^1];
            // What is no model of its own but the parameters of a function.
            Check(value, document.GetProperty("components").GetProperty("schemas").GetProperty(name), name.StartsWith("Body_", StringComparison.Ordinal), place, misfits);
            return;
        }

        foreach (string union in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(union, out JsonElement branches))
            {
                CheckUnion(value, branches, place, misfits);
                return;
            }
        }

        if (schema.TryGetProperty("allOf", out JsonElement parts))
        {
            foreach (JsonElement part in parts.EnumerateArray())
            {
                Check(value, part, place, misfits);
            }
        }

        int before = misfits.Count;
        // Pydantic takes a number of seconds for a duration.
        bool isSeconds = value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("format", out JsonElement format) && (format.ValueEquals("duration") || format.ValueEquals("time-delta"));
        if (!isSeconds && schema.TryGetProperty("type", out JsonElement type))
        {
            CheckType(value, type.GetString()!, place, misfits);
        }

        if (misfits.Count == before)
        {
            CheckLimits(value, schema, place, misfits);
            CheckMembers(value, schema, isParameters, place, misfits);
        }
    }

    /// <summary>Every branch complains, as with pydantic, unless one is meant: it fits but for a value.</summary>
    private void CheckUnion(JsonElement value, JsonElement branches, IReadOnlyList<string> place, List<Misfit> misfits)
    {
        List<Misfit> all = [];
        foreach (JsonElement branch in branches.EnumerateArray())
        {
            List<Misfit> own = [];
            Check(value, branch, place, own);
            if (own.Count == 0)
            {
                return;
            }

            if (own.TrueForAll(misfit => !misfit.IsShape))
            {
                all = own;
                break;
            }

            all.AddRange(own);
        }

        misfits.AddRange(all);
    }

    private void CheckMembers(JsonElement value, JsonElement schema, bool isParameters, IReadOnlyList<string> place, List<Misfit> misfits)
    {
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Check(item, items, [.. place, (index++).ToString(CultureInfo.InvariantCulture)], misfits);
            }
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        bool hasProperties = schema.TryGetProperty("properties", out JsonElement properties);
        string[] required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
        misfits.AddRange(required.Where(name => !value.TryGetProperty(name, out _)).Select(name => Missing([.. place, name])));
        bool open = !schema.TryGetProperty("additionalProperties", out JsonElement others) || others.ValueKind != JsonValueKind.False;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string[] at = [.. place, member.Name];
            if (hasProperties && properties.TryGetProperty(member.Name, out JsonElement own))
            {
                // Pydantic 1 takes null for whatever is optional, and FastAPI for a parameter with a default; their schemas do not say so.
                if (member.Value.ValueKind != JsonValueKind.Null || !(isPrefect2 || isParameters) || required.Contains(member.Name))
                {
                    Check(member.Value, own, at, misfits);
                }
            }
            else if (!open)
            {
                misfits.Add(isPrefect2 ? new("value_error.extra", at, "extra fields not permitted") : new("extra_forbidden", at, "Extra inputs are not permitted"));
            }
            else if (others.ValueKind == JsonValueKind.Object && !(isPrefect2 && member.Value.ValueKind == JsonValueKind.Null))
            {
                Check(member.Value, others, at, misfits);
            }
        }
    }

    private void CheckType(JsonElement value, string type, IReadOnlyList<string> place, List<Misfit> misfits)
    {
        JsonValueKind kind = value.ValueKind;
        bool fits = type switch
        {
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => kind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number),
            "number" => kind == JsonValueKind.Number,
            "array" => kind == JsonValueKind.Array,
            "object" => kind == JsonValueKind.Object,
            _ => kind == JsonValueKind.Null,
        };
        if (!fits)
        {
            (string code, string message) = type switch
            {
                "string" => isPrefect2 ? ("type_error.str", "str type expected") : ("string_type", "Input should be a valid string"),
                "boolean" => isPrefect2 ? ("type_error.bool", "value could not be parsed to a boolean") : ("bool_type", "Input should be a valid boolean"),
                "integer" => isPrefect2 ? ("type_error.integer", "value is not a valid integer") : ("int_type", "Input should be a valid integer"),
                "number" => isPrefect2 ? ("type_error.float", "value is not a valid float") : ("float_type", "Input should be a valid number"),
                "array" => isPrefect2 ? ("type_error.list", "value is not a valid list") : ("list_type", "Input should be a valid list"),
                "object" => isPrefect2 ? ("type_error.dict", "value is not a valid dict") : ("dict_type", "Input should be a valid dictionary"),
                _ => ("none_required", "Input should be None"),
            };
            misfits.Add(new(code, place, message));
        }
    }

    private void CheckLimits(JsonElement value, JsonElement schema, IReadOnlyList<string> place, List<Misfit> misfits)
    {
        void Add(string code2, string code3, string message2, string message3) => misfits.Add(isPrefect2 ? new(code2, place, message2) : new(code3, place, message3));

        if (schema.TryGetProperty("enum", out JsonElement names) && !names.EnumerateArray().Any(name => JsonElement.DeepEquals(name, value)))
        {
            string all = string.Join(", ", names.EnumerateArray().Select(name => $"'{name}'"));
            Add("type_error.enum", "enum", "value is not a valid enumeration member; permitted: " + all, "Input should be " + all);
        }

        if (schema.TryGetProperty("const", out JsonElement constant) && !JsonElement.DeepEquals(constant, value))
        {
            Add("value_error.const", "literal_error", $"unexpected value; permitted: {constant}", $"Input should be '{constant}'");
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            double number = value.GetDouble();
            if (schema.TryGetProperty("minimum", out JsonElement minimum) && number < minimum.GetDouble())
            {
                Add("value_error.number.not_ge", "greater_than_equal", $"ensure this value is greater than or equal to {minimum}", $"Input should be greater than or equal to {minimum}");
            }

            if (schema.TryGetProperty("exclusiveMinimum", out JsonElement above) && number <= above.GetDouble())
            {
                Add("value_error.number.not_gt", "greater_than", $"ensure this value is greater than {above}", $"Input should be greater than {above}");
            }

            if (schema.TryGetProperty("maximum", out JsonElement maximum) && number > maximum.GetDouble())
            {
                Add("value_error.number.not_le", "less_than_equal", $"ensure this value is less than or equal to {maximum}", $"Input should be less than or equal to {maximum}");
            }
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return;
        }

        string text = value.GetString()!;
        if (schema.TryGetProperty("format", out JsonElement format))
        {
            if (format.ValueEquals("uuid") && !Guid.TryParse(text, CultureInfo.InvariantCulture, out _))
            {
                Add("type_error.uuid", "uuid_parsing", "value is not a valid uuid", "Input should be a valid UUID");
            }
            else if (format.ValueEquals("date-time") && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            {
                Add("value_error.datetime", "datetime_parsing", "invalid datetime format", "Input should be a valid datetime");
            }
        }

        if (schema.TryGetProperty("maxLength", out JsonElement longest) && text.Length > longest.GetInt32())
        {
            Add("value_error.any_str.max_length", "string_too_long", $"ensure this value has at most {longest} characters", $"String should have at most {longest} characters");
        }

        if (schema.TryGetProperty("minLength", out JsonElement shortest) && text.Length < shortest.GetInt32())
        {
            Add("value_error.any_str.min_length", "string_too_short", $"ensure this value has at least {shortest} characters", $"String should have at least {shortest} characters");
        }

        if (schema.TryGetProperty("pattern", out JsonElement pattern) && !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant))
        {
            Add("value_error.str.regex", "string_pattern_mismatch", $"string does not match regex \"{pattern}\"", $"String should match pattern '{pattern}'");
        }
    }
}
