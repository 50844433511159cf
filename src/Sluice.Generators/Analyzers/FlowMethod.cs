using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers;

/// <summary>A method with at least one of our attributes, as the analyzers look at it.</summary>
internal sealed class FlowMethod(IMethodSymbol symbol, ImmutableArray<AttributeData> attributes, CancellationToken cancellation, AnalyzerConfigOptions? options)
{
    // Made when asked for: each analyzer has its own look at the method, and most ask for one kind.
    private AttributeData[]? _deployments;
    private AttributeData[]? _schedules;

    public IMethodSymbol Symbol { get; } = symbol;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Its [Flow], if any.</summary>
    public AttributeData? Flow { get; } = First(attributes, Symbols.Flow);

    /// <summary>Its [Deployment]s in order.</summary>
    public IReadOnlyList<AttributeData> Deployments => _deployments ??= All(attributes, Symbols.Deployment);

    /// <summary>Its [Schedule]s in order.</summary>
    public IReadOnlyList<AttributeData> Schedules => _schedules ??= All(attributes, Symbols.Schedule);

    /// <summary>The attributes that can carry a schedule.</summary>
    public IEnumerable<AttributeData> Scheduling => Deployments.Concat(Schedules);

    /// <summary>The schedules as declared, read once for all analyzers.</summary>
    public DeclaredSchedule[] Declared => Schedules.Count == 0 && Deployments.Count == 1
        ? DeclaredSchedule.Of(Deployments[0])
        : [.. Scheduling.SelectMany(DeclaredSchedule.Of)];

    /// <summary>The flow's name, given or by default.</summary>
    public string Name => Flow?.FirstText() ?? Names.Flow(Symbol.Name);

    /// <summary>The method, when it has one of our attributes.</summary>
    public static FlowMethod? Of(ISymbol symbol, CancellationToken cancellation, AnalyzerConfigOptions? options = null)
    {
        if (symbol is not IMethodSymbol { MethodKind: MethodKind.Ordinary or MethodKind.LocalFunction } method || method.PartialDefinitionPart is not null)
            return null;
        ImmutableArray<AttributeData> attributes = method.GetAttributes();
        foreach (AttributeData attribute in attributes)
            if (attribute.IsOurs(Symbols.Flow) || attribute.IsOurs(Symbols.Deployment) || attribute.IsOurs(Symbols.Schedule))
                return new(method, attributes, cancellation, options);
        return null;
    }

    /// <summary>An MSBuild property of the project, where the compiler sees it; null where it is not set.</summary>
    public string? Property(string name) =>
        options is not null && options.TryGetValue("build_property." + name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>The method's name.</summary>
    public Location Identifier => Symbol.Locations.FirstOrDefault() ?? Location.None;

    /// <summary>The whole attribute.</summary>
    public Location Whole(AttributeData attribute) => Syntax(attribute)?.GetLocation() ?? Identifier;

    /// <summary>The attribute's own name.</summary>
    public Location NameOf(AttributeData attribute) => Syntax(attribute)?.Name.GetLocation() ?? Identifier;

    /// <summary>The expression of the attribute's named argument, or of its first one when no name is given.</summary>
    public ExpressionSyntax? Argument(AttributeData attribute, string? name = null) =>
        Syntax(attribute)?.ArgumentList?.Arguments.FirstOrDefault(argument =>
            name is null ? argument.NameEquals is null : argument.NameEquals?.Name.Identifier.ValueText == name)?.Expression;

    /// <summary>The argument's place, or the attribute's.</summary>
    public Location Place(AttributeData attribute, string? name = null) => Argument(attribute, name)?.GetLocation() ?? Whole(attribute);

    /// <summary>The place of some characters of an argument's text.</summary>
    public Location Place(AttributeData attribute, string? name, int offset, int length) =>
        Argument(attribute, name) is not { } expression ? Whole(attribute)
            : (name is null ? attribute.FirstText() : attribute.Text(name)) is { } text ? LiteralSpans.Locate(expression, text, Constant, offset, length)
            : expression.GetLocation();

    /// <summary>The place of a schedule's text.</summary>
    public Location Place(DeclaredSchedule schedule) => Place(schedule.Attribute, schedule.Argument);

    /// <summary>The place of some characters of a schedule's text.</summary>
    public Location Place(DeclaredSchedule schedule, int offset, int length) => Place(schedule.Attribute, schedule.Argument, offset, length);

    /// <summary>A parameter's type as written.</summary>
    public Location TypeOf(IParameterSymbol parameter) => ParameterSyntax(parameter)?.Type?.GetLocation() ?? parameter.Locations.FirstOrDefault() ?? Identifier;

    /// <summary>The declaration of a parameter.</summary>
    public ParameterSyntax? ParameterSyntax(IParameterSymbol parameter) =>
        parameter.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(Cancellation) as ParameterSyntax;

    /// <summary>The return type as written.</summary>
    public Location ReturnType => Symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(Cancellation) switch
    {
        MethodDeclarationSyntax method => method.ReturnType.GetLocation(),
        LocalFunctionStatementSyntax function => function.ReturnType.GetLocation(),
        _ => Identifier,
    };

    private static AttributeData? First(ImmutableArray<AttributeData> attributes, string name)
    {
        foreach (AttributeData attribute in attributes)
            if (attribute.IsOurs(name))
                return attribute;
        return null;
    }

    private static AttributeData[] All(ImmutableArray<AttributeData> attributes, string name)
    {
        List<AttributeData>? found = null;
        foreach (AttributeData attribute in attributes)
            if (attribute.IsOurs(name))
                (found ??= new(1)).Add(attribute);
        return found is null ? [] : [.. found];
    }

    /// <summary>The value of a constant of the types around the method.</summary>
    private string? Constant(string name)
    {
        for (INamedTypeSymbol? type = Symbol.ContainingType; type is not null; type = type.ContainingType)
            if (type.GetMembers(name).OfType<IFieldSymbol>().FirstOrDefault() is { HasConstantValue: true, ConstantValue: string value })
                return value;
        return null;
    }

    private AttributeSyntax? Syntax(AttributeData attribute) => attribute.ApplicationSyntaxReference?.GetSyntax(Cancellation) as AttributeSyntax;
}
