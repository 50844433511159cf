using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Sluice.Runtime.Binding;

/// <summary>
/// A JSON value, whoever parsed it: System.Text.Json at run time, the generator's own parser at compile time. Compiled into the generator as well.
/// </summary>
internal abstract class JsonView
{
    /// <summary>Its type by JSON's grammar, as JSON Schema calls it.</summary>
    public abstract string Type { get; }

    /// <summary>A string's text (empty where it is not valid Unicode), a number as written, true, false or null; null for arrays and objects.</summary>
    public abstract string? Text { get; }

    /// <summary>An array's items.</summary>
    public abstract IEnumerable<JsonView> Items { get; }

    /// <summary>An object's members.</summary>
    public abstract IEnumerable<KeyValuePair<string, JsonView>> Members { get; }

    /// <summary>One text for equal values, as <c>uniqueItems</c> and <c>enum</c> compare: members sorted, 1.0 as 1.</summary>
    public string Canonical => Append(new StringBuilder()).ToString();

    private StringBuilder Append(StringBuilder text)
    {
        switch (Type)
        {
            case "object":
                text.Append('{');
                foreach (var member in Members.OrderBy(member => member.Key, StringComparer.Ordinal))
                    member.Value.Append(Quote(text, member.Key).Append(':')).Append(',');
                return text.Append('}');
            case "array":
                text.Append('[');
                foreach (JsonView item in Items)
                    item.Append(text).Append(',');
                return text.Append(']');
            case "string":
                return Quote(text, Text!);
            case "number":
                return text.Append(NumberText.Of(Text!).ToString());
            default:
                return text.Append(Text);
        }
    }

    private static StringBuilder Quote(StringBuilder text, string value) =>
        text.Append('"').Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);
}
