using System.Collections.Generic;

namespace Sluice.Runtime.Binding;

/// <summary>A JSON value, whoever parsed it: System.Text.Json at run time, the generator's own parser at compile time.</summary>
internal abstract class JsonView
{
    /// <summary>Its type by JSON's grammar, as JSON Schema calls it.</summary>
    public abstract string Type { get; }

    /// <summary>A string's text, a number as written, true, false or null; null for text that is not valid Unicode, and for others.</summary>
    public abstract string? Text { get; }

    /// <summary>An array's items.</summary>
    public abstract IEnumerable<JsonView> Items { get; }

    /// <summary>An object's members.</summary>
    public abstract IEnumerable<KeyValuePair<string, JsonView>> Members { get; }

    /// <summary>One text for equal values.</summary>
    public abstract string Canonical { get; }
}
