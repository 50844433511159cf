using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Emitting;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;
using Sluice.Schemas;

namespace Sluice.Generators.Parsing;

/// <summary>Reads the attributes of a parameter or member as constraints. What cannot be one is left out, with the problem noted.</summary>
/// <param name="type">The type they stand on.</param>
/// <param name="types">The enums that the type may name.</param>
/// <param name="owner">What they stand on.</param>
/// <param name="path">From the flow's parameter to there.</param>
/// <param name="problems">Where problems go; null when nobody asks.</param>
internal sealed class ConstraintParser(TypeNode type, Func<TypeTable> types, ISymbol owner, string path, List<ConstraintProblem>? problems)
{
    private const string Annotations = "System.ComponentModel.DataAnnotations";

    private readonly TypeNode _bare = type is NullableNode nullable ? nullable.Inner : type;
    private Constraints _found = Constraints.None;
    private AttributeData? _defaultAttribute;

    /// <summary>The JSON of [DefaultValue], if there is one.</summary>
    public string? DefaultJson { get; private set; }

    /// <summary>Reads; null when there is nothing to say, which is so for most.</summary>
    public Constraints? Read(params ISymbol?[] symbols)
    {
        foreach (ISymbol? symbol in symbols)
            if (symbol is not null)
                foreach (AttributeData attribute in symbol.GetAttributes())
                    Read(attribute);
        CheckWhole();
        return _found == Constraints.None ? null : _found;
    }

    /// <summary>Notes a default that the constraints refuse.</summary>
    /// <param name="parameter">The parameter whose default it is: the flow's, or of the constructor that fills a member.</param>
    /// <param name="constraints">What was read.</param>
    public void CheckDefault(IParameterSymbol? parameter, Constraints? constraints)
    {
        if (problems is null || constraints is null)
            return;
        bool isOwn = parameter is { HasExplicitDefaultValue: true };
        string? json = isOwn ? Literals.Json(new DefaultValue(parameter!.ExplicitDefaultValue), type, types()) : DefaultJson;
        if (json is not null && Json.JsonParser.Parse(json, out _) is { } node && Json.ConstraintCheck.Expected(node, constraints) is { } expected)
            problems.Add(new(ConstraintRule.Default, isOwn ? null : _defaultAttribute, isOwn ? parameter! : owner, path, $"the default {(constraints.IsSecret ? "" : json + " ")}is refused: expected {expected}"));
    }

    private void Read(AttributeData attribute)
    {
        if (attribute.AttributeClass is not { } kind)
            return;
        if (kind.Is("Sluice", "SecretAttribute"))
            ReadSecret(attribute);
        else if (kind.Is("System.ComponentModel", "DescriptionAttribute"))
            _found = _found with { Description = attribute.FirstText().WithPlainLineEnds() ?? _found.Description };
        else if (kind.Is("System.ComponentModel", "DefaultValueAttribute"))
            ReadDefault(attribute);
        else if (kind.Is(Annotations, kind.Name))
            ReadAnnotation(attribute, kind.Name);
        else if (IsValidation(kind))
            Problem(ConstraintRule.Unchecked, attribute, $"[{Short(kind.Name)}] is not checked: a schema cannot express it");
    }

    private void ReadAnnotation(AttributeData attribute, string name)
    {
        switch (name)
        {
            case "RangeAttribute":
                ReadRange(attribute);
                break;
            case "StringLengthAttribute":
                if (IsText(attribute))
                    Lengths(attribute, attribute.Named("MinimumLength")?.Value as int? ?? 0, Number(attribute, 0));
                break;
            case "MinLengthAttribute":
                if (HasLength(attribute))
                    Lengths(attribute, Number(attribute, 0), int.MaxValue);
                break;
            case "MaxLengthAttribute":
                // Without a length it means what a database allows.
                if (HasLength(attribute) && attribute.ConstructorArguments.Length > 0)
                    Lengths(attribute, 0, Number(attribute, 0) is -1 ? int.MaxValue : Number(attribute, 0));
                break;
            case "LengthAttribute":
                if (HasLength(attribute))
                    Lengths(attribute, Number(attribute, 0), Number(attribute, 1));
                break;
            case "RegularExpressionAttribute":
                if (IsText(attribute) && attribute.FirstText() is { } regex)
                    ReadRegex(attribute, regex);
                break;
            case "EmailAddressAttribute":
                if (IsText(attribute))
                    _found = _found with { Forms = _found.Forms | TextForms.Email };
                break;
            case "UrlAttribute":
                if (_bare is ScalarNode { Kind: ScalarKind.Uri } || IsText(attribute))
                    _found = _found with { Forms = _found.Forms | TextForms.Url };
                break;
            case "Base64StringAttribute":
                if (IsText(attribute))
                    _found = _found with { Forms = _found.Forms | TextForms.Base64 };
                break;
            case "AllowedValuesAttribute":
                ReadValues(attribute, isAllowed: true);
                break;
            case "DeniedValuesAttribute":
                ReadValues(attribute, isAllowed: false);
                break;
            case "RequiredAttribute":
                bool needsText = _bare is ScalarNode { Kind: ScalarKind.String } && attribute.Flag("AllowEmptyStrings") != true;
                _found = _found with { IsRequired = true, RefusesNull = true, MinimumLength = Math.Max(_found.MinimumLength, needsText ? 1 : 0) };
                break;
            case "DisplayAttribute":
                // With a resource type, the texts are names of resources.
                if (attribute.Named("ResourceType") is null)
                    _found = _found with { Title = attribute.Text("Name").WithPlainLineEnds(), Description = _found.Description ?? attribute.Text("Description").WithPlainLineEnds() };
                _found = _found with { Order = attribute.Named("Order")?.Value as int? };
                break;
            default:
                if (IsValidation(attribute.AttributeClass!))
                    Problem(ConstraintRule.Unchecked, attribute, $"[{Short(name)}] is not checked: a schema cannot express it");
                break;
        }
    }

    private void ReadSecret(AttributeData attribute)
    {
        if (_bare is ScalarNode { Kind: ScalarKind.String })
            _found = _found with { IsSecret = true };
        else
            Problem(ConstraintRule.WrongType, attribute, "[Secret] stands on strings only");
    }

    private void ReadRange(AttributeData attribute)
    {
        if (_bare is not ScalarNode { Kind: var kind } || !kind.IsNumber())
        {
            Problem(ConstraintRule.WrongType, attribute, "[Range] stands on numbers only");
            return;
        }
        var arguments = attribute.ConstructorArguments;
        if (arguments.Length < 2)
            return;
        string? low = BoundText(arguments[arguments.Length - 2], out bool lowIsOpen), high = BoundText(arguments[arguments.Length - 1], out bool highIsOpen);
        if ((low is null && !lowIsOpen) || (high is null && !highIsOpen))
        {
            Problem(ConstraintRule.Impossible, attribute, "the ends of [Range] are numbers, as \"0.5\"");
            return;
        }
        ScalarFacts facts = kind.Facts();
        bool lowIsExclusive = attribute.Flag("MinimumIsExclusive") == true, highIsExclusive = attribute.Flag("MaximumIsExclusive") == true;
        // Wider than the type is as wide as the type.
        Bound? minimum = low is null || Compare(low, facts.Minimum!) < 0 ? null : new(low, lowIsExclusive);
        Bound? maximum = high is null || Compare(high, facts.Maximum!) > 0 ? null : new(high, highIsExclusive);
        int order = Compare(minimum?.Number ?? facts.Minimum!, maximum?.Number ?? facts.Maximum!);
        if (order > 0 || (order == 0 && (minimum?.IsExclusive == true || maximum?.IsExclusive == true)))
            Problem(ConstraintRule.Impossible, attribute, $"no {facts.CSharp.Replace("global::System.", "")} is between {low} and {high}");
        else
            _found = _found with { Minimum = minimum, Maximum = maximum };
    }

    private void ReadRegex(AttributeData attribute, string regex)
    {
        // Looked into only where somebody asks: this runs after every keystroke.
        if (problems is not null && PortablePattern.Read(regex, whole: true, out PatternProblem? problem) is null)
            problems.Add(new(ConstraintRule.Pattern, attribute, owner, path, problem!.Message, problem.Offset, problem.Length));
        _found = _found with { Regex = regex };
    }

    private void ReadValues(AttributeData attribute, bool isAllowed)
    {
        if (_bare is not ScalarNode && !(_bare is EnumNode enumeration && !types().Enum(enumeration.Name).IsFlags))
        {
            Problem(ConstraintRule.WrongType, attribute, $"[{(isAllowed ? "Allowed" : "Denied")}Values] stands on numbers, strings, booleans and enums only");
            return;
        }
        var values = new List<string>();
        bool hasNull = false, isEmpty = true;
        foreach (TypedConstant constant in attribute.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0] is { Kind: TypedConstantKind.Array, IsNull: false } array
            ? array.Values : attribute.ConstructorArguments)
        {
            isEmpty &= constant.IsNull;
            if (constant.IsNull)
                hasNull = true;
            else if (AsJson(constant) is { } json)
                values.Add(json);
            else
                Problem(ConstraintRule.Impossible, attribute, $"{constant.ToCSharpString()} is no {Word()}");
        }
        if (isAllowed && isEmpty)
            Problem(ConstraintRule.Impossible, attribute, "no value is allowed");
        bool refusesNull = _found.RefusesNull || hasNull != isAllowed;
        _found = isAllowed ? _found with { Allowed = values.ToEquatable(), RefusesNull = refusesNull } : _found with { Denied = values.ToEquatable(), RefusesNull = refusesNull };
    }

    private void ReadDefault(AttributeData attribute)
    {
        var arguments = attribute.ConstructorArguments;
        if (arguments.Length == 0)
            return;
        TypedConstant constant = arguments[arguments.Length - 1];
        string? json = constant.IsNull ? (type is NullableNode ? "null" : null) : AsJson(constant);
        if (json is null)
            Problem(ConstraintRule.Default, attribute, $"{(constant.IsNull ? "null" : constant.ToCSharpString())} is no {Word()}");
        else
            DefaultJson = json;
        _defaultAttribute = attribute;
    }

    /// <summary>A constant as JSON of the type; null when the type does not take it.</summary>
    private string? AsJson(TypedConstant constant)
    {
        if (constant.Kind is not (TypedConstantKind.Primitive or TypedConstantKind.Enum) || constant.Value is not { } value)
            return null;
        string? json = (_bare, value) switch
        {
            (EnumNode, _) => constant.Kind == TypedConstantKind.Enum ? Literals.Json(new DefaultValue(value), _bare, types()) : null,
            // [DefaultValue(typeof(decimal), "1.5")] and the like.
            (ScalarNode { Kind: ScalarKind.Boolean }, string text) => text.ToLowerInvariant(),
            (ScalarNode { Kind: var kind }, string text) when kind.IsNumber() => text,
            (ScalarNode scalar, _) => Literals.Json(new DefaultValue(value), scalar, types()),
            _ => null,
        };
        if (json is null || Json.JsonParser.Parse(json, out _) is not { } node)
            return null;
        var check = new Json.ValueCheck(types());
        check.Check(node, _bare, path);
        return check.Misfits.Count == 0 ? json : null;
    }

    private void Lengths(AttributeData attribute, int minimum, int maximum)
    {
        if (minimum < 0 || maximum < 0 || minimum > maximum)
            Problem(ConstraintRule.Impossible, attribute, $"no length is between {Invariant(minimum)} and {Invariant(maximum)}");
        else
            _found = _found with { MinimumLength = Math.Max(_found.MinimumLength, minimum), MaximumLength = Math.Min(_found.MaximumLength, maximum) };
    }

    private bool IsText(AttributeData attribute)
    {
        if (_bare is ScalarNode { Kind: ScalarKind.String })
            return true;
        Problem(ConstraintRule.WrongType, attribute, $"[{Short(attribute.AttributeClass!.Name)}] stands on strings only");
        return false;
    }

    private bool HasLength(AttributeData attribute)
    {
        if (_bare is ScalarNode { Kind: ScalarKind.String } || ConstraintEmitter.LengthKeyword(_bare) is not null)
            return true;
        Problem(ConstraintRule.WrongType, attribute, $"[{Short(attribute.AttributeClass!.Name)}] stands on strings, lists and dictionaries only");
        return false;
    }

    private void CheckWhole()
    {
        if (problems is null)
            return;
        if (_found.MinimumLength > _found.MaximumLength)
            problems.Add(new(ConstraintRule.Impossible, null, owner, path, $"no length is at least {Invariant(_found.MinimumLength)} and at most {Invariant(_found.MaximumLength)}"));
        if (_found.Allowed.Count > 0 && _found.Allowed.All(value => _found.Denied.Contains(value)))
            problems.Add(new(ConstraintRule.Impossible, null, owner, path, "every allowed value is denied"));
    }

    private static string? BoundText(TypedConstant constant, out bool isOpen)
    {
        isOpen = constant.Value is double number && double.IsInfinity(number);
        return constant.Value switch
        {
            int whole => Invariant(whole),
            double real when !double.IsNaN(real) && !isOpen => real.ToString("R", CultureInfo.InvariantCulture),
            string text when Json.JsonParser.Parse(text, out _) is { Kind: Json.JsonKind.Number } => text.Trim(),
            _ => null,
        };
    }

    private static int Compare(string left, string right) => NumberText.Of(left).CompareTo(NumberText.Of(right));

    private static int Number(AttributeData attribute, int index) =>
        attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index].Value is int number ? number : 0;

    private static bool IsValidation(INamedTypeSymbol kind)
    {
        for (INamedTypeSymbol? parent = kind.BaseType; parent is not null; parent = parent.BaseType)
            if (parent.Is(Annotations, "ValidationAttribute"))
                return true;
        return false;
    }

    private string Word() => _bare is ScalarNode scalar ? scalar.Kind.Facts().Word : "value of the type";

    private static string Short(string attribute) =>
        attribute.EndsWith("Attribute", StringComparison.Ordinal) ? attribute.Substring(0, attribute.Length - "Attribute".Length) : attribute;

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Problem(ConstraintRule rule, AttributeData attribute, string message) => problems?.Add(new(rule, attribute, owner, path, message));
}
