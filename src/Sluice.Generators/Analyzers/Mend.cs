using System.Collections.Immutable;

namespace Sluice.Generators.Analyzers;

/// <summary>What a diagnostic tells the code fixes: the analyzer knows what was meant, the fix only how to write it.</summary>
internal static class Mend
{
    /// <summary>The new value, unescaped, of the whole text that the marked attribute argument has.</summary>
    public const string Replacement = "replacement";

    /// <summary>The name of an argument to add to the attribute.</summary>
    public const string Argument = "argument";

    /// <summary>The text of the argument to add.</summary>
    public const string Value = "value";

    /// <summary>Put another text in place of the argument's; null where there is none to offer.</summary>
    public static ImmutableDictionary<string, string?>? Replace(string? text) =>
        text is null ? null : ImmutableDictionary<string, string?>.Empty.Add(Replacement, text);

    /// <summary>Add a named argument.</summary>
    public static ImmutableDictionary<string, string?> Add(string argument, string value) =>
        ImmutableDictionary<string, string?>.Empty.Add(Argument, argument).Add(Value, value);
}
