using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>The Parameters of an attribute, with the check that judges them.</summary>
internal sealed class ParameterJson
{
    /// <summary>The path of what is wrong with the text as a whole.</summary>
    public const string Whole = "$";

    private readonly Problem _problem;
    private readonly AttributeSyntax _attribute;
    private readonly AttributeData _data;

    private ParameterJson(Problem problem, AttributeSyntax attribute, FlowMethod flow, AttributeData data)
    {
        (_problem, _attribute, _data, Flow) = (problem, attribute, data, flow);
        Known = ParametersJson.Types(flow, out _);
        Text = data.Text("Parameters") ?? "{}";
        Root = JsonParser.Parse(Text, out _);
    }

    public FlowMethod Flow { get; }

    public IReadOnlyDictionary<string, TypeNode?> Known { get; }

    /// <summary>The text; an empty object where none is given.</summary>
    public string Text { get; }

    public JsonNode? Root { get; }

    /// <summary>The parameters at the problem's place; null when they are no JSON object.</summary>
    public static ParameterJson? Of(Problem problem) =>
        problem.Attribute is { } attribute && problem.Flow is { } flow && Problem.Read(flow, attribute) is { } data ? Of(problem, attribute, flow, data) : null;

    /// <summary>The parameters of an attribute of the method; null when they are no JSON object.</summary>
    public static ParameterJson? Of(Problem problem, AttributeSyntax attribute, FlowMethod flow, AttributeData data)
    {
        var json = new ParameterJson(problem, attribute, flow, data);
        return json.Root is { Kind: JsonKind.Object } ? json : null;
    }

    /// <summary>Whether the problem is reported for these characters.</summary>
    public bool IsAt(int offset, int length) => Flow.Place(_data, "Parameters", offset, length).SourceSpan == _problem.Span;

    /// <summary>What does not fit in a text; all of it when it is no JSON.</summary>
    public IReadOnlyList<Misfit> Misfits(string text) => JsonParser.Parse(text, out JsonError? error) is { } json
        ? ParametersJson.Misfits(Flow, json)
        : [new(error!.Offset, error.Length, Whole, error.Message, MisfitKind.Value, [])];

    /// <summary>Offers to make the parameters this text.</summary>
    public void Offer(string kind, string title, string text) => _problem.Offer(kind, title, Set(text));

    private Change? Set(string text) => _attribute.Argument("Parameters") is { } given
        ? StringEdit.Set(given.Expression, text, _problem.Model, _problem.Cancellation)?.Change
        : AttributeEdit.Add(_attribute, "Parameters", StringEdit.Quote(text, _attribute.SyntaxTree.Options));
}
