using System.Text.RegularExpressions;

namespace Sluice.Worker.Templates;

/// <summary>A <c>{{ name }}</c> in a text of a pool's base job template.</summary>
/// <param name="Text">All of it, with its braces.</param>
/// <param name="Name">What it names.</param>
internal sealed partial record Placeholder(string Text, string Name)
{
    private const string Blocks = "prefect.blocks.", Variables = "prefect.variables.";

    /// <summary>What it stands for.</summary>
    public PlaceholderKind Kind =>
        Name.StartsWith(Blocks, StringComparison.Ordinal) ? PlaceholderKind.Block
        : Name.StartsWith(Variables, StringComparison.Ordinal) ? PlaceholderKind.Variable
        : Name.StartsWith('$') ? PlaceholderKind.Environment
        : PlaceholderKind.JobVariable;

    /// <summary>The name without what says its kind.</summary>
    public string Target => Kind switch
    {
        PlaceholderKind.Block => Name[Blocks.Length..],
        PlaceholderKind.Variable => Name[Variables.Length..],
        PlaceholderKind.Environment => Name[1..],
        _ => Name,
    };

    /// <summary>Those of a text, each once.</summary>
    public static IReadOnlyList<Placeholder> In(string text) =>
        text.Contains("{{", StringComparison.Ordinal) ? [.. Pattern().Matches(text).Select(match => new Placeholder(match.Value, match.Groups[1].Value)).Distinct()] : [];

    [GeneratedRegex(@"\{\{\s*([\w.\-\[\]$]+)\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>What a placeholder stands for.</summary>
internal enum PlaceholderKind
{
    /// <summary>A job variable, or a part of one: <c>{{ env.REGION }}</c>.</summary>
    JobVariable,

    /// <summary>A variable of the worker's environment: <c>{{ $HOME }}</c>.</summary>
    Environment,

    /// <summary>A variable of the server: <c>{{ prefect.variables.region }}</c>.</summary>
    Variable,

    /// <summary>A block of the server or a field of one: <c>{{ prefect.blocks.secret.password }}</c>.</summary>
    Block,
}
