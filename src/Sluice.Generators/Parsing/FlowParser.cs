using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>Turns a method marked [Flow] into its model; null when a rule is broken, which the analyzers explain.</summary>
internal static class FlowParser
{
    public static FlowModel? Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        if (context.TargetSymbol is not IMethodSymbol method || !method.IsStatic || FlowRules.TooOldLanguage(method) is not null || LacksName(method) || FlowRules.Unreachable(method) is not null || FlowRules.IsOverloaded(method))
            return null;
        AttributeData flow = context.Attributes[0];
        if (flow.ConstructorArguments is not [{ Kind: TypedConstantKind.Primitive } nameArgument])
            return null;
        string name = nameArgument.Value as string ?? Names.Flow(method.Name);
        if (FlowRules.BadName(name) is not null || Arguments(method, cancellation) is not { } arguments || Result(method, cancellation) is not { } result)
            return null;
        int retries = flow.Named("Retries")?.Value as int? ?? 0;
        double retryDelay = flow.Named("RetryDelaySeconds")?.Value as double? ?? 0;
        int crashRetries = flow.Named("CrashRetries")?.Value as int? ?? 0;
        double timeout = flow.Named("TimeoutSeconds")?.Value as double? ?? 0;
        if (retries < 0 || crashRetries < 0 || !IsDuration(retryDelay) || !IsDuration(timeout))
            return null;

        TypeWalks walks = TypeWalks.Of(method.ContainingAssembly);
        if (walks.Hidden is not null)
            return null;
        string type = walks.Name(method.ContainingType);
        string path = $"{type.Substring("global::".Length).Replace("@", "")}.{method.Name}";
        return new FlowModel(
            name,
            Names.Flat(path),
            $"{context.SemanticModel.Compilation.AssemblyName}.dll!{path}",
            $"{type}.{Names.Escape(method.Name)}",
            flow.Text("Description").WithPlainLineEnds() ?? method.Description(),
            flow.Text("Version"),
            retries,
            retryDelay,
            crashRetries,
            timeout,
            flow.Flag("PersistResult") ?? false,
            RawDocs.Of(context.TargetNode),
            IsObsolete(method),
            arguments.List,
            result.Model,
            arguments.Types,
            result.Types,
            DeploymentParser.Parse(method));
    }

    private static bool IsObsolete(IMethodSymbol method)
    {
        for (ISymbol current = method; current is not INamespaceSymbol { IsGlobalNamespace: true }; current = current.ContainingSymbol)
            if (current.HasAttribute("System", "ObsoleteAttribute"))
                return true;
        return false;
    }

    /// <summary>Whether a name is still to be typed; the compiler says so, hence no analyzer does.</summary>
    private static bool LacksName(IMethodSymbol method)
    {
        for (ISymbol current = method; current is not INamespaceSymbol { IsGlobalNamespace: true }; current = current.ContainingSymbol)
            if (!current.CanBeReferencedByName)
                return true;
        foreach (IParameterSymbol parameter in method.Parameters)
            if (parameter.Name.Length == 0)
                return true;
        return false;
    }

    /// <summary>Whether a number of seconds is one that a run can wait for.</summary>
    public static bool IsDuration(double seconds) => seconds >= 0 && seconds <= int.MaxValue;

    private static (EquatableArray<ArgumentModel> List, TypeTable Types)? Arguments(IMethodSymbol method, CancellationToken cancellation)
    {
        var types = new FlowTypes(method.ContainingAssembly, forInput: true, cancellation);
        var arguments = new List<ArgumentModel>();
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (FlowRules.BadPassing(parameter) is not null || FlowRules.BadExtras(parameter) is not null)
                return null;
            InjectedKind injected = FlowRules.Injected(parameter.Type);
            string jsonName = Names.Camel(parameter.Name);
            if (injected != InjectedKind.None)
            {
                arguments.Add(new(parameter.Name, jsonName, injected, null, false, null));
                continue;
            }
            DefaultValue? value = FlowRules.Default(parameter);
            if (arguments.Exists(other => other.Injected == InjectedKind.None && other.JsonName == jsonName)
                || types.Parse(parameter.Type, parameter.Name, nullable: value is { Value: null }) is not { } type)
                return null;
            Constraints? constraints = null;
            if (!parameter.GetAttributes().IsEmpty)
            {
                var parser = new ConstraintParser(type, types.Table, parameter, parameter.Name, problems: null);
                constraints = parser.Read(parameter);
                value ??= parser.DefaultJson is { } json ? new(null, json) : null;
            }
            arguments.Add(new(parameter.Name, jsonName, injected, type, value is null, value, constraints));
        }
        return types.Problems.Count == 0 ? (arguments.ToEquatable(), types.Table()) : null;
    }

    private static (ResultModel Model, TypeTable Types)? Result(IMethodSymbol method, CancellationToken cancellation)
    {
        (bool isAwaited, ITypeSymbol? value) = FlowRules.Result(method);
        var types = new FlowTypes(method.ContainingAssembly, forInput: false, cancellation);
        if (value is null)
            return (new(isAwaited, null), types.Table());
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
            return null;
        return types.Parse(value, "result") is { } type && types.Problems.Count == 0 ? (new(isAwaited, type), types.Table()) : null;
    }
}
