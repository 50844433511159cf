using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Generators.Parsing;

/// <summary>
/// The rules that a flow has to keep, each asked by the generator (which then leaves the flow out) and by the analyzer that explains it.
/// </summary>
internal static class FlowRules
{
    /// <summary>Why generated code cannot call the method; null when it can.</summary>
    public static string? Unreachable(IMethodSymbol method)
    {
        if (method.MethodKind != MethodKind.Ordinary)
            return "is a local function; make it a method of a class";
        if (method.IsGenericMethod)
            return "is generic; a flow has no type arguments";
        if (method.IsAbstract)
            return "is abstract; a flow needs a body";
        for (INamedTypeSymbol? type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            if (type.IsGenericType)
                return $"is in the generic type '{type.Name}'; move it to a type without type parameters";
            if (type.IsFileLocal)
                return $"is in the file-local type '{type.Name}'; make that internal or public";
        }
        return method.IsReachable(method.ContainingAssembly) ? null : "is not accessible; make it and the types around it internal or public";
    }

    /// <summary>The oldest C# that generated code is written in.</summary>
    public const LanguageVersion OldestLanguage = LanguageVersion.CSharp9;

    /// <summary>The language version of the method's file, when generated code does not compile with it.</summary>
    public static LanguageVersion? TooOldLanguage(IMethodSymbol method) =>
        method.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < OldestLanguage } options ? options.LanguageVersion : null;

    /// <summary>Whether another flow method of the same type has the same name, so that the entrypoint would name both.</summary>
    public static bool IsOverloaded(IMethodSymbol method)
    {
        foreach (ISymbol member in method.ContainingType.GetMembers(method.Name))
            if (member is IMethodSymbol other && !SymbolEqualityComparer.Default.Equals(other, method)
                && !SymbolEqualityComparer.Default.Equals(other.PartialImplementationPart, method)
                && !SymbolEqualityComparer.Default.Equals(other.PartialDefinitionPart, method)
                && other.Ours(Symbols.Flow) is not null)
                return true;
        return false;
    }

    /// <summary>What is wrong with a flow's or deployment's name: null for nothing, else the offending character or an empty text for an empty name.</summary>
    public static string? BadName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return "";
        int at = name.IndexOfAny(Names.Banned.ToCharArray());
        return at < 0 ? null : name.Substring(at, 1);
    }

    /// <summary>Why a parameter cannot be passed; null when it can.</summary>
    public static string? BadPassing(IParameterSymbol parameter) => parameter.RefKind switch
    {
        RefKind.Ref => "ref",
        RefKind.Out => "out",
        RefKind.In => "in",
        RefKind.RefReadOnlyParameter => "ref readonly",
        _ when parameter.IsParams && parameter.Type.IsRefLikeType => "a params span",
        _ => null,
    };

    /// <summary>What the host passes, if anything.</summary>
    public static Model.InjectedKind Injected(ITypeSymbol type) =>
        type.Is("Sluice", "FlowContext") ? Model.InjectedKind.Context
        : type.Is("System.Threading", "CancellationToken") ? Model.InjectedKind.Cancellation
        : type is INamedTypeSymbol { Arity: 0 } && type.Is("Microsoft.Extensions.Logging", "ILogger") ? Model.InjectedKind.Logger
        : Model.InjectedKind.None;

    /// <summary>Whether a run cannot start without a value for the parameter.</summary>
    public static bool IsRequired(IParameterSymbol parameter) => Default(parameter) is null && Injected(parameter.Type) == Model.InjectedKind.None;

    /// <summary>What the parameter is when no one gives it; null when someone must.</summary>
    public static Model.DefaultValue? Default(IParameterSymbol parameter) =>
        parameter.HasExplicitDefaultValue ? new(parameter.ExplicitDefaultValue)
        : parameter.IsParams || IsExtras(parameter) ? Model.DefaultValue.Empty
        : null;

    /// <summary>Whether it takes what else is given.</summary>
    public static bool IsExtras(IParameterSymbol parameter) => parameter.Ours("ExtraParametersAttribute") is not null;

    /// <summary>Why a parameter cannot take what else is given; null when it can or does not ask for it.</summary>
    public static string? BadExtras(IParameterSymbol parameter)
    {
        if (!IsExtras(parameter))
            return null;
        foreach (IParameterSymbol other in parameter.ContainingSymbol is IMethodSymbol method ? method.Parameters : [])
            if (other.Ordinal < parameter.Ordinal && IsExtras(other))
                return $"is [ExtraParameters], and so is '{other.Name}'; only one can be";
        bool isDictionary = parameter.Type is INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_String }, var value] } type
            && value.Is("System.Text.Json", "JsonElement") && Model.Collections.Find(type.Name, 2) is { } row && type.Is(row.Space, row.Name);
        return isDictionary ? null : "is [ExtraParameters] and must be an IDictionary<string, JsonElement>";
    }

    /// <summary>Takes a return type apart.</summary>
    /// <returns>Whether it is awaited, and the value's type or null.</returns>
    public static (bool IsAwaited, ITypeSymbol? Value) Result(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
            return (false, null);
        if (method.ReturnType is INamedTypeSymbol { Arity: <= 1 } type
            && (type.Is("System.Threading.Tasks", "Task") || type.Is("System.Threading.Tasks", "ValueTask")))
            return (true, type.TypeArguments.FirstOrDefault());
        return (false, method.ReturnType);
    }
}
