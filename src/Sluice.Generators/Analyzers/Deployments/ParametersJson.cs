using Microsoft.CodeAnalysis;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>The parameters that attributes give, and the types that they are for.</summary>
internal static class ParametersJson
{
    /// <summary>Each attribute whose Parameters are a JSON object.</summary>
    public static IEnumerable<(AttributeData Attribute, JsonNode Json)> Of(FlowMethod flow)
    {
        if (flow.Flow is null)
            yield break;
        foreach (AttributeData attribute in flow.Scheduling)
            if (AttributeReading.Of(attribute).Parameters?.Object is { } json)
                yield return (attribute, json);
    }

    /// <summary>The flow's parameters by their names in JSON, in order; null for one of an unsupported type, which has a rule of its own.</summary>
    public static IReadOnlyDictionary<string, TypeNode?> Types(FlowMethod flow, out TypeTable types)
    {
        var parser = new FlowTypes(flow.Symbol.ContainingAssembly, forInput: true, flow.Cancellation);
        var known = new Dictionary<string, TypeNode?>(StringComparer.Ordinal);
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
            if (FlowRules.Injected(parameter.Type) == InjectedKind.None)
                known[Names.Camel(parameter.Name)] =
                    parser.Parse(parameter.Type, parameter.Name, parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: null });
        types = parser.Table();
        return known;
    }

    /// <summary>What in a JSON object does not fit the parameters. Unknown names are another rule's.</summary>
    public static IReadOnlyList<Misfit> Misfits(FlowMethod flow, JsonNode json)
    {
        IReadOnlyDictionary<string, TypeNode?> known = Types(flow, out TypeTable types);
        var check = new ValueCheck(types);
        foreach (JsonMember member in json.Members)
            if (known.TryGetValue(member.Name, out TypeNode? type) && type is not null)
            {
                IParameterSymbol parameter = flow.Symbol.Parameters.First(candidate => Names.Camel(candidate.Name) == member.Name);
                check.Check(member.Value, type, "$." + member.Name, new ConstraintParser(type, () => types, parameter, parameter.Name, problems: null).Read(parameter));
            }
        return check.Misfits;
    }
}
